"""Clocks, and turns: what is compared is measured by turns, a repetition of each after the other.

So a slow minute of the machine is everybody's, and ratios are what they are.
"""

import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol, Self

from benchmarks.dumps import Dump
from benchmarks.figures import Figure, Results
from common.errors import WaxlineError
from waxline.servers.wheels import NotInstalledError


class Stopwatch:
    """Adds up the seconds spent inside its ``with`` blocks, by the wall and of our CPU."""

    def __init__(self) -> None:
        self.wall = 0.0
        self.cpu = 0.0
        self._began = (0.0, 0.0)

    def __enter__(self) -> Self:
        self._began = (time.perf_counter(), time.process_time())
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._began[0]
        self.cpu += time.process_time() - self._began[1]


Action = Callable[[Stopwatch], Awaitable[None]]
"""Takes a whole dump through something, and has the stopwatch run while it does what counts."""


async def _nothing(_watch: Stopwatch) -> None:
    """Have been clocked otherwise."""


@dataclass
class Stage:
    """What one process does with a whole dump: how it is told, and how long it took each time.

    ``floors`` are the names of others of the same group and entity; ``share`` is the goal as a
    share of the last of them, which is then to be clocked with it.
    """

    group: str
    name: str
    title: str
    what: str
    dump: Dump
    action: Action = _nothing
    floors: tuple[str, ...] = ()
    goal: float | None = None
    share: float = 0.0
    watches: list[Stopwatch] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key of its figure."""
        return self._key(self.name)

    @property
    def figure(self) -> Figure:
        """All repetitions as one figure."""
        return Figure(
            key=self.key,
            group=self.group,
            title=f"{self.title}, {self.dump.entity.plural}",
            what=self.what,
            records=self.dump.records,
            size=self.dump.size,
            seconds=[watch.wall for watch in self.watches],
            cpu={"one process": median(watch.cpu for watch in self.watches)},
            goal=self.goal,
            floors=list(map(self._key, self.floors)),
        )

    async def once(self) -> None:
        """Clock it once more."""
        gc.collect()
        watch = Stopwatch()
        await self.action(watch)
        self.watches.append(watch)

    def _key(self, name: str) -> str:
        return f"{self.group}: {name} {self.dump.entity.plural}"


class Measured(Protocol):
    """What can be measured again and again."""

    async def once(self) -> None:
        """Measure it once more."""


async def by_turns(measured: Sequence[Measured], repeats: int) -> None:
    """Measure each of several things once, and so again and again."""
    for _ in range(repeats):
        for one in measured:
            await one.once()


async def clock(stages: Sequence[Stage], repeats: int) -> list[Figure]:
    """Clock stages by turns, after once that does not count."""
    await by_turns(stages, 1 + repeats)
    for stage in stages:
        del stage.watches[0]
    rates = {stage.key: stage.figure.rate for stage in stages}
    for stage in stages:
        if stage.share:
            stage.goal = stage.share * rates[stage.figure.floors[-1]]
    return [stage.figure for stage in stages]


async def attempt(found: Results, name: str, measure: Callable[[], Awaitable[None]]) -> bool:
    """Measure something, and say whether that was done; what fails does not cost the others.

    In ``found`` it is noted that it was skipped, or has failed, and why.
    """
    print(f"{name}:", flush=True)
    began = time.monotonic()
    try:
        await measure()
    except NotInstalledError as error:
        found.skipped[name] = str(error)
        print(f"  skipped: {error}", flush=True)
    except (WaxlineError, TimeoutError) as error:
        found.failed[name] = str(error)
        print(f"  failed: {error}", flush=True)
    print(f"  {time.monotonic() - began:.0f} s in all", flush=True)
    return name not in found.skipped | found.failed
