"""The graph sink: the catalogue as nodes and edges, in Neo4j or ArcadeDB by the same Cypher."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import structlog
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from common import faultpoints
from common.entities import ID_LIMIT, Entity
from common.errors import ServerError, TerminalError
from common.messages import Headers, Range, Span
from common.records import Record
from common.reports import State
from common.run_rules import RANGE_SIZE
from config.settings import Settings
from loaders.decisions import joined, place_of, summed_up
from loaders.history import with_current
from loaders.neo4j.bookkeeping import Bookkeeping
from loaders.neo4j.connection import ARCADEDB, Graph, Transaction, in_parts
from loaders.neo4j.constraints import Constraints
from loaders.neo4j.errors import StubsGoneError
from loaders.neo4j.history import nonce
from loaders.neo4j.making import RowMaker
from loaders.neo4j.options import Options
from loaders.neo4j.reader import GraphReader
from loaders.neo4j.replacing import keep_equal
from loaders.neo4j.rows import Row, parts, targets
from loaders.neo4j.schema import KEYS, LABELS, points_at_itself, stub_labels
from loaders.neo4j.stubs import Stubs
from loaders.neo4j.upsert import content_statements, stub_statements
from loaders.sink import RECORDS_AT_ONCE, Digest, PastRun, Rejection, RunRow, Written

LAYOUT = 2
"""Version of labels, edges and properties; part of the identity."""

_DELETE_BATCH = 5_000
_STUB_ATTEMPTS = 3


class GraphSink:
    """Implements `loaders.sink.Sink`.  ``sessions`` is known once it is open."""

    name = "neo4j"

    def __init__(self, settings: Settings) -> None:
        self.server = self.name
        self.sessions = 1
        self.batch_size = settings.graph_batch
        self._settings = settings
        self._graph = Graph(settings)
        self._bookkeeping = Bookkeeping(self._graph, settings.namespace)
        self._options = Options(self._graph, self._bookkeeping, settings.options_of(self.name))
        self._rows = RowMaker(settings)
        self._texts = {entity: content_statements(entity) for entity in Entity}
        self._stub_texts = {label: stub_statements(label) for label in KEYS}
        self._stubs = Stubs()
        self._making_stubs = asyncio.Lock()
        self._turns = {entity: asyncio.Lock() for entity in Entity if points_at_itself(entity)}
        self._first_loads: dict[Entity, int] = {}
        # ArcadeDB does not use its index for a stretch of ids: it looks at all nodes.
        self._scans = False
        self._log = structlog.get_logger("graph")

    async def open(self) -> None:
        """Connect, tell the server's kind, and make constraints where they are missing."""
        try:
            await self._connect()
            await Constraints(self._graph).make()
            await self._options.apply()
        except TerminalError as error:  # nothing of a dump is at fault yet
            raise ServerError(f"{self._graph.server} cannot be used: {error}") from error

    async def look(self) -> bool:
        """Connect only to read."""
        await self._connect()
        await self._bookkeeping.check_namespace()
        return bool(await self._bookkeeping.run_rows())

    async def _connect(self) -> None:
        self._scans = ARCADEDB in await self._graph.open()
        self.server = ARCADEDB.lower() if self._scans else self.name
        # ArcadeDB's concurrent writers only make each other start again.
        self.sessions = 1 if self._scans else self._settings.graph_sessions

    @property
    def summed_at_once(self) -> int:
        """All there is, where each sum is a look at all there is."""
        return ID_LIMIT if self._scans else RECORDS_AT_ONCE

    @property
    def reader(self) -> GraphReader:
        """What reads nodes and edges back."""
        return GraphReader(
            self._graph, self._texts, track_credits=self._settings.graph_track_credits
        )

    async def close(self) -> None:
        """Close the connections, within seconds even when the server hangs."""
        await self._graph.close()

    async def identity(self) -> str:
        """Return the database's identity with the layout and the options."""
        options = "+tracks" if self._settings.graph_track_credits else ""
        return f"{await self._bookkeeping.identity()}:{LAYOUT}{options}"

    async def misfit(self, entity: Entity) -> str:
        """Return why an entity's nodes and edges are not what the options say."""
        return await self._options.misfit(entity)

    async def run_rows(self) -> dict[Entity, RunRow]:
        """Return the run rows there are."""
        return await self._bookkeeping.run_rows()

    async def advance(self, headers: Headers) -> RunRow:
        """Make the run current if it is higher; return the row as it is afterwards."""
        row = await self._bookkeeping.advance(headers)
        if row.complete_run == 0:
            self._first_loads[row.entity] = row.run
        return row

    async def refusals(self) -> dict[int, str]:
        """Return the reasons of refused runs."""
        return await self._bookkeeping.refusals()

    async def history(self, limit: int) -> list[PastRun]:
        """Return what is remembered of the last runs, the newest first."""
        past = await self._bookkeeping.history.past(limit)
        return with_current(past, await self._bookkeeping.run_rows(), limit)

    async def write(
        self, headers: Headers, records: Sequence[Record], rejections: Sequence[Rejection] = ()
    ) -> Written:
        """Replace records by id where their fingerprint differs, and store rejections."""
        rows = self._rows.make(headers, await self._changed(headers, records))
        ids = [record["id"] for record in records]
        return await self._store(headers, rows, ids, rejections)

    async def store_range(self, headers: Headers, range_: Range) -> None:
        """Store one range of the run, replacing an equal one."""
        await self._bookkeeping.store_range(headers, range_)

    async def ranges(self, entity: Entity, run: int, known: Collection[int] = ()) -> list[Range]:
        """Return the stored ranges of a run that are not known, by index."""
        return await self._bookkeeping.ranges(entity, run, known)

    async def prepare(self, entity: Entity) -> None:
        """Nothing here waits for the end of a first load."""

    async def digests(
        self, entity: Entity, spans: Sequence[Span], without: Collection[int]
    ) -> list[Digest]:
        """Sum up each span, ids ``without`` left out, rejections in place of their rows."""
        texts, left = self._texts[entity], set(without)
        rejected = await self._bookkeeping.rejected(entity, spans[0][0], spans[-1][1])
        # Without an index it is one look at all nodes for each stretch: then there is but one.
        stretches = [(spans[0][0], spans[-1][1])] if self._scans else joined(spans)
        sums = await self._graph.collect(texts["sums"], stretches=list(map(list, stretches)))
        apart = sorted(left | rejected.keys())
        out = await self._graph.collect(texts["fingerprints"], ids=apart) if apart else []
        parts = [(at * RANGE_SIZE, count, (high << 32) + low) for at, count, low, high in sums]
        parts += [(record_id, -1, -mark) for record_id, mark in out]
        parts += [(i, 1, mark) for i, mark in rejected.items() if mark and i not in left]
        return summed_up(spans, parts)

    async def held(self, entity: Entity, spans: Sequence[Span]) -> list[int]:
        """Return the ids held in spans, rows and rejections, ascending."""
        texts = self._texts[entity]
        stretches = list(map(list, joined(spans)))
        found = await self._graph.collect(texts["held"], stretches=stretches)
        rejected = await self._bookkeeping.rejected(entity, spans[0][0], spans[-1][1])
        within = (record_id for record_id in rejected if place_of(spans, record_id) is not None)
        return sorted({*found, *within})

    async def rejections(self, entity: Entity) -> list[Rejection]:
        """Return the records rejected, by id."""
        return await self._bookkeeping.rejections(entity)

    async def rejected_record(self, entity: Entity, record_id: int) -> str:
        """Return the data of a rejected record as JSON."""
        return await self._bookkeeping.rejected_record(entity, record_id)

    async def rows(self, entity: Entity) -> int:
        """Return the number of rows held: looks at every node of the label."""
        return int((await self._graph.read(self._texts[entity]["rows"]))[0]["rows"])

    async def delete(self, headers: Headers, ids: Sequence[int]) -> int:
        """Delete records and rejections by id, some thousand per transaction.

        Those that others point at stay as stubs.  Returns how many rows went.
        """
        return await in_parts(partial(self._delete, headers), ids, _DELETE_BATCH)

    async def distrust(self, headers: Headers, ids: Sequence[int]) -> int:
        """Take nodes for unknown; remove the edges of stubs, which have none."""
        return await in_parts(partial(self._distrust, headers), ids, _DELETE_BATCH)

    async def declare(self, headers: Headers, state: State, detail: str, exceptions: int) -> None:
        """Set the verdict on the run; COMPLETE also records the rows now held."""
        async with self._graph.transaction() as transaction:
            rows = 0
            if state is State.COMPLETE:
                rows = (await transaction.run(self._texts[headers.entity]["rows"]))[0]["rows"]
            await self._bookkeeping.declare(transaction, headers, state, detail, exceptions, rows)

    async def sweep(self, entity: Entity) -> None:
        """Remove stubs without an edge, if the runs since the last sweep can have left any."""
        untidy = await self._bookkeeping.untidy(entity)
        if untidy:
            for label in stub_labels(entity):
                await self._sweep(label)
            await self._bookkeeping.tidied(entity, untidy)

    async def _changed(self, headers: Headers, records: Sequence[Record]) -> list[Record]:
        # Until an entity has been complete once, nearly all of it is new, and looking first
        # would only cost; the upsert itself leaves alone what is equal.
        if self._is_first_load(headers):
            return list(records)
        pairs = [(record["id"], record["fingerprint"]) for record in records]
        text = self._texts[headers.entity]["unchanged"]
        unchanged = set(await self._graph.collect(text, pairs=pairs))
        return [record for record in records if record["id"] not in unchanged]

    def _is_first_load(self, headers: Headers) -> bool:
        return self._first_loads.get(headers.entity) == headers.run

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
        await self._make_stubs(headers.entity, rows)
        turn = self._turns.get(headers.entity, nullcontext())
        async with turn, self._graph.transaction() as transaction:
            made = {"written": 0, "replaced": 0, "edges": 0, "wanted": 0}
            if rows:
                made = await self._upsert(transaction, headers, rows)
            faultpoints.passing("graph.upserted")
            self._compare_edges(made)
            written = Written(made["written"], len(ids) - made["written"], len(rejections))
            await self._bookkeeping.settle(transaction, headers.entity, ids, rejections)
            await self._bookkeeping.deletions.take_back(
                transaction, headers, [r["id"] for r in rows]
            )
            await self._bookkeeping.check(
                transaction,
                headers,
                loaded=written.loaded,
                unchanged=written.unchanged,
                rejected=written.rejected,
                untidy=made["replaced"] + written.rejected,
            )
        return written

    async def _upsert(
        self, transaction: Transaction, headers: Headers, rows: list[Row]
    ) -> dict[str, Any]:
        texts = self._texts[headers.entity]
        held = await transaction.collect(texts["lock_edges"], ids=[row["id"] for row in rows])
        missing, stale = keep_equal(headers.entity, rows, held)
        if stale:
            await transaction.run(texts["delete_stale"], stale=stale)
        return (await transaction.run(texts["upsert"], rows=missing))[0]

    def _compare_edges(self, made: dict[str, Any]) -> None:
        if made["edges"] != made["wanted"]:
            self._stubs.forget(KEYS)
            self._log.warning("graph.stubs_gone", edges=made["edges"], wanted=made["wanted"])
            raise StubsGoneError(f"{made['edges']} edges were made of {made['wanted']}")

    async def _make_stubs(self, entity: Entity, rows: list[Row]) -> None:
        needed, pairs = targets(entity, rows), parts(rows)
        # One at a time: two transactions that make the same nodes wait for each other.
        async with self._making_stubs:
            keys, new_pairs = self._stubs.missing(needed), self._stubs.missing_parts(pairs)
            if not keys and not new_pairs:
                return
            async with self._graph.transaction() as transaction:
                for label, of_label in keys.items():
                    await transaction.run(self._stub_texts[label]["stubs"], keys=of_label)
                if new_pairs:
                    text = self._texts[entity]["parts"]
                    await transaction.run(text, pairs=new_pairs, nonce=nonce())
            self._stubs.add(keys, new_pairs)

    async def _delete(self, headers: Headers, ids: Sequence[int]) -> int:
        texts, entity = self._texts[headers.entity], headers.entity
        async with self._graph.transaction() as transaction:
            gone = (await transaction.run(texts["of_ids"], ids=ids))[0]["found"]
            await self._bookkeeping.deletions.note(transaction, headers, gone)
            for step in ("delete_edges", "delete_nodes", "make_stubs"):
                await transaction.run(texts[step], ids=ids)
            await self._bookkeeping.settle(transaction, entity, ids)
            await self._bookkeeping.check(transaction, headers, deleted=len(gone), untidy=len(gone))
        self._forget(LABELS[entity])
        return len(gone)

    async def _distrust(self, headers: Headers, ids: Sequence[int]) -> int:
        texts, entity = self._texts[headers.entity], headers.entity
        async with self._graph.transaction() as transaction:
            held = int((await transaction.run(texts["distrust"], ids=ids))[0]["held"])
            await transaction.run(texts["disown"], ids=ids)
            await self._bookkeeping.settle(transaction, entity, ids)
            await self._bookkeeping.check(transaction, headers, untidy=len(ids))
        return held

    async def _sweep(self, label: str) -> None:
        ids = await self._graph.collect(self._stub_texts[label]["orphans"])
        await in_parts(partial(self._sweep_some, label), ids, _DELETE_BATCH)
        self._forget(label)

    async def _sweep_some(self, label: str, ids: Sequence[int]) -> int:
        async with self._graph.transaction() as transaction:
            await transaction.run(self._stub_texts[label]["sweep"], ids=ids)
        return len(ids)

    def _forget(self, label: str) -> None:
        self._stubs.forget([label] if label in KEYS else [])
