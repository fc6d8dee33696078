"""How fast a load could be on more cores, from the CPU seconds that each stage costs here.

Plain arithmetic.  A load first streams, all stages at once, then builds indexes.  Streaming is no
faster than all cores busy with the CPU seconds of all stages, nor than a stage that is one
process, busy all the time.  Index builds share the cores.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.loads import INDEXES
from benchmarks.measure import Figure

ALL_CORES = "all cores busy"

_SERIAL = ("extractor", "RabbitMQ", "Valkey")
"""Roles that stay one process, or one queue, however many cores there are; others divide."""


@dataclass(frozen=True)
class Stage:
    """What a stage costs: CPU seconds per record; ``serial``: on one core at a time."""

    name: str
    seconds: float
    serial: bool


@dataclass(frozen=True)
class Costs:
    """The stages of a streaming load, and the CPU seconds per record of its index builds."""

    stages: Sequence[Stage]
    indexes: float

    @property
    def all_stages(self) -> float:
        """CPU seconds per record of all stages while they stream."""
        return sum(stage.seconds for stage in self.stages)

    @property
    def slowest(self) -> Stage:
        """The serial stage that costs the most: streaming is never faster than it."""
        return max((stage for stage in self.stages if stage.serial), key=lambda one: one.seconds)

    @property
    def enough_cores(self) -> float:
        """The number of cores from which the slowest serial stage is the bound."""
        return self.all_stages / self.slowest.seconds


@dataclass(frozen=True)
class Prediction:
    """A load on so many cores, in records/s: ``streaming``, and ``rate`` with the index builds.

    ``bound`` is what takes most of the time; ``busy`` has how many cores' worth of each stage
    is at work while records stream.
    """

    cores: int
    rate: float
    streaming: float
    bound: str
    busy: dict[str, float]


def costs_of(figure: Figure) -> Costs:
    """Return what each stage of a measured load costs per record."""
    stages = [
        Stage(role, seconds / figure.records, role.startswith(_SERIAL))
        for role, seconds in figure.cpu.items()
        if role != INDEXES
    ]
    return Costs(stages, figure.cpu.get(INDEXES, 0.0) / figure.records)


def predict(costs: Costs, cores: int) -> Prediction:
    """Predict the rate of a load with as many processes and sessions as it needs."""
    by_cores, by_stage = costs.all_stages / cores, costs.slowest.seconds
    streaming, indexing = max(by_cores, by_stage), costs.indexes / cores
    bound = ALL_CORES if by_cores >= by_stage else costs.slowest.name
    return Prediction(
        cores=cores,
        rate=1 / (streaming + indexing),
        streaming=1 / streaming,
        bound=bound if streaming >= indexing else INDEXES,
        busy={stage.name: stage.seconds / streaming for stage in costs.stages},
    )
