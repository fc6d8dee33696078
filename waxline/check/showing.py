"""The tables and sentences of audit, verify and repair."""

from collections.abc import Iterable, Iterator

from common.entities import LOAD_ORDER
from common.outputs import counted
from common.verdicts import Standing
from waxline.check.findings import Findings
from waxline.check.sink_audit import Audit
from waxline.columns import fitted, said_once


def audit_table(audits: Iterable[Audit], width: int | None = None) -> list[str]:
    """Return a line per entity and sink: its last run, and whether it still equals that."""
    head = ("", "sink", "dump", "rows", "left out", "differ", "equal")
    rows = [(audit.entity.plural, audit.sink, *_audited(audit)) for audit in audits]
    return fitted(head, rows, names=2, width=width)


def audit_remarks(audits: Iterable[Audit]) -> Iterator[str]:
    """Yield a sentence for each entity and sink that is not plainly equal."""
    yield from said_once(
        # The ranges that differ are a sentence by themselves.
        (
            audit.entity.plural,
            audit.sink,
            audit.verdict.detail if audit.unequal else str(audit.verdict),
        )
        for audit in audits
        if audit.verdict.standing is not Standing.EQUAL
    )


def findings_table(findings: Findings, width: int | None = None) -> list[str]:
    """Return a line per entity and sink: how many records were compared, how many differ."""
    head, rows = ("", "sink", "compared", "left out", "rejected", "differ"), []
    sinks = dict.fromkeys(sink for _, sink in findings.tallies)
    for entity in LOAD_ORDER:
        for sink in sinks:
            if coverage := findings.coverage.get(entity):
                tally = findings.tallies[entity, sink]
                counts = (tally.compared, coverage.left_out, tally.rejected, len(tally.differing))
                rows.append((entity.plural, sink, *(f"{count:,}" for count in counts)))
    return fitted(head, rows, names=2, width=width)


def findings_remarks(findings: Findings) -> Iterator[str]:
    """Yield the differences, as many as are kept, and sentences on what was not compared."""
    yield from map(str, findings.shown)
    if hidden := findings.count - len(findings.shown):
        yield f"… and {counted(hidden, 'more difference')}"
    for (entity, sink), tally in findings.tallies.items():
        if tally.kept:
            yield (
                f"{sink}, {entity.plural}: {tally.kept:,} that the dump has not are kept: they "
                "could not be deleted, or it has a record whose id cannot be read"
            )
    for entity, coverage in findings.coverage.items():
        if coverage.drawn is not None:
            records = counted(coverage.read, "record")
            yield f"{entity.plural}: a sample of {coverage.drawn:,} of {records}"
    yield from said_once(
        (entity.plural, sink, str(verdict))
        for (entity, sink), verdict in findings.verdicts().items()
        if verdict and verdict.standing is not Standing.EQUAL
    )


def findings_conclusion(findings: Findings) -> str:
    """Return what a comparison that found no difference came to, in one sentence."""
    verdicts = findings.verdicts().values()
    if None in verdicts:
        return "Every record drawn is as the dumps have it: a sample, `--all` compares the others."
    if all(verdict and verdict.standing is Standing.EQUAL for verdict in verdicts):
        return "Every record compared is as the dumps have it."
    return "Every record compared is as the dumps have it, but for those told of above."


def _audited(audit: Audit) -> list[str]:
    if audit.row is None:
        return ["", "", "", "", audit.verdict.standing.answer]
    return [
        str(audit.row.dump),
        f"{audit.rows:,}",
        f"{audit.exceptions.count:,}",
        f"{len(audit.unequal)} of {audit.ranges}" if audit.missing == 0 else "",
        audit.verdict.standing.answer.removeprefix("equal, "),  # to fit
    ]
