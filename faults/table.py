"""What is printed: a line per round, and a table of all rows at the end."""

from collections import Counter
from collections.abc import Iterable, Sequence

from faults.round import Outcome
from faults.stage import Row


def line(outcome: Outcome) -> str:
    """Return a round in one line; one that failed with its reason, and how to repeat it."""
    killed = f", {outcome.kills.total()} kills" if outcome.kills else ""
    said = "failed" if outcome.problem else "equal"
    first = f"{outcome.row} seed {outcome.seed}: {said}, {outcome.seconds:.1f} s{killed}"
    if not outcome.problem:
        return first
    again = f"make faults ROUNDS=1 SEED={outcome.seed} ROWS={outcome.row}"
    return f"{first}\n{outcome.problem}\nagain: {again}"


def table(rows: Sequence[Row], outcomes: Sequence[Outcome]) -> str:
    """Return a line per row in Markdown, then the kill points."""
    head = "| row | injected | rounds | kills | failed | longest, s |\n|---|---|--:|--:|--:|--:|"
    lines = [_line(row, [one for one in outcomes if one.row == row.name]) for row in rows]
    kills = sum((one.kills for one in outcomes), Counter[str]())
    return "\n".join(["", head, *lines, "", *_points(kills)])


def _line(row: Row, outcomes: Sequence[Outcome]) -> str:
    kills = sum(one.kills.total() for one in outcomes)
    failed = sum(bool(one.problem) for one in outcomes)
    longest = max((one.seconds for one in outcomes), default=0.0)
    cells = (row.name, row.injects, len(outcomes), kills or "", failed or "none", f"{longest:.1f}")
    return f"| {' | '.join(map(str, cells))} |"


def _points(kills: Counter[str]) -> Iterable[str]:
    if kills:
        yield f"{kills.total()} kills:"
        yield "\n| program, point | kills |\n|---|--:|"
        yield from (f"| {name} | {count} |" for name, count in sorted(kills.items()))
