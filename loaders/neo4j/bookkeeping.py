"""The graph's bookkeeping, as nodes of labels of their own beside the catalogue."""

import time
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from common.entities import Entity
from common.errors import RunSupersededError
from common.messages import Headers, Range, decode_range, encode_range
from common.reports import State
from common.run_rules import refusal
from loaders.neo4j.connection import Graph, Transaction
from loaders.neo4j.notes import key_of, nonce
from loaders.neo4j.statements import content_statements, sections
from loaders.runs import REFUSED, RUNS_KEPT, PastRun, RunRow, with_current
from loaders.sink import Rejection

_COUNTS = {"loaded": 0, "unchanged": 0, "rejected": 0, "deleted": 0, "untidy": 0}
_TIMES = ("started", "ended")


class GraphBookkeeping:
    """Implements `loaders.sink.Bookkeeping`; times are seconds since the epoch, by our clock."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._texts = sections("bookkeeping.cypher")
        self._count = {entity: content_statements(entity)["rows"] for entity in Entity}
        self._first_loads: dict[Entity, int] = {}

    async def run_rows(self) -> dict[Entity, RunRow]:
        """Return the run rows there are."""
        found = [_run_row(row["row"]) for row in await self._graph.read(self._texts["runs"])]
        return {row.entity: row for row in found}

    async def advance(self, headers: Headers) -> RunRow:
        """Make the run current if it is higher; return the row as it is afterwards.

        A run of an older dump is refused, unless it says that it may be.
        """
        async with self._graph.transaction() as transaction:
            await self._note_run(transaction, headers.entity)
            await self._advance(transaction, headers)
            rows = await transaction.run(self._texts["run"], entity=headers.entity.value)
            row = _run_row(rows[0]["row"])
            if row.run < headers.run and (reason := refusal(headers, row.dump)):
                await self._refuse(transaction, headers, reason)
        if row.complete_run == 0:
            self._first_loads[row.entity] = row.run
        return row

    def is_first_load(self, headers: Headers) -> bool:
        """Tell whether no run of the entity was complete when this one began."""
        return self._first_loads.get(headers.entity) == headers.run

    async def overtake(self, transaction: Transaction, entity: Entity, detail: str) -> None:
        """Let nothing more be written of an entity's current run; ``detail`` says why."""
        await self._note_run(transaction, entity)
        for text in ("overtake", "forget_ranges"):
            await transaction.run(self._texts[text], entity=entity.value, detail=detail)

    async def check(
        self,
        transaction: Transaction,
        headers: Headers,
        verdict: Mapping[str, Any] | None = None,
        **counts: int,
    ) -> None:
        """End a writing transaction: add to the run's counts, or raise `RunSupersededError`.

        ``untidy`` is a count too: of what may have left nodes that nobody needs.
        """
        parameters = {"nonce": nonce(), "verdict": dict(verdict or {}), **_COUNTS, **counts}
        entity, run = headers.entity.value, headers.run
        found = await transaction.run(self._texts["check"], entity=entity, run=run, **parameters)
        if not found:
            raise RunSupersededError(f"run {run} of {entity} is not the graph's current one")

    async def declare(self, headers: Headers, state: State, detail: str, exceptions: int) -> None:
        """Set the verdict on the run; COMPLETE also records the rows now held."""
        verdict = {"state": state.value, "detail": detail, "exceptions": exceptions}
        async with self._graph.transaction() as transaction:
            if state is State.COMPLETE:
                rows = (await transaction.run(self._count[headers.entity]))[0]["rows"]
                verdict |= {"rows_at_complete": rows, "complete_run": headers.run}
            await self.check(transaction, headers, verdict)
            await self._note_run(transaction, headers.entity, ended=time.time())

    async def refusals(self) -> dict[int, str]:
        """Return the reasons of the newest refused runs."""
        rows = await self._graph.read(self._texts["refusals"])
        return {row["run"]: row["reason"] for row in rows}

    async def history(self, limit: int) -> list[PastRun]:
        """Return what is remembered of the last runs, the newest first."""
        rows = await self._graph.read(self._texts["history"], limit=limit)
        past = [_past_run(row["past"]) for row in rows]
        return with_current(past, await self.run_rows(), limit)

    async def store_range(self, headers: Headers, range_: Range) -> None:
        """Store one range of the run, replacing an equal one."""
        entity = headers.entity.value
        async with self._graph.transaction() as transaction:
            await transaction.run(
                self._texts["store_range"],
                key=key_of(headers.entity, range_.index),
                entity=entity,
                run=headers.run,
                index=range_.index,
                body=encode_range(range_).decode("ascii"),
            )
            await self.check(transaction, headers)

    async def ranges(self, entity: Entity, run: int, known: Collection[int] = ()) -> list[Range]:
        """Return the stored ranges of a run that are not known, by index."""
        of_run = {"entity": entity.value, "run": run, "known": list(known)}
        rows = await self._graph.read(self._texts["ranges"], **of_run)
        return [decode_range(row["body"].encode()) for row in rows]

    async def rejections(self, entity: Entity) -> list[Rejection]:
        """Return the records rejected, by id."""
        rows = await self._graph.read(self._texts["rejections"], entity=entity.value)
        return [Rejection(**row) for row in rows]

    async def rejected_record(self, entity: Entity, record_id: int) -> str:
        """Return the data of a rejected record as JSON, empty when it is not known."""
        text = self._texts["rejected_record"]
        rows = await self._graph.read(text, key=key_of(entity, record_id))
        return str(rows[0]["record"]) if rows else ""

    async def untidy(self, entity: Entity) -> int:
        """Return how much has happened since the last sweep that can leave nodes behind."""
        rows = await self._graph.read(self._texts["untidy"], entity=entity.value)
        return int(rows[0]["untidy"]) if rows else 0

    async def tidied(self, entity: Entity, untidy: int) -> None:
        """Take off what a sweep has seen to."""
        async with self._graph.transaction() as transaction:
            text = self._texts["tidied"]
            await transaction.run(text, entity=entity.value, untidy=untidy, nonce=nonce())

    async def _advance(self, transaction: Transaction, headers: Headers) -> None:
        entity = headers.entity.value
        run = {"run": headers.run, "dump": headers.dump, "allow_older": headers.allow_older}
        if await transaction.run(self._texts["advance"], entity=entity, nonce=nonce(), **run):
            await transaction.run(self._texts["forget_ranges"], entity=entity)
            await self._note_run(transaction, headers.entity, started=time.time())
            await transaction.run(self._texts["prune_history"], entity=entity, kept=RUNS_KEPT)

    async def _note_run(
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

    async def _refuse(self, transaction: Transaction, headers: Headers, reason: str) -> None:
        await transaction.run(self._texts["refuse"], run=headers.run, reason=reason)
        past = {
            "key": key_of(headers.entity, headers.run),
            "entity": headers.entity.value,
            "run": headers.run,
            "dump": headers.dump,
            "outcome": REFUSED,
            "detail": reason,
            **dict.fromkeys(_TIMES, time.time()),
        }
        await transaction.run(self._texts["note_refused"], past=past)


def _run_row(row: Mapping[str, Any]) -> RunRow:
    values = {field.name: row[field.name] for field in fields(RunRow)}
    values |= {"entity": Entity(row["entity"]), "state": State(row["state"])}
    return RunRow(**values)


def _past_run(past: Mapping[str, Any]) -> PastRun:
    values = {name: past[name] for name in PastRun.__slots__ if past.get(name) is not None}
    values |= {"entity": Entity(past["entity"])}
    return PastRun(**{**dict.fromkeys(_TIMES, 0.0), **values})
