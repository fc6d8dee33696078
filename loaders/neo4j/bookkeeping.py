"""The sink's bookkeeping, as nodes of labels of their own beside the catalogue."""

import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from common.entities import Entity
from common.errors import RunSupersededError, ServerError, TransientError
from common.messages import Headers, Range, decode_range, encode_range
from common.reports import State
from common.run_rules import refusal
from loaders.namespaces import strange
from loaders.neo4j.connection import Graph, Transaction
from loaders.neo4j.history import Deletions, History, key_of, nonce
from loaders.neo4j.statements import sections
from loaders.sink import Rejection, RunRow

_at_once = retry(
    retry=retry_if_exception_type(TransientError),
    stop=stop_after_attempt(5),
    wait=wait_random(0, 0.5),
    reraise=True,
)
"""For what several loaders do at the same moment, when they open an empty database."""

_COUNTS = {"loaded": 0, "unchanged": 0, "rejected": 0, "deleted": 0, "untidy": 0}


class Bookkeeping:
    """Run rows, ranges, rejections, refusals and the identity of one graph database."""

    def __init__(self, graph: Graph, namespace: str) -> None:
        self._graph = graph
        self._namespace = namespace
        self._texts = sections("bookkeeping.cypher")
        self.history = History(graph, self._texts)
        self.deletions = Deletions(self._texts)

    @_at_once
    async def identity(self) -> str:
        """Return the database's own identity, made up at the first call."""
        made_up = {"identity": secrets.token_hex(8), "namespace": self._namespace}
        rows = await self._graph.read(self._texts["identity"], **made_up)
        await self.check_namespace()
        return str(rows[0]["identity"])

    async def check_namespace(self) -> None:
        """Raise `ServerError` when another pipeline loads this graph."""
        for row in await self._graph.read(self._texts["namespace"]):
            if reason := strange(row["namespace"], self._namespace):
                raise ServerError(f"the graph {reason}")

    async def run_rows(self) -> dict[Entity, RunRow]:
        """Return the run rows there are."""
        found = [_run_row(row["row"]) for row in await self._graph.read(self._texts["runs"])]
        return {row.entity: row for row in found}

    async def advance(self, headers: Headers) -> RunRow:
        """Make the run current if it is higher; return the row as it is afterwards.

        A run of an older dump is refused, unless it says that it may be.
        """
        entity = headers.entity.value
        run = {
            "run": headers.run,
            "dump": headers.dump,
            "allow_older": headers.allow_older,
            "nonce": nonce(),
        }
        async with self._graph.transaction() as transaction:
            await self.history.note(transaction, headers.entity)
            if await transaction.run(self._texts["advance"], entity=entity, **run):
                await transaction.run(self._texts["forget_ranges"], entity=entity)
                await self.history.note(transaction, headers.entity, started=time.time())
                await self.history.prune(transaction, headers.entity)
            rows = await transaction.run(self._texts["run"], entity=entity)
            row = _run_row(rows[0]["row"])
            if row.run < headers.run and (reason := refusal(headers, row.dump)):
                await self._refuse(transaction, headers, reason)
        return row

    async def overtake(self, transaction: Transaction, entity: Entity, detail: str) -> None:
        """Let nothing more be written of an entity's current run; ``detail`` says why."""
        await self.history.note(transaction, entity)
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

    async def ranges(self, entity: Entity, run: int, known: Collection[int]) -> list[Range]:
        """Return the stored ranges of a run that are not known, by index."""
        of_run = {"entity": entity.value, "run": run, "known": list(known)}
        rows = await self._graph.read(self._texts["ranges"], **of_run)
        return [decode_range(row["body"].encode()) for row in rows]

    async def declare(
        self,
        transaction: Transaction,
        headers: Headers,
        state: State,
        detail: str,
        exceptions: int,
        rows: int,
    ) -> None:
        """Set the verdict; ``rows`` is what the sink holds, kept when it is COMPLETE."""
        verdict = {"state": state.value, "detail": detail, "exceptions": exceptions}
        if state is State.COMPLETE:
            verdict |= {"rows_at_complete": rows, "complete_run": headers.run}
        await self.check(transaction, headers, verdict)
        await self.history.note(transaction, headers.entity, ended=time.time())

    async def settle(
        self,
        transaction: Transaction,
        entity: Entity,
        ids: Sequence[int],
        rejections: Sequence[Rejection] = (),
    ) -> None:
        """Drop the rejections of ``ids``, which are right or gone now, and store others."""
        keys = [key_of(entity, record_id) for record_id in ids]
        await transaction.run(self._texts["accept"], keys=keys)
        if rejections:
            found = [_rejection(entity, rejection) for rejection in rejections]
            await transaction.run(self._texts["reject"], rejections=found)

    async def rejected(self, entity: Entity, first: int, last: int) -> dict[int, int]:
        """Return the fingerprints of rejected records in ``[first, last)`` by id."""
        text = self._texts["rejected"]
        rows = await self._graph.read(text, entity=entity.value, first=first, last=last)
        return {row["id"]: row["fingerprint"] for row in rows}

    async def rejections(self, entity: Entity) -> list[Rejection]:
        """Return the records rejected, by id."""
        rows = await self._graph.read(self._texts["rejections"], entity=entity.value)
        return [Rejection(**row) for row in rows]

    async def rejected_record(self, entity: Entity, record_id: int) -> str:
        """Return the data of a rejected record as JSON, empty when it is not known."""
        text = self._texts["rejected_record"]
        rows = await self._graph.read(text, key=key_of(entity, record_id))
        return str(rows[0]["record"]) if rows else ""

    async def refusals(self) -> dict[int, str]:
        """Return the reasons of the newest refused runs."""
        rows = await self._graph.read(self._texts["refusals"])
        return {row["run"]: row["reason"] for row in rows}

    async def untidy(self, entity: Entity) -> int:
        """Return how much has happened since the last sweep that can leave nodes behind."""
        rows = await self._graph.read(self._texts["untidy"], entity=entity.value)
        return int(rows[0]["untidy"]) if rows else 0

    async def tidied(self, entity: Entity, untidy: int) -> None:
        """Take off what a sweep has seen to."""
        async with self._graph.transaction() as transaction:
            text = self._texts["tidied"]
            await transaction.run(text, entity=entity.value, untidy=untidy, nonce=nonce())

    async def _refuse(self, transaction: Transaction, headers: Headers, reason: str) -> None:
        await transaction.run(self._texts["refuse"], run=headers.run, reason=reason)
        await self.history.note_refused(transaction, headers, reason, time.time())


def _rejection(entity: Entity, rejection: Rejection) -> dict[str, Any]:
    return {
        "key": key_of(entity, rejection.id),
        "entity": entity.value,
        "id": rejection.id,
        "fingerprint": rejection.fingerprint,
        "reason": rejection.reason,
        "run": rejection.run,
        "dump": rejection.dump,
        "record": rejection.record,
    }


def _run_row(row: Mapping[str, Any]) -> RunRow:
    values = {field.name: row[field.name] for field in fields(RunRow)}
    values |= {"entity": Entity(row["entity"]), "state": State(row["state"])}
    return RunRow(**values)
