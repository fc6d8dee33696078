"""What months cost after a first load, at a size where starting up is little of it."""

from contextlib import ExitStack
from functools import partial

from benchmarks.attempts import attempt
from benchmarks.long.bench import LongBench, start
from benchmarks.servers import TO_BOTH, TO_NEO4J, TO_POSTGRES, Kinds
from benchmarks.updates import measure_updates

GROUP = "update"
_FLOOR_REPEATS = 3
_SINKS: tuple[tuple[tuple[str, ...], Kinds], ...] = (
    (("postgres",), TO_POSTGRES),
    (("neo4j",), TO_NEO4J),
    (("postgres", "neo4j"), TO_BOTH),
)


def measure_update(bench: LongBench) -> None:
    """Measure each sink by itself, then both at once."""
    floors = bench.floors(GROUP, bench.large(1), _FLOOR_REPEATS)
    for sinks, kinds in _SINKS:
        measure = partial(_measure, bench, sinks, kinds, floors)
        attempt(bench.results, f"{GROUP}: {'+'.join(sinks)}", measure)


def _measure(bench: LongBench, sinks: tuple[str, ...], kinds: Kinds, floors: list[str]) -> None:
    months = [bench.large(month) for month in (1, 2, 3)]
    folder = bench.cache / "logs" / f"{GROUP}-{'+'.join(sinks)}"
    with ExitStack() as stack:
        servers = start(stack, kinds, bench.cache)
        found = measure_updates(servers, sinks, months, GROUP, folder, floors)
    for figure in found.figures:
        bench.results.add(figure)
    bench.results.costs += found.costs
