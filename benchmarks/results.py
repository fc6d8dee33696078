"""Results as JSON, written and read."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from benchmarks.databases import Cost, Counters
from benchmarks.measure import Figure, MemoryFigure, Peak, Profile, Results


def write(results: Results, path: Path) -> None:
    """Write results; with each figure its rate, for readers that are not ours."""
    found = asdict(results)
    for figure, told in zip(results.figures, found["figures"], strict=True):
        told["rate"] = round(figure.rate, 1)
        told["met"] = figure.met
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))


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
