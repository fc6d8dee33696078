"""The goals of whole loads, and how fast the cores were that they were stated for.

Cores differ, by the hour too, so each goal is also told as a ratio: as many records for each that
lxml's parse alone gets through, in the same run, as there were where the goal was stated.
"""

from collections.abc import Mapping
from dataclasses import replace

from benchmarks.measure import Figure, Results
from common.entities import Entity

POSTGRES: Mapping[Entity, float] = {
    Entity.RELEASE: 9_000.0,
    Entity.ARTIST: 80_000.0,
    Entity.LABEL: 110_000.0,
    Entity.MASTER: 25_000.0,
}
NEO4J = 5_000.0
"""Of releases, 100,000 or more of them."""

BOTH = 3_500.0
"""Of releases, into both sinks at once."""

FIRST_LOAD: Mapping[tuple[str, ...], Mapping[Entity, float]] = {
    ("postgres",): POSTGRES,
    ("neo4j",): {Entity.RELEASE: NEO4J},
    ("postgres", "neo4j"): {Entity.RELEASE: BOTH},
}
"""By sinks; the others have none."""

SCANS = 3
"""How many times as long as the same dump again the next month's may take, into one sink."""

LXML_PARSE = {
    Entity.ARTIST: 340_000.0,
    Entity.LABEL: 510_000.0,
    Entity.MASTER: 94_000.0,
    Entity.RELEASE: 24_000.0,
}
"""Records/s of lxml's parse alone, groups of records under one root, where they were stated."""


def with_goal(figure: Figure, goal: float | None, entity: Entity, floors: list[str]) -> Figure:
    """Return a load with its goal, if it has one, and its floors, lxml's parse alone among them."""
    if goal is None:
        return replace(figure, floors=floors)
    return replace(figure, goal=goal, lxml_where_stated=LXML_PARSE[entity], floors=floors)


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
