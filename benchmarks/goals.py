"""The goals, and how fast the cores were that they were stated for.

Cores differ, by the hour too, so the goal of a whole load is also told as a ratio: as many records
for each that lxml's parse alone gets through, in the same run, as there were where it was stated.
"""

from collections.abc import Mapping

from benchmarks.figures import Figure, Results
from common.entities import Entity

UNCHANGED = {Entity.RELEASE: 50_000.0, Entity.ARTIST: 300_000.0}
"""Of split, fingerprint and look-up, where nothing has changed."""

PARSE = 7_000.0
"""Of Python's walker, in releases."""

PARSE_SHARE = 0.8
"""Of lxml's parse alone: the compiled walker's goal."""

UNCHANGED_SHARE = 0.8
"""Of gunzip and hash on one core: the goal where nothing has changed."""

UPDATED_SHARE = 0.6
"""The same for the next month, of which 2 % of the releases have changed."""

FIRST_LOAD: Mapping[tuple[str, ...], Mapping[Entity, float]] = {
    ("postgres",): {
        Entity.RELEASE: 9_000.0,
        Entity.ARTIST: 80_000.0,
        Entity.LABEL: 110_000.0,
        Entity.MASTER: 25_000.0,
    },
    ("neo4j",): {Entity.RELEASE: 5_000.0},
    ("postgres", "neo4j"): {Entity.RELEASE: 3_500.0},
}
"""By sinks, for 100,000 releases or more; other entities have none."""

SCANS = 3
"""How many times as long as the same dump again the next month's may take, into one sink."""

MEMORY = 150.0
"""MB that a process of ours may have resident."""

MEMORY_GROWTH = 0.1
"""How much more or less it may have at ten times the input."""

LXML_PARSE = {
    Entity.ARTIST: 340_000.0,
    Entity.LABEL: 510_000.0,
    Entity.MASTER: 94_000.0,
    Entity.RELEASE: 24_000.0,
}
"""Records/s of lxml's parse alone, groups of records under one root, where they were stated."""


def lxml_floor(figure: Figure, results: Results) -> Figure | None:
    """Return lxml's parse alone, of the floors that were measured beside a figure."""
    keys = (key for key in figure.floors if "lxml parse" in key)
    return next((floor for key in keys if (floor := results.figure(key))), None)


def goal_here(figure: Figure, results: Results) -> float | None:
    """Return a figure's goal at the speed of lxml in the same run, where that is known."""
    if figure.goal is None or figure.lxml_where_stated is None:
        return None
    floor = lxml_floor(figure, results)
    return figure.goal * floor.rate / figure.lxml_where_stated if floor else None
