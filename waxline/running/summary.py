"""The tables at the end of `waxline run`, and what to say of sinks that differ."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from common.entities import LOAD_ORDER, Entity
from common.reports import Progress
from waxline.running.run import Outcome
from waxline.running.verdict import Standing, Verdict

_ADVICE = {
    Standing.REFUSED: "--allow-older loads it all the same",
    Standing.BLOCKED: "--allow-deletions deletes them all the same",
    Standing.SUPERSEDED: "a newer run has begun, and it is the one that counts",
    Standing.UNEQUAL: "the same command again sends what is missing",
    Standing.WAITING: "the same command again sends what is missing",
}


def reading_table(outcome: Outcome) -> Table:
    """Return a line per entity: what was read of the dumps."""
    table = _table("", "read", "unchanged", "sent", "quarantined", "seconds", "records/s")
    for entity in LOAD_ORDER:
        if reading := outcome.readings.get(entity):
            table.add_row(entity.plural, *_reading(reading))
    return table


def sink_table(outcome: Outcome, sinks: Sequence[str]) -> Table:
    """Return a line per entity and sink: what each made of what was sent."""
    table = _table("", "sink", "loaded", "rejected", "deleted", "equals the dump")
    for entity in LOAD_ORDER:
        for sink in sinks:
            if entity in outcome.readings:
                table.add_row(entity.plural, sink, *_sink(outcome, entity, sink))
    return table


def remarks(outcome: Outcome) -> Iterator[str]:
    """Yield a sentence for each sink and entity that is not plainly equal."""
    for (entity, sink), verdict in outcome.verdicts.items():
        if verdict.standing is not Standing.EQUAL:
            yield f"{sink}, {entity.plural}: {_in_words(verdict)}"


def conclusion(outcome: Outcome) -> str:
    """Return what a run that ended well came to, in one sentence."""
    standings = {verdict.standing for verdict in outcome.verdicts.values()}
    if Standing.EXCEPTIONS in standings:
        return "Every sink equals the dumps, but for the records told of above."
    if _nothing_changed(outcome):
        return "Every sink equals the dumps; nothing had changed."
    return "Every sink equals the dumps."


def _nothing_changed(outcome: Outcome) -> bool:
    sent = any(reading["sent"] for reading in outcome.readings.values())
    deleted = any(
        row["deleted"]
        for report in outcome.reports.values()
        for entity, row in report["entities"].items()
        if entity in outcome.readings
    )
    return not sent and not deleted and outcome.attempts == 1


def _reading(reading: Progress) -> list[str]:
    seconds = max(reading["heartbeat"] - reading["started"], 0.001)
    counts = (reading["read"], reading["unchanged"], reading["sent"], reading["quarantined"])
    return [
        *(f"{count:,}" for count in counts),
        f"{seconds:.1f}",
        f"{reading['read'] / seconds:,.0f}",
    ]


def _sink(outcome: Outcome, entity: Entity, sink: str) -> list[str]:
    standing = outcome.verdicts[entity, sink].standing
    report = outcome.reports.get(sink)
    row = report["entities"].get(entity) if report else None
    if row is None or row["run"] != outcome.readings[entity]["run"]:
        return ["", "", "", standing.value]
    counts = (row["loaded"], row["rejected"], row["deleted"])
    return [*(f"{count:,}" for count in counts), "yes" if standing.good else standing.value]


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="left" if column in ("", "sink") else "right")
    return table


def _in_words(verdict: Verdict) -> str:
    standing = verdict.standing
    detail = f" ({verdict.detail})" if verdict.detail else ""
    advice = f": {_ADVICE[standing]}" if standing in _ADVICE else ""
    return f"{standing.value}{detail}{advice}"
