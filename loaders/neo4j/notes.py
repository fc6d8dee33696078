"""What a transaction notes of single records: rejected, or deleted because a dump has them not."""

import random
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from common.entities import Entity
from common.messages import Headers
from loaders.neo4j.connection import Graph, Transaction
from loaders.neo4j.statements import sections
from loaders.sink import Rejection


class Notes:
    """The nodes ``WaxlineRejected``, and ``WaxlineDeletion``: entity, id and dump."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._texts = sections("bookkeeping.cypher")

    async def rejected(self, entity: Entity, first: int, last: int) -> dict[int, int]:
        """Return the fingerprints of rejected records in ``[first, last)`` by id."""
        text = self._texts["rejected"]
        rows = await self._graph.read(text, entity=entity.value, first=first, last=last)
        return {row["id"]: row["fingerprint"] for row in rows}

    async def unreject(self, transaction: Transaction, entity: Entity, ids: Sequence[int]) -> None:
        """Drop the rejections of ``ids``, which are right or gone now."""
        keys = [key_of(entity, record_id) for record_id in ids]
        await transaction.run(self._texts["accept"], keys=keys)

    async def reject(
        self, transaction: Transaction, entity: Entity, rejections: Sequence[Rejection]
    ) -> None:
        """Store rejections, each in place of an earlier one of its id."""
        if rejections:
            found = [_rejection(entity, rejection) for rejection in rejections]
            await transaction.run(self._texts["reject"], rejections=found)

    async def delete(self, transaction: Transaction, headers: Headers, ids: Sequence[int]) -> None:
        """Note that these records go."""
        entity, dump = headers.entity, headers.dump
        deletions = [
            {"key": _deletion_key(headers, i), "entity": entity.value, "id": i, "dump": dump}
            for i in ids
        ]
        await transaction.run(self._texts["note_deletions"], deletions=deletions)

    async def undelete(
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


def _rejection(entity: Entity, rejection: Rejection) -> dict[str, Any]:
    return {"key": key_of(entity, rejection.id), "entity": entity.value, **asdict(rejection)}
