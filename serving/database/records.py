"""Records as they were loaded, each read by one statement, so from one snapshot."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from common.entities import Entity
from common.postgres.database import Database
from serving.answers import AsOf
from serving.database.record_statements import record_statement


@dataclass(frozen=True, slots=True)
class RecordRead:
    """A record, or that there is none: then ``body`` is None.

    ``body`` is JSON: ``{"id": 1, …}`` and what `common.records` declares, absent where the dump
    has nothing.  ``as_of`` is the state of its entity in the same snapshot.
    """

    id: int
    fingerprint: int
    as_of: AsOf
    body: bytes | None


class Records:
    """Reads records by their ids."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements: Mapping[Entity, str] = {
            entity: record_statement(entity) for entity in Entity
        }

    async def read(self, entity: Entity, id_: int) -> RecordRead:
        """Return a record; raise `ServerError` while PostgreSQL cannot be asked."""
        (found,) = await self.read_many(entity, (id_,))
        return found

    async def read_many(self, entity: Entity, ids: Collection[int]) -> list[RecordRead]:
        """Return what is held of each of several different ids, in no order; they may be absent."""
        async with self._database.session() as session:
            rows = await session.fetch(self._statements[entity], ids)
        return [_read(entity, row) for row in rows]


def _read(entity: Entity, row: asyncpg.Record) -> RecordRead:
    body: str | None = row["body"]
    whole = None if body is None else body.encode()
    return RecordRead(
        id=row["id"],
        fingerprint=row["fingerprint"] or 0,
        as_of=AsOf(entity, row["dump"], row["sequence"]),
        body=nest_tracks(whole) if whole and row["nested"] else whole,
    )


def nest_tracks(body: bytes) -> bytes:
    """Put each sub-track into its track: rows have them flat, with the place of what they are in.

    Few releases have any, so that only theirs are taken apart here.
    """
    record = orjson.loads(body)
    flat: list[dict[str, Any]] = record["tracks"]
    top: list[dict[str, Any]] = []
    for track in flat:
        outer = track.pop("parent_sequence", None)
        of = top if outer is None else flat[outer - 1].setdefault("sub_tracks", [])
        of.append(track)
    return orjson.dumps(record | {"tracks": top})
