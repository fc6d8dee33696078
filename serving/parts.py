"""What routes answer from: opened once for a process, and handed to every router."""

from dataclasses import dataclass

from common.postgres.database import Database
from serving.database.records import Records


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a process that answers.

    ``reading`` are sessions that may only read, their statements with a deadline; each is handed
    on as it was left, so a route leaves no transaction and no setting behind.
    """

    reading: Database
    records: Records


def make_parts(reading: Database) -> Parts:
    """Return the parts over sessions that are open."""
    return Parts(reading, Records(reading))
