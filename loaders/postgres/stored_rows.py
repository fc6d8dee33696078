"""The rows of records, in the caller's transactions: found, compared, added, replaced, removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import structlog

from common.entities import Entity
from common.errors import TerminalError
from common.messages import Headers
from common.postgres.database import Session
from common.records import Record
from loaders.postgres.copying import copy_encoded, copy_rows
from loaders.postgres.encoding import Encoding
from loaders.postgres.indexes import is_prepared
from loaders.postgres.replacing import (
    NoTemporaryTablesError,
    update_from_bytes,
    update_from_rows,
    without_equal_bytes,
    without_equal_rows,
)
from loaders.postgres.rows import build
from loaders.postgres.sql import Statements
from loaders.postgres.table_statements import TableStatements

_log = structlog.get_logger(__name__)


class UnpreparedError(Exception):
    """Something is to be replaced and the child tables have no keys yet."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The records to write, ascending by id: those without a row, and those with another."""

    added: list[Record]
    replaced: list[Record]
    unchanged: int


class StoredRows:
    """Rows as the compiled encoder makes them, or, where it cannot serve, as Python does.

    It cannot where the database forbids temporary tables: that is found out at the first record
    to replace, which is then to be tried again.
    """

    def __init__(self, sql: Statements, *, compiled: bool, document: bool) -> None:
        self._sql = sql
        self._document = document
        self._encoding = Encoding(compiled=compiled, document=document)
        self._deletions = {entity: TableStatements(entity).delete() for entity in Entity}
        self._temporary_tables = True

    async def find(
        self, session: Session, entity: Entity, records: Sequence[Record]
    ) -> dict[int, int]:
        """Return the fingerprints held of records, by id."""
        ids = sorted(record["id"] for record in records)
        rows = await session.fetch(self._sql("find", entity), ids)
        return {row["id"]: row["fingerprint"] for row in rows}

    async def add(self, session: Session, headers: Headers, records: Sequence[Record]) -> None:
        """Copy the rows of records that have none."""
        entity, document = headers.entity, self._document
        encoded = self._encoding.encode(entity, records, headers.dump)
        if encoded is not None:
            copied = await copy_encoded(session, entity, encoded, document=document)
        else:
            rows = build(entity, records, headers.dump, document=document)
            copied = await copy_rows(session, entity, rows, document=document)
        if copied < len(records):
            raise TerminalError("a trigger of the database leaves the row out")

    async def replace(self, session: Session, headers: Headers, records: Sequence[Record]) -> None:
        """Update the own rows of records, and replace those of their children that differ.

        Raises `UnpreparedError` when that cannot be done yet.
        """
        if not await is_prepared(session, self._sql, headers.entity):
            raise UnpreparedError
        if not (self._temporary_tables and await self._replace_bytes(session, headers, records)):
            await self._replace_rows(session, headers, records)

    async def remove(self, session: Session, entity: Entity, ids: Sequence[int]) -> list[int]:
        """Delete own rows and children; return the ids of records that had a row."""
        return [row["id"] for row in await session.fetch(self._deletions[entity], ids)]

    async def _replace_bytes(
        self, session: Session, headers: Headers, records: Sequence[Record]
    ) -> bool:
        """Return False when the encoder does not know what is in the batch."""
        entity, sql, document = headers.entity, self._sql, self._document
        encoded = self._encoding.encode(entity, records, headers.dump)
        if encoded is None:
            return False
        try:
            own = encoded[entity.value]
            await update_from_bytes(session, sql, entity, records, own, document=document)
        except NoTemporaryTablesError as error:
            _log.warning("postgres_no_temporary_tables", reason=str(error))
            self._temporary_tables = False
            raise
        ids = [record["id"] for record in records]
        encoded = await without_equal_bytes(session, sql, entity, ids, self._encoding, encoded)
        await copy_encoded(session, entity, encoded, document=document)
        return True

    async def _replace_rows(
        self, session: Session, headers: Headers, records: Sequence[Record]
    ) -> None:
        entity, sql, document = headers.entity, self._sql, self._document
        rows = build(entity, records, headers.dump, document=document)
        own = rows[entity.value]
        await update_from_rows(session, sql, entity, records, own, document=document)
        ids = [record["id"] for record in records]
        rows = await without_equal_rows(session, sql, entity, ids, rows)
        await copy_rows(session, entity, rows, document=document)


def plan(records: Sequence[Record], held: Mapping[int, int]) -> Plan:
    """Compare records with the fingerprints held by id.

    Ascending ids keep two sessions with the same ids from waiting for each other in a circle.
    """
    ordered = sorted(records, key=itemgetter("id"))
    if not held:  # a first load
        return Plan(added=ordered, replaced=[], unchanged=0)
    differing = [record for record in ordered if held.get(record["id"]) != record["fingerprint"]]
    return Plan(
        added=[record for record in differing if record["id"] not in held],
        replaced=[record for record in differing if record["id"] in held],
        unchanged=len(records) - len(differing),
    )


def ids_of(records: Sequence[Record]) -> list[int]:
    """Return the ids of records, in their order."""
    return [record["id"] for record in records]
