"""The graph's content: records as nodes, with the edges that go out from them."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from typing import Any

from tenacity import retry, retry_if_exception_type, stop_after_attempt

from common import faultpoints
from common.entities import ID_LIMIT, Entity
from common.messages import Headers, Span
from common.records import Record
from common.run_rules import RANGE_SIZE
from loaders.neo4j.bookkeeping import GraphBookkeeping
from loaders.neo4j.connection import Graph, Transaction, in_parts
from loaders.neo4j.errors import StubsGoneError
from loaders.neo4j.notes import Notes
from loaders.neo4j.replacing import keep_equal
from loaders.neo4j.rows import Row, RowMaker
from loaders.neo4j.schema import LABELS, points_at_itself, stub_labels
from loaders.neo4j.spans import joined, place_of, summed_up
from loaders.neo4j.statements import content_statements
from loaders.neo4j.stubs import Stubs
from loaders.portions import RECORDS_AT_ONCE
from loaders.sink import Digest, Rejection, Written

_STUB_ATTEMPTS = 3


class GraphContent:
    """Implements `loaders.sink.Content`."""

    def __init__(
        self,
        graph: Graph,
        bookkeeping: GraphBookkeeping,
        *,
        track_credits: bool,
        compiled: bool,
    ) -> None:
        self._graph = graph
        self._bookkeeping = bookkeeping
        self._rows = RowMaker(track_credits=track_credits, compiled=compiled)
        self._notes = Notes(graph)
        self._stubs = Stubs(graph)
        self._texts = {entity: content_statements(entity) for entity in Entity}
        self._turns = {entity: asyncio.Lock() for entity in Entity if points_at_itself(entity)}

    @property
    def summed_at_once(self) -> int:
        """All there is, where each sum is a look at all there is."""
        return ID_LIMIT if self._graph.is_arcadedb else RECORDS_AT_ONCE

    async def write(
        self, headers: Headers, records: Sequence[Record], rejections: Sequence[Rejection] = ()
    ) -> Written:
        """Replace records by id where their fingerprint differs, and store rejections."""
        rows = self._rows.make(headers, await self._changed(headers, records))
        ids = [record["id"] for record in records]
        return await self._store(headers, rows, ids, rejections)

    async def delete(self, headers: Headers, ids: Sequence[int]) -> int:
        """Delete records and rejections by id, some thousand per transaction.

        Those that others point at stay as stubs.  Returns how many rows went.
        """
        return await in_parts(partial(self._delete, headers), ids)

    async def distrust(self, headers: Headers, ids: Sequence[int]) -> int:
        """Take nodes for unknown; remove the edges of stubs, which have none."""
        return await in_parts(partial(self._distrust, headers), ids)

    async def digests(
        self, entity: Entity, spans: Sequence[Span], without: Collection[int]
    ) -> list[Digest]:
        """Sum up each span, ids ``without`` left out, rejections in place of their rows."""
        texts, left = self._texts[entity], set(without)
        rejected = await self._notes.rejected(entity, spans[0][0], spans[-1][1])
        # ArcadeDB has no index for a stretch of ids, but looks at all nodes: then there is one.
        whole = [(spans[0][0], spans[-1][1])]
        stretches = whole if self._graph.is_arcadedb else joined(spans)
        sums = await self._graph.collect(texts["sums"], stretches=list(map(list, stretches)))
        apart = sorted(left | rejected.keys())
        out = await self._graph.collect(texts["fingerprints"], ids=apart) if apart else []
        parts = [(at * RANGE_SIZE, count, (high << 32) + low) for at, count, low, high in sums]
        parts += [(record_id, -1, -mark) for record_id, mark in out]
        parts += [(i, 1, mark) for i, mark in rejected.items() if mark and i not in left]
        return summed_up(spans, parts)

    async def held(self, entity: Entity, spans: Sequence[Span]) -> list[int]:
        """Return the ids held in spans, rows and rejections, ascending."""
        stretches = list(map(list, joined(spans)))
        found = await self._graph.collect(self._texts[entity]["held"], stretches=stretches)
        rejected = await self._notes.rejected(entity, spans[0][0], spans[-1][1])
        within = (record_id for record_id in rejected if place_of(spans, record_id) is not None)
        return sorted({*found, *within})

    async def rows(self, entity: Entity) -> int:
        """Return the number of rows held: looks at every node of the label."""
        return int((await self._graph.read(self._texts[entity]["rows"]))[0]["rows"])

    async def prepare(self, entity: Entity) -> None:
        """Nothing here waits for the end of a first load."""

    async def sweep(self, entity: Entity) -> None:
        """Remove stubs without an edge, if the runs since the last sweep can have left any."""
        untidy = await self._bookkeeping.untidy(entity)
        if untidy:
            for label in stub_labels(entity):
                await self._stubs.sweep(label)
            await self._bookkeeping.tidied(entity, untidy)

    async def _changed(self, headers: Headers, records: Sequence[Record]) -> list[Record]:
        # Until an entity has been complete once, nearly all of it is new, and looking first
        # would only cost; the upsert itself leaves alone what is equal.
        if self._bookkeeping.is_first_load(headers):
            return list(records)
        pairs = [(record["id"], record["fingerprint"]) for record in records]
        text = self._texts[headers.entity]["unchanged"]
        unchanged = set(await self._graph.collect(text, pairs=pairs))
        return [record for record in records if record["id"] not in unchanged]

    @retry(
        retry=retry_if_exception_type(StubsGoneError),
        stop=stop_after_attempt(_STUB_ATTEMPTS),
        reraise=True,
    )
    async def _store(
        self,
        headers: Headers,
        rows: list[Row],
        ids: Sequence[int],
        rejections: Sequence[Rejection],
    ) -> Written:
        entity = headers.entity
        await self._stubs.make(entity, rows)
        turn = self._turns.get(entity, nullcontext())
        async with turn, self._graph.transaction() as transaction:
            made = {"written": 0, "replaced": 0, "edges": 0, "wanted": 0}
            if rows:
                made = await self._upsert(transaction, entity, rows)
            faultpoints.passing("graph.upserted")
            self._stubs.compare(made["edges"], made["wanted"])
            written = Written(made["written"], len(ids) - made["written"], len(rejections))
            await self._notes.unreject(transaction, entity, ids)
            await self._notes.reject(transaction, entity, rejections)
            await self._notes.undelete(transaction, headers, [row["id"] for row in rows])
            untidy = made["replaced"] + written.rejected
            await self._bookkeeping.check(transaction, headers, **asdict(written), untidy=untidy)
        return written

    async def _upsert(
        self, transaction: Transaction, entity: Entity, rows: list[Row]
    ) -> dict[str, Any]:
        texts = self._texts[entity]
        held = await transaction.collect(texts["lock_edges"], ids=[row["id"] for row in rows])
        missing, stale = keep_equal(entity, rows, held)
        if stale:
            await transaction.run(texts["delete_stale"], stale=stale)
        return (await transaction.run(texts["upsert"], rows=missing))[0]

    async def _delete(self, headers: Headers, ids: Sequence[int]) -> int:
        texts, entity = self._texts[headers.entity], headers.entity
        async with self._graph.transaction() as transaction:
            gone = (await transaction.run(texts["of_ids"], ids=ids))[0]["found"]
            await self._notes.delete(transaction, headers, gone)
            for step in ("delete_edges", "delete_nodes", "make_stubs"):
                await transaction.run(texts[step], ids=ids)
            await self._notes.unreject(transaction, entity, ids)
            await self._bookkeeping.check(transaction, headers, deleted=len(gone), untidy=len(gone))
        self._stubs.forget(LABELS[entity])
        return len(gone)

    async def _distrust(self, headers: Headers, ids: Sequence[int]) -> int:
        texts, entity = self._texts[headers.entity], headers.entity
        async with self._graph.transaction() as transaction:
            held = int((await transaction.run(texts["distrust"], ids=ids))[0]["held"])
            await transaction.run(texts["disown"], ids=ids)
            await self._notes.unreject(transaction, entity, ids)
            await self._bookkeeping.check(transaction, headers, untidy=len(ids))
        return held
