"""The lines of a page that most readers come for: how fast, and how long for all of it."""

from collections.abc import Iterator, Mapping

from benchmarks.goals import lxml_floor
from benchmarks.measure import Figure, Results
from benchmarks.tables import table

_RELEASES = 19_192_301
"""In the dump of June 2026."""

SHORT: Mapping[str, str] = {
    "postgres: first load": "PostgreSQL alone, first load",
    "neo4j: in turn": "Neo4j alone, first load",
    "update: postgres+neo4j, first load": "both at once, first load",
    "update: postgres+neo4j, nothing changed": "both, nothing changed",
    "update: postgres+neo4j, next month": "both, the next month",
}
LONG: Mapping[str, str] = {
    "size: postgres, first load": "PostgreSQL alone, first load",
    "size: postgres, the month after": "PostgreSQL alone, a month",
    "size: neo4j, first load": "Neo4j alone, first load",
    "size: neo4j, the month after": "Neo4j alone, a month",
}


def headline(results: Results, names: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each of these figures that was measured; ``names`` are by their keys."""
    found = [(name, figure) for key, name in names.items() if (figure := results.figure(key))]
    if not found:
        return
    machine = results.machine
    cores, processor = machine.get("cores", "?"), machine.get("processor", "an unknown processor")
    yield f"In short, on {cores} cores ({processor}), servers and programs together:"
    yield ""
    heads = ["", "releases", "releases/s", "beside lxml's parse alone", "all releases, hours"]
    yield from table(heads, (_row(name, figure, results) for name, figure in found))
    yield f"*All releases* are the {_RELEASES:,} of June 2026, at this rate."
    yield ""


def _row(name: str, figure: Figure, results: Results) -> list[str]:
    floor = lxml_floor(figure, results)
    return [
        name,
        f"{figure.records:,}",
        f"{figure.rate:,.0f}",
        f"{figure.rate / floor.rate:.2g}" if floor else "",
        f"{_RELEASES / figure.rate / 3600:.1f}",
    ]
