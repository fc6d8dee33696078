"""Measures the long groups; each keeps its results in a file of its own when it is done."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks import machine, results
from benchmarks.attempts import attempt
from benchmarks.long.bench import LongBench
from benchmarks.long.cost import measure_cost
from benchmarks.long.entities import measure_entities
from benchmarks.long.page import write_long_page
from benchmarks.long.profile import measure_profile
from benchmarks.long.scaling import measure_scaling
from benchmarks.long.size import measure_size
from benchmarks.long.update import measure_update
from benchmarks.measure import Results
from benchmarks.options import LONG_GROUPS, LongSizes, Options

MEASURES: Mapping[str, Callable[[LongBench], None]] = {
    "entities": measure_entities,
    "scaling": measure_scaling,
    "size": measure_size,
    "update": measure_update,
    "cost": measure_cost,
    "profile": measure_profile,
}


def run_long(options: Options, sizes: LongSizes) -> int:
    """Measure the groups asked for, and report them with the last results of the others."""
    if not options.from_results:
        for group in options.groups:
            _measure(group, sizes, options)
    found = {
        group: results.read(path)
        for group in LONG_GROUPS
        if (path := _path(options, group)).exists()
    }
    for written in write_long_page(found, options.pages / "benchmarks-long.md"):
        print(written)
    return 1 if any(one.failed for one in found.values()) else 0


def _measure(group: str, sizes: LongSizes, options: Options) -> None:
    found = Results(machine.describe(), asdict(sizes))
    attempt(found, group, partial(MEASURES[group], LongBench(sizes, options.cache, found)))
    path = _path(options, group)
    results.write(found, path)
    print(path)


def _path(options: Options, group: str) -> Path:
    return options.results / f"long-{group}.json"
