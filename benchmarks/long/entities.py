"""Each entity by itself into an empty PostgreSQL, beside gunzip alone and lxml alone."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmarks import floors
from benchmarks.attempts import attempt
from benchmarks.blocks import groups
from benchmarks.data import Dump
from benchmarks.long.bench import LongBench, figure_of
from benchmarks.measure import Figure, Stopwatch, Timings, as_in_a_parse_process
from benchmarks.servers import TO_POSTGRES
from common.entities import Entity
from config.settings import Settings, load_settings
from extractor.source import Source

GROUP = "entities"
GOALS = {
    Entity.RELEASE: 9_000.0,
    Entity.ARTIST: 80_000.0,
    Entity.LABEL: 110_000.0,
    Entity.MASTER: 25_000.0,
}


def measure_entities(bench: LongBench) -> None:
    """Measure dump → RabbitMQ → PostgreSQL for each entity, beside its floors."""
    for entity in GOALS:
        attempt(bench.results, f"{GROUP}: {entity.plural}", partial(_measure_entity, bench, entity))


def _measure_entity(bench: LongBench, entity: Entity) -> None:
    dump = bench.dump(entity)
    known = asyncio.run(_floors(bench, dump))
    for floor in known:
        bench.results.add(floor)
    loads = bench.repeated(GROUP, TO_POSTGRES, "postgres", dump)
    title = f"dump → RabbitMQ → PostgreSQL, {entity.plural}"
    what = "one parse process, one loader; tables, indexes and the comparison with the dump"
    figure = figure_of(loads, f"{GROUP}: {entity.plural}", GROUP, title, what)
    keys = [floor.key for floor in known]
    bench.results.add(replace(figure, goal=GOALS[entity], floors=keys))


async def _floors(bench: LongBench, dump: Dump) -> list[Figure]:
    repeats = bench.sizes.repeats
    gunzip = await floors.gunzip(GROUP, dump, repeats)
    return [gunzip, parse_from_file(dump, load_settings(), repeats)]


def parse_from_file(dump: Dump, settings: Settings, repeats: int) -> Figure:
    """Measure lxml's parse alone, as `floors.parse_alone` does, of a dump of any size.

    Groups are cut while the clock stands still, so that the dump is never in memory whole.
    """
    timings = Timings()
    with as_in_a_parse_process():
        for _ in range(repeats):
            watch = _parse_all(dump, settings)
            timings.wall.append(watch.wall)
            timings.cpu.append(watch.cpu)
    return floors.parse_figure(GROUP, dump, timings)


def _parse_all(dump: Dump, settings: Settings) -> Stopwatch:
    found, watch = 0, Stopwatch()
    with Source(dump.path) as source:
        for group in groups(dump.entity, _blocks(source), settings):
            with watch:
                found += floors.parsed(group)
    assert found == dump.records, f"lxml found {found} of {dump.records}"
    return watch


def _blocks(source: Source) -> Iterator[bytes]:
    return iter(source.read_block, b"")
