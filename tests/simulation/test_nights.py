"""Nights on which everything goes wrong, as hypothesis thinks of them.

At every commit `properties` are checked; in the morning the faults stop, and then one
`waxline run` must leave every sink equal to its dump, and later ones find nothing to send.
WAXTEST_SIMULATION_EXAMPLES sets how many nights there are.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.fakes.sink import Snapshot
from tests.simulation.dumps import Month
from tests.simulation.months import months
from tests.simulation.processes import Fault, Moment, Process, Trap
from tests.simulation.programs import Parts
from tests.simulation.world import NEO4J, POSTGRES, World
from waxline.running.verdict import Standing

EXAMPLES = int(os.environ.get("WAXTEST_SIMULATION_EXAMPLES", "100"))

SINKS = st.sampled_from((POSTGRES, NEO4J))
NUMBERS = st.integers(0, 1_000)


class Night(RuleBasedStateMachine):
    """One installation, one night."""

    parts = Parts()
    world: World
    dumps: list[Month]

    @initialize(seed=NUMBERS, months=months(), pace=st.sampled_from((0.001, 0.1, 2.0)))
    def begin(self, seed: int, months: list[Month], pace: float) -> None:
        self.dumps = months
        self.world = World(seed, (POSTGRES, NEO4J), self.parts).__enter__()
        self.world.pace = pace
        self.snapshots: dict[str, list[Snapshot]] = {POSTGRES: [], NEO4J: []}
        self.stores = [self.world.store.snapshot()]

    @rule(seconds=st.sampled_from((0.01, 0.3, 2.0, 10.0)))
    def time_passes(self, seconds: float) -> None:
        self.world.let(seconds)

    @rule(
        number=NUMBERS,
        allow_older=st.booleans(),
        allow_deletions=st.booleans(),
        skew=st.sampled_from((0, 0, -86_400, 3_600)),
        beside=st.booleans(),
    )
    def a_reading_begins(
        self, number: int, allow_older: bool, allow_deletions: bool, skew: float, beside: bool
    ) -> None:
        self.world.skew = skew
        if beside:
            self.world.store.break_leases()
        month = self.dumps[number % len(self.dumps)]
        self.world.start_reading(month, allow_older=allow_older, allow_deletions=allow_deletions)

    @rule(
        number=NUMBERS,
        fault=st.sampled_from(Fault),
        moment=st.sampled_from(Moment),
        countdown=st.integers(1, 40),
        seconds=st.sampled_from((0.0, 1.0, 5.0)),
    )
    def something_happens_to_a_process(
        self, number: int, fault: Fault, moment: Moment, countdown: int, seconds: float
    ) -> None:
        process = self._living(number)
        process.traps.append(Trap(fault, moment, countdown=countdown))
        self.world.let(seconds)

    @rule(number=NUMBERS)
    def a_process_goes_on(self, number: int) -> None:
        self._living(number).thaw()

    @rule(sink=SINKS)
    def a_loader_starts(self, sink: str) -> None:
        loaders = self.world.loaders[sink]
        loaders[:] = [loader for loader in loaders if not loader.dead]
        if len(loaders) < 2:
            self.world.start_loader(sink)

    @rule(sink=SINKS, what=st.sampled_from(("lose", "double", "shuffle", "shuffle")))
    def messages_go_astray(self, sink: str, what: str) -> None:
        getattr(self.world.queues, what)(sink, self.world.chance)

    @rule(sink=SINKS, number=NUMBERS)
    def a_message_of_the_past_comes_again(self, sink: str, number: int) -> None:
        if past := self.world.queues.past:
            self.world.do(self.world.queues.replay(sink, past[number % len(past)]))

    @rule(sink=SINKS)
    def a_sink_is_backed_up(self, sink: str) -> None:
        self.snapshots[sink].append(self.world.databases[sink].snapshot())

    @rule(sink=SINKS, number=NUMBERS)
    def a_sink_is_restored(self, sink: str, number: int) -> None:
        if snapshots := self.snapshots[sink]:
            self.world.kill_loaders(sink)
            self.world.databases[sink].restore(snapshots[number % len(snapshots)])
            self.world.start_loader(sink)

    @rule(sink=SINKS)
    def a_sink_is_recreated(self, sink: str) -> None:
        self.world.kill_loaders(sink)
        self.world.databases[sink].recreate()
        self.world.start_loader(sink)

    @rule()
    def the_store_is_saved(self) -> None:
        self.stores.append(self.world.store.snapshot())

    @rule(number=NUMBERS)
    def the_store_goes_back(self, number: int) -> None:
        self.world.store.restore(self.stores[number % len(self.stores)])

    @rule(everything=st.booleans())
    def the_store_forgets(self, everything: bool) -> None:
        if everything:
            self.world.store.flush()
        else:
            self.world.store.evict(self.world.chance)

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "world"):
            self.world.check()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self._morning()
            finally:
                self.world.__exit__(None, None, None)

    def _morning(self) -> None:
        """Let the faults stop: the next run ends well, and another finds nothing to do."""
        world = self.world
        world.pace, world.skew = 0.01, 0
        for process in world.readers:
            process.kill()
        for sink, loaders in world.loaders.items():
            for loader in loaders:
                loader.traps = []
                loader.pace = 0.01
                loader.thaw()
            self.a_loader_starts(sink)
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
        # A loader may have been about to forget fingerprints when that run began.
        assert world.run(month).good
        again = world.run(month)
        assert again.good
        assert [reading["sent"] for reading in again.readings] == [0], again

    def _living(self, number: int) -> Process:
        loaders = [loader for found in self.world.loaders.values() for loader in found]
        processes = [p for p in (*loaders, *self.world.readers) if not p.dead]
        return (
            processes[number % len(processes)] if processes else self.world.start_loader(POSTGRES)
        )


TestNight = Night.TestCase
TestNight.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    derandomize="WAXTEST_SIMULATION_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    database=None,
)
