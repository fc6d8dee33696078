"""The part of the long page that says what more cores would do."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks import goals
from benchmarks.long import entities
from benchmarks.long.model import Costs, costs_of, predict
from benchmarks.long.scaling import CORES, key_of
from benchmarks.measure import Figure, Results
from benchmarks.pipeline import Workers
from benchmarks.tables import MEASURED_CORES, image, table
from common.entities import Entity

_ABOUT = """\
A model of more cores, from the CPU seconds that each process took here with one parse process and
one loader.  A load streams, all stages at once, then builds indexes.  Streaming takes per record
the larger of two times: the CPU seconds of all stages divided by the cores, and the CPU seconds of
the slowest stage that cannot be divided.  Index builds take their seconds divided by the cores.

It assumes:

- The extractor's process is serial for an entity, though it gunzips in a thread beside; RabbitMQ
  is, for a sink has one queue for an entity, though its connections work beside it; so is Valkey.
- Parse processes, loaders and PostgreSQL's sessions divide: there are as many as a rate needs.
  Indexes are built in as many sessions as there are cores (`WAXLINE_POSTGRES_SESSIONS`).
- A record costs the same CPU seconds on any number of cores: locks, caches, memory bandwidth,
  disks and networks are never the bound.  One entity is loaded at a time.  What processes cost
  when they start and end is counted as the records'.

*As here* multiplies what is modelled by the measured rate over the modelled one on two cores:
what starting, waiting and the comparison at the end take."""


def costs_by_name(together: Results) -> dict[str, Costs]:
    """Return what each entity's load costs, of those that were measured."""
    return {name: costs_of(figure) for name, figure in _figures(together).items()}


def _figures(together: Results) -> Mapping[str, Figure]:
    """Return the loads with one process of each kind; releases from their own group first."""
    keys = {entity.plural: f"{entities.GROUP}: {entity.plural}" for entity in goals.POSTGRES}
    found = {name: figure for name, key in keys.items() if (figure := together.figure(key))}
    if releases := together.figure(key_of(Workers())):
        found = {Entity.RELEASE.plural: releases, **found, Entity.RELEASE.plural: releases}
    return {name: figure for name, figure in found.items() if _can_be_modelled(figure)}


def _can_be_modelled(figure: Figure) -> bool:
    return any(stage.serial and stage.seconds for stage in costs_of(figure).stages)


def section(together: Results, images: Mapping[str, Path]) -> Iterator[str]:
    """Yield the model's assumptions, and what it says of each entity."""
    figures = _figures(together)
    if not figures:
        return
    yield from ("### A model of more cores", "", _ABOUT, "")
    yield from image(images, "scaling", "Modelled rates over cores")
    yield from _costs(figures)
    yield from _predictions(figures)
    for name, figure in figures.items():
        costs = costs_of(figure)
        yield (
            f"For {name}, {costs.slowest.name} is the bound from {costs.enough_cores:.1f} cores "
            f"on: streaming stays below {1 / costs.slowest.seconds:,.0f}/s."
        )
    yield ""


def _costs(figures: Mapping[str, Figure]) -> Iterator[str]:
    """Yield a table of each stage's cost, in microseconds per record."""
    roles = dict.fromkeys(role for figure in figures.values() for role in figure.cpu)
    rows = (
        [name, *(f"{figure.cpu.get(role, 0) / figure.records * 1e6:.1f}" for role in roles)]
        for name, figure in figures.items()
    )
    yield from ("Measured, in microseconds of CPU per record:", "")
    yield from table(["", *roles], rows)


def _predictions(figures: Mapping[str, Figure]) -> Iterator[str]:
    heads = ["", "cores", "rate /s", "as here /s", "bound", "parse processes", "loaders"]
    rows = (_prediction(name, figure, cores) for name, figure in figures.items() for cores in CORES)
    yield from table(heads, rows)


def _prediction(name: str, figure: Figure, cores: int) -> list[str]:
    costs = costs_of(figure)
    found = predict(costs, cores)
    share = figure.rate / predict(costs, MEASURED_CORES).rate
    return [
        name,
        str(cores),
        f"{found.rate:,.0f}",
        f"{found.rate * share:,.0f}",
        found.bound,
        _needed(found.busy, "parse process"),
        _needed(found.busy, "loader"),
    ]


def _needed(busy: Mapping[str, float], role: str) -> str:
    """Say how many processes of a role are busy, to a tenth."""
    return f"{sum(share for name, share in busy.items() if name.startswith(role)):.1f}"
