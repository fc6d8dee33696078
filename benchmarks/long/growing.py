"""The part of the long page that says what a database's size does to the rates."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.long.growth import CATALOGUE, STEPS, estimate, rates_per
from benchmarks.long.size import EMPTY, MORE, SINKS, key_of
from benchmarks.measure import Figure, Results
from benchmarks.servers import TITLES
from benchmarks.tables import image, table
from benchmarks.updates import FIRST, LAST, SAME
from common.entities import LOAD_ORDER, Entity

_ABOUT = """\
How the estimate at the top of this page is made, of a first load of the {whole:,} records of June
2026, one sink at a time on this machine: artists, labels and masters at the rates above; releases,
*steady*, at the rate of the largest load, index builds included, or, *slower*, falling on beyond it
as a power of their number, the one that fits the parts of the curve best but the first (0 where
they do not fall).
It assumes that records are as large as these, that the databases have the memory and the disks
that they had here in proportion, and that nothing else is at work."""


def section(together: Results, images: Mapping[str, Path]) -> Iterator[str]:
    """Yield the curves as rates, what an addition costs, and how the estimates are made."""
    if not together.curves:
        return
    yield from ("### Rates of each part of a load", "")
    yield "Records per second; index builds and the comparison come after the last part."
    yield ""
    yield from image(images, "size", "Rates of each part of a load")
    yield from _parts(together)
    yield from _additions(together)
    yield from ("### The whole catalogue", "", _ABOUT.format(whole=sum(CATALOGUE.values())), "")


def _parts(together: Results) -> Iterator[str]:
    names = [sink for sink in SINKS if key_of(sink, FIRST) in together.curves]
    curves = [together.curves[key_of(sink, FIRST)] for sink in names]
    steps = [max(1, curve[-1][1] // STEPS) for curve in curves]
    told = [rates_per(curve, step) for curve, step in zip(curves, steps, strict=True)]
    rows = (
        [
            f"{steps[0] * (place + 1):,}",
            *(f"{rates[place]:,.0f}" if place < len(rates) else "" for rates in told),
        ]
        for place in range(max(map(len, told)))
    )
    yield from table(["up to", *(TITLES[sink] for sink in names)], rows)


def _additions(together: Results) -> Iterator[str]:
    """Yield what releases cost that come after many: a load with them less one without."""
    for sink in SINKS:
        names = (EMPTY, SAME, LAST, MORE)
        empty, same, last, more = [together.figure(key_of(sink, name)) for name in names]
        if empty and same and last and more:
            yield _addition(sink, empty, same, last, more)
            yield ""


def _addition(sink: str, empty: Figure, same: Figure, last: Figure, more: Figure) -> str:
    new = more.records - last.records
    seconds = more.seconds[0] - same.seconds[0]
    rate = f"{new / seconds:,.0f}/s" if seconds > 0 else "not to be told"
    return (
        f"{TITLES[sink]}: {new:,} new releases after {last.records:,}, which have indexes by then, "
        f"take {seconds:.1f} s more than the unchanged alone: {rate}, beside {empty.rate:,.0f}/s "
        f"into an empty database."
    )


def estimates(together: Results) -> Iterator[str]:
    """Yield the hours of the whole catalogue, where they can be estimated."""
    rows = []
    for sink in SINKS:
        figures = _loads(together, sink)
        curve = together.curves.get(key_of(sink, FIRST))
        if curve and len(figures) == len(LOAD_ORDER):
            found = estimate(figures, curve)
            slowing = f"{found.slowing:.0%}"
            rows.append([TITLES[sink], f"{found.steady:.1f}", f"{found.slower:.1f}", slowing])
    heads = ["whole catalogue, one sink", "hours, steady", "hours, slower"]
    heads.append("rate lost with every tenfold")
    if rows:
        yield from table(heads, rows)
        yield "How these hours are estimated: [the whole catalogue](#the-whole-catalogue)."
        yield ""


def _loads(together: Results, sink: str) -> Mapping[Entity, Figure]:
    names = {entity: entity.plural for entity in LOAD_ORDER} | {Entity.RELEASE: FIRST}
    found = {entity: together.figure(key_of(sink, name)) for entity, name in names.items()}
    return {entity: figure for entity, figure in found.items() if figure}
