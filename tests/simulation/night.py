"""One installation, one night: what may happen to it, and the morning after.

At every commit `properties` are checked; in the morning the faults stop, and then one
`waxline run` must leave every sink equal to its dump, and later ones find nothing to send.
"""

from collections.abc import Sequence
from typing import Self

from common.verdicts import Standing
from tests.fakes.database import Snapshot
from tests.simulation.dumps import Month
from tests.simulation.processes import Fault, Moment, Process, Trap
from tests.simulation.programs import Parts
from tests.simulation.world import NEO4J, POSTGRES, World

SINKS = (POSTGRES, NEO4J)
PACES = (0.001, 0.1, 2.0)
"""Seconds that a call may take; the later of two readings may overtake the earlier."""


class Night:
    """Both sinks with a loader each, and dumps to be read; every method is an incident."""

    def __init__(self, seed: int, months: Sequence[Month], pace: float, parts: Parts) -> None:
        self.dumps = months
        self.world = World(seed, SINKS, parts)
        self.world.pace = pace
        self.snapshots: dict[str, list[Snapshot]] = {sink: [] for sink in SINKS}
        self.stores = [self.world.store.snapshot()]

    def __enter__(self) -> Self:
        self.world.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self.world.__exit__(*raised)

    def time_passes(self, seconds: float) -> None:
        """Let time pass."""
        self.world.let(seconds)

    def a_reading_begins(
        self, number: int, allow_older: bool, allow_deletions: bool, skew: float, beside: bool
    ) -> None:
        """Read one of the dumps, ``beside`` another reading if there is one."""
        self.world.skew = skew
        if beside:
            self.world.store.break_leases()
        month = self.dumps[number % len(self.dumps)]
        self.world.start_reading(month, allow_older=allow_older, allow_deletions=allow_deletions)

    def something_happens_to_a_process(
        self, number: int, fault: Fault, moment: Moment, countdown: int, seconds: float
    ) -> None:
        """Lay a trap for one of the processes, and let time pass."""
        process = self._living(number)
        process.traps.append(Trap(fault, moment, countdown=countdown))
        self.world.let(seconds)

    def a_process_goes_on(self, number: int) -> None:
        """Thaw a process."""
        self._living(number).thaw()

    def a_loader_starts(self, sink: str) -> None:
        """Start a loader of a sink that has none, or one."""
        loaders = self.world.loaders[sink]
        loaders[:] = [loader for loader in loaders if not loader.dead]
        if len(loaders) < 2:
            self.world.start_loader(sink)

    def messages_go_astray(self, sink: str, what: str) -> None:
        """Lose or double a message that waits, or shuffle all."""
        getattr(self.world.queues, what)(sink, self.world.chance)

    def a_message_of_the_past_comes_again(self, sink: str, number: int) -> None:
        """Deliver a message again, however old it is."""
        if past := self.world.queues.past:
            self.world.do(self.world.queues.replay(sink, past[number % len(past)]))

    def a_sink_is_backed_up(self, sink: str) -> None:
        """Copy a database."""
        self.snapshots[sink].append(self.world.databases[sink].snapshot())

    def a_sink_is_restored(self, sink: str, number: int) -> None:
        """Put a copy back, its loaders being stopped."""
        if snapshots := self.snapshots[sink]:
            self.world.kill_loaders(sink)
            self.world.databases[sink].restore(snapshots[number % len(snapshots)])
            self.world.start_loader(sink)

    def a_sink_is_recreated(self, sink: str) -> None:
        """Lose a database and make it anew, its loaders being stopped."""
        self.world.kill_loaders(sink)
        self.world.databases[sink].recreate()
        self.world.start_loader(sink)

    def the_store_is_saved(self) -> None:
        """Copy the store."""
        self.stores.append(self.world.store.snapshot())

    def the_store_goes_back(self, number: int) -> None:
        """Put a copy of the store back, at first the empty one."""
        self.world.store.restore(self.stores[number % len(self.stores)])

    def the_store_forgets(self, everything: bool) -> None:
        """Lose what the store holds, or one block of fingerprints."""
        if everything:
            self.world.store.flush()
        else:
            self.world.store.evict(self.world.chance)

    def the_morning(self, again: bool = True) -> None:
        """Let the faults stop: the next run ends well, and then others find nothing to do.

        Without ``again`` the first is enough, which halves the time of a night.
        """
        world = self.world
        world.pace, world.skew = 0.01, 0
        self._calm()
        world.let(1)
        world.store.break_leases()
        whole = [month for month in self.dumps if not month.cut]
        month = whole[-1] if whole else Month(20260201, self.dumps[0].entries)
        allowed = {"allow_older": True, "allow_deletions": True}
        first = world.run(month, **allowed)
        if Standing.SUPERSEDED in first.standings:
            # A reading by a clock that was fast has ended, and its messages came only now.
            first = world.run(month, **allowed)
        assert first.good, first
        assert world.wrongs_of(month) == []
        if again:
            self._nothing_is_left(month)

    def _nothing_is_left(self, month: Month) -> None:
        world = self.world
        # A loader may have been about to forget fingerprints when that run began.
        assert world.run(month).good
        again = world.run(month)
        assert again.good
        assert [reading["sent"] for reading in again.readings] == [0], again

    def _calm(self) -> None:
        """End the readings; every sink has a loader to which nothing happens."""
        for process in self.world.readers:
            process.kill()
        for sink, loaders in self.world.loaders.items():
            for loader in loaders:
                loader.traps = []
                loader.pace = 0.01
                loader.thaw()
            self.a_loader_starts(sink)

    def _living(self, number: int) -> Process:
        loaders = [loader for found in self.world.loaders.values() for loader in found]
        processes = [p for p in (*loaders, *self.world.readers) if not p.dead]
        return (
            processes[number % len(processes)] if processes else self.world.start_loader(POSTGRES)
        )
