"""Stubs: nodes that records point at; made once by each process, swept when nothing needs them."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol

import structlog

from common.entities import Entity
from loaders.neo4j.connection import Graph, in_parts
from loaders.neo4j.errors import StubsGoneError
from loaders.neo4j.notes import nonce
from loaders.neo4j.rows import Row, Targets, parts, targets
from loaders.neo4j.schema import KEYS
from loaders.neo4j.statements import sections, stub_statements

_CHUNK_BITS = 16


class Seen(Protocol):
    """What a set and a bitmap have in common."""

    def __contains__(self, key: Any, /) -> bool: ...

    def add(self, key: Any, /) -> None: ...


class Bitmap:
    """A set of ids at a bit each, in chunks of 8 kB: a stray huge id costs one chunk."""

    def __init__(self) -> None:
        self._chunks: dict[int, bytearray] = {}

    def __contains__(self, record_id: int, /) -> bool:
        chunk = self._chunks.get(record_id >> _CHUNK_BITS)
        return chunk is not None and bool(chunk[(record_id >> 3) & 8191] >> (record_id & 7) & 1)

    def add(self, record_id: int, /) -> None:
        """Set the id's bit."""
        chunk = self._chunks.setdefault(record_id >> _CHUNK_BITS, bytearray(8192))
        chunk[(record_id >> 3) & 8191] |= 1 << (record_id & 7)


class KnownStubs:
    """What is known to be in the graph; wrong when somebody removed it, which is found."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._parts: set[tuple[str, str]] = set()
        self.forget(KEYS)

    def missing(self, targets: Targets) -> dict[str, list[Any]]:
        """Return the keys not yet made sure of, by label and sorted, labels without any left
        out."""
        found = {label: self._missing(label, keys) for label, keys in sorted(targets.items())}
        return {label: keys for label, keys in found.items() if keys}

    def missing_parts(self, pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the (style, genre) pairs not yet made sure of."""
        return sorted(pairs - self._parts)

    def add(self, keys: dict[str, list[Any]], pairs: list[tuple[str, str]]) -> None:
        """Remember what a committed transaction has made sure of."""
        for label, of_label in keys.items():
            for key in of_label:
                self._seen[label].add(key)
        self._parts.update(pairs)

    def forget(self, labels: Iterable[str]) -> None:
        """Make sure of everything with these labels again."""
        for label in labels:
            self._seen[label] = Bitmap() if KEYS[label] == "id" else set()
            if KEYS[label] == "name":
                self._parts.clear()

    def _missing(self, label: str, keys: set[Any]) -> list[Any]:
        seen = self._seen[label]
        return sorted(key for key in keys if key not in seen)


class Stubs:
    """Makes and sweeps the stubs of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._texts = {label: stub_statements(label) for label in KEYS}
        self._parts = sections("content.cypher")["parts"]
        self._known = KnownStubs()
        self._making = asyncio.Lock()
        self._log = structlog.get_logger("graph")

    async def make(self, entity: Entity, rows: Sequence[Row]) -> None:
        """Make what rows point at and this process has not made sure of."""
        needed, pairs = targets(entity, rows), parts(rows)
        # One at a time: two transactions that make the same nodes wait for each other.
        async with self._making:
            keys, new_pairs = self._known.missing(needed), self._known.missing_parts(pairs)
            if not keys and not new_pairs:
                return
            async with self._graph.transaction() as transaction:
                for label, of_label in keys.items():
                    await transaction.run(self._texts[label]["stubs"], keys=of_label)
                if new_pairs:
                    await transaction.run(self._parts, pairs=new_pairs, nonce=nonce())
            self._known.add(keys, new_pairs)

    def compare(self, made: int, wanted: int) -> None:
        """Raise `StubsGoneError` when edges were not made: the statement drops them in silence."""
        if made != wanted:
            self._known.forget(KEYS)
            self._log.warning("graph.stubs_gone", edges=made, wanted=wanted)
            raise StubsGoneError(f"{made} edges were made of {wanted}")

    async def sweep(self, label: str) -> None:
        """Remove the stubs of a label that have no edge."""
        ids = await self._graph.collect(self._texts[label]["orphans"])
        await in_parts(partial(self._sweep_some, label), ids)
        self.forget(label)

    def forget(self, label: str) -> None:
        """Make sure of the nodes of a label again, if it is one of those pointed at."""
        self._known.forget([label] if label in KEYS else [])

    async def _sweep_some(self, label: str, ids: Sequence[int]) -> int:
        async with self._graph.transaction() as transaction:
            await transaction.run(self._texts[label]["sweep"], ids=ids)
        return len(ids)
