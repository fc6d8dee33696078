"""The table at the end of `waxline run`, and what to say of sinks that differ."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from common.entities import LOAD_ORDER, Entity
from common.reports import Progress
from waxline.running.run import Outcome
from waxline.running.verdict import Standing, Verdict


def summary_table(outcome: Outcome, sinks: Sequence[str]) -> Table:
    """Return a line per entity: what was read, and what each sink made of it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    columns = ["read", "unchanged", "sent", "quarantined", "seconds", "records/s"]
    for sink in sinks:
        columns += [f"{sink}: loaded", "rejected", "deleted", "equal"]
    for column in columns:
        table.add_column(column, justify="right")
    for entity in LOAD_ORDER:
        if reading := outcome.readings.get(entity):
            table.add_row(entity.plural, *_reading(reading), *_sinks(outcome, entity, sinks))
    return table


def remarks(outcome: Outcome) -> Iterator[str]:
    """Yield a sentence for each sink and entity that is not plainly equal."""
    for (entity, sink), verdict in outcome.verdicts.items():
        if verdict.standing is not Standing.EQUAL:
            yield f"{sink}, {entity.plural}: {_in_words(verdict)}"


def _reading(reading: Progress) -> list[str]:
    seconds = max(reading["heartbeat"] - reading["started"], 0.001)
    counts = (reading["read"], reading["unchanged"], reading["sent"], reading["quarantined"])
    return [
        *(f"{count:,}" for count in counts),
        f"{seconds:.1f}",
        f"{reading['read'] / seconds:,.0f}",
    ]


def _sinks(outcome: Outcome, entity: Entity, sinks: Sequence[str]) -> list[str]:
    cells = []
    for sink in sinks:
        report = outcome.reports.get(sink)
        row = report["entities"].get(entity) if report else None
        verdict = outcome.verdicts[entity, sink]
        if row is None or row["run"] != outcome.readings[entity]["run"]:
            cells += ["", "", "", verdict.standing.value]
            continue
        counts = (row["loaded"], row["rejected"], row["deleted"])
        equal = "yes" if verdict.standing.good else "no"
        cells += [*(f"{count:,}" for count in counts), equal]
    return cells


def _in_words(verdict: Verdict) -> str:
    standing = verdict.standing.value
    return f"{standing} ({verdict.detail})" if verdict.detail else standing
