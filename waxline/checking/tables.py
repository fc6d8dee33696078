"""The tables and sentences of audit, verify and repair."""

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table

from common.entities import LOAD_ORDER
from common.messages import Range
from common.reports import State
from loaders.auditing import Audit
from waxline.checking.findings import Findings

_SPANS_SHOWN = 5


def audit_table(audits: Iterable[Audit]) -> Table:
    """Return a line per entity and sink: its last run, and whether it still equals that."""
    table = _table("", "sink", "dump", "run", "rows", "left out", "differ", "equal")
    for audit in audits:
        table.add_row(audit.entity.plural, audit.sink, *_audited(audit))
    return table


def audit_remarks(audits: Iterable[Audit]) -> Iterator[str]:
    """Yield a sentence for each entity and sink that is not plainly equal."""
    for audit in audits:
        if said := _in_words(audit):
            yield f"{audit.sink}, {audit.entity.plural}: {said}"


def findings_table(findings: Findings, sinks: Sequence[str]) -> Table:
    """Return a line per entity and sink: how many records were compared, how many differ."""
    table = _table("", "sink", "compared", "left out", "rejected", "differ")
    for entity in LOAD_ORDER:
        for sink in sinks:
            if coverage := findings.coverage.get(entity):
                tally = findings.tallies[entity, sink]
                counts = (tally.compared, coverage.left_out, tally.rejected, len(tally.differing))
                table.add_row(entity.plural, sink, *(f"{count:,}" for count in counts))
    return table


def findings_remarks(findings: Findings) -> Iterator[str]:
    """Yield the differences, as many as are kept, and sentences on what was not compared."""
    yield from map(str, findings.shown)
    if hidden := findings.count - len(findings.shown):
        yield f"… and {hidden:,} more differences"
    for (entity, sink), tally in findings.tallies.items():
        if tally.kept:
            yield (
                f"{sink}, {entity.plural}: {tally.kept:,} that the dump has not are kept: it has "
                "a record whose id cannot be read"
            )
    for entity, coverage in findings.coverage.items():
        if coverage.drawn is not None:
            yield f"{entity.plural}: a sample of {coverage.drawn:,} of {coverage.read:,} records"


def _audited(audit: Audit) -> list[str]:
    if audit.row is None:
        return ["", "none", "", "", "", "no"]
    return [
        str(audit.row.dump),
        audit.row.state.value,
        f"{audit.rows:,}",
        f"{audit.quarantined + audit.rejected:,}",
        f"{len(audit.unequal)} of {audit.ranges}" if audit.missing == 0 else "",
        "yes" if audit.equal else "no",
    ]


def _in_words(audit: Audit) -> str:
    row = audit.row
    if row is None:
        return "nothing was ever loaded: `waxline run` loads a dump"
    if audit.overtaken:
        return "another run has begun meanwhile: audit again once it has ended"
    if audit.missing != 0:
        return f"its run is not finished: {_missing(audit)}; the same `waxline run` finishes it"
    if audit.unequal:
        return f"{len(audit.unequal)} of {audit.ranges} ranges differ: ids {_spans(audit.unequal)}"
    if row.state is not State.COMPLETE:
        detail = f" ({row.detail})" if row.detail else ""
        return f"its run is not finished, but {row.state.value}{detail}"
    return f"equal, with exceptions ({row.detail})" if row.exceptions else ""


def _missing(audit: Audit) -> str:
    return "no ranges have come" if audit.missing is None else f"{audit.missing} ranges are missing"


def _spans(ranges: Sequence[Range]) -> str:
    spans = [f"{range_.first} to {range_.last - 1}" for range_ in ranges[:_SPANS_SHOWN]]
    return ", ".join([*spans, *(["…"] if len(ranges) > _SPANS_SHOWN else [])])


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        left = column in ("", "sink", "run")
        table.add_column(column, justify="left" if left else "right")
    return table
