"""Results as JSON, written and read."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from benchmarks.databases import Cost, Counters
from benchmarks.measure import Figure, MemoryFigure, Peak, Profile, Results

POINTS = 100
"""Points that are kept of a curve: a plot has no use for more."""


def write(results: Results, path: Path) -> None:
    """Write results, of curves no more than a plot shows.

    With each figure stands its rate, for readers that are not ours.
    """
    found = asdict(results)
    found["curves"] = {name: thinned(curve) for name, curve in results.curves.items()}
    for figure, told in zip(results.figures, found["figures"], strict=True):
        told["rate"] = round(figure.rate, 1)
        told["met"] = figure.met
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))


def thinned(curve: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Return about `POINTS` points of a curve, spread evenly, its two ends among them.

    The last point without records stays too: until then the processes started.
    """
    if len(curve) <= POINTS:
        return list(curve)
    last = len(curve) - 1
    start = max((place for place, (_, count) in enumerate(curve) if count == 0), default=0)
    places = {start, *(step * last // (POINTS - 1) for step in range(POINTS))}
    return [(round(curve[place][0], 2), curve[place][1]) for place in sorted(places)]


def read(path: Path) -> Results:
    """Read results as they were written."""
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return Results(
        **{
            **found,
            "figures": [_figure(told) for told in found["figures"]],
            "costs": [_cost(told) for told in found.get("costs", ())],
            "memory": [_memory(told) for told in found["memory"]],
            "profiles": [_profile(told) for told in found.get("profiles", ())],
            "memory_records": tuple(found["memory_records"]),
            "curves": {
                name: [(seconds, count) for seconds, count in curve]
                for name, curve in found["curves"].items()
            },
        }
    )


def _figure(told: dict[str, Any]) -> Figure:
    return Figure(**{name: value for name, value in told.items() if name not in ("rate", "met")})


def _cost(told: dict[str, Any]) -> Cost:
    return Cost(**{**told, "counters": Counters(**told["counters"])})


def _memory(told: dict[str, Any]) -> MemoryFigure:
    return MemoryFigure(told["process"], Peak(**told["small"]), Peak(**told["large"]))


def _profile(told: dict[str, Any]) -> Profile:
    own, total = ([(name, share) for name, share in told[which]] for which in ("own", "total"))
    return Profile(told["process"], told["samples"], own, total)
