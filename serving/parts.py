"""What routes answer from: opened once for a process, and handed to every router."""

from dataclasses import dataclass

from common.postgres.database import Database
from serving.database.records import Records


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a process that answers.

    ``reading`` are sessions that may only read, their statements with a deadline; each is handed
    on as it was left, so a route leaves no transaction and no setting behind.
    ``discogs_prefix`` is the path of Discogs' own API, ``public_address`` where clients reach the
    process, None: where they say that they do.
    """

    reading: Database
    records: Records
    discogs_prefix: str
    public_address: str | None


def make_parts(reading: Database, discogs_prefix: str, public_address: str | None) -> Parts:
    """Return the parts over sessions that are open."""
    return Parts(reading, Records(reading), discogs_prefix, public_address)
