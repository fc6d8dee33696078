"""What the graph remembers: past runs, and the records that dumps no longer had."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from common.entities import Entity
from common.messages import Headers
from loaders.history import KEPT
from loaders.neo4j.connection import Graph, Transaction
from loaders.sink import REFUSED, PastRun

_TIMES = ("started", "ended")


class History:
    """The nodes ``WaxlineHistory``; times are seconds since the epoch, by our own clock."""

    def __init__(self, graph: Graph, texts: Mapping[str, str]) -> None:
        self._graph = graph
        self._texts = texts

    async def note(
        self,
        transaction: Transaction,
        entity: Entity,
        started: float | None = None,
        ended: float | None = None,
    ) -> None:
        """Note an entity's current run as it is, and lock its row; a first one is not there."""
        times = {"started": started, "ended": ended}
        text = self._texts["note_run"]
        await transaction.run(text, entity=entity.value, nonce=nonce(), **times)

    async def note_refused(
        self, transaction: Transaction, headers: Headers, reason: str, at: float
    ) -> None:
        """Note a run that was refused."""
        past = {
            "key": key_of(headers.entity, headers.run),
            "entity": headers.entity.value,
            "run": headers.run,
            "dump": headers.dump,
            "outcome": REFUSED,
            "detail": reason,
            **dict.fromkeys(_TIMES, at),
        }
        await transaction.run(self._texts["note_refused"], past=past)

    async def prune(self, transaction: Transaction, entity: Entity) -> None:
        """Forget the oldest runs."""
        await transaction.run(self._texts["prune_history"], entity=entity.value, kept=KEPT)

    async def past(self, limit: int) -> list[PastRun]:
        """Return the newest runs noted."""
        rows = await self._graph.read(self._texts["history"], limit=limit)
        return [_past_run(row["past"]) for row in rows]


class Deletions:
    """The nodes ``WaxlineDeletion``: entity, id and the dump that no longer had it."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    async def note(self, transaction: Transaction, headers: Headers, ids: Sequence[int]) -> None:
        """Note that these records go."""
        entity, dump = headers.entity, headers.dump
        deletions = [
            {"key": _deletion_key(headers, i), "entity": entity.value, "id": i, "dump": dump}
            for i in ids
        ]
        await transaction.run(self._texts["note_deletions"], deletions=deletions)

    async def take_back(
        self, transaction: Transaction, headers: Headers, ids: Sequence[int]
    ) -> None:
        """Forget what was noted of records that the same dump has after all."""
        if ids:
            keys = [_deletion_key(headers, i) for i in ids]
            await transaction.run(self._texts["take_back_deletions"], keys=keys)


def nonce() -> int:
    """Return a number that makes a write of what is otherwise only read, and so a lock."""
    return random.getrandbits(62)


def key_of(entity: Entity, number: int) -> str:
    """Return the key of a bookkeeping node about one thing of an entity."""
    return f"{entity.value}:{number}"


def _deletion_key(headers: Headers, record_id: int) -> str:
    return f"{key_of(headers.entity, record_id)}:{headers.dump}"


def _past_run(past: Mapping[str, Any]) -> PastRun:
    values = {name: past[name] for name in PastRun.__slots__ if past.get(name) is not None}
    values |= {"entity": Entity(past["entity"])}
    return PastRun(**{**dict.fromkeys(_TIMES, 0.0), **values})
