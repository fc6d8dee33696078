"""Nights on which everything goes wrong, as hypothesis thinks of them.

WAXTEST_SIMULATION_EXAMPLES sets how many nights there are; `python -m tests.simulation` has
as many as one likes, of chance alone.
"""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.simulation.dumps import Month
from tests.simulation.months import months
from tests.simulation.night import PACES, SINKS, Night
from tests.simulation.processes import Fault, Moment
from tests.simulation.programs import Parts
from tests.simulation.scripts import ASTRAY, PAUSES, SKEWS, WAITS

EXAMPLES = int(os.environ.get("WAXTEST_SIMULATION_EXAMPLES", "100"))

NAMES = st.sampled_from(SINKS)
NUMBERS = st.integers(0, 1_000)


class Nights(RuleBasedStateMachine):
    """The incidents of a night, each with what may be chosen about it."""

    night: Night

    @initialize(seed=NUMBERS, months=months(), pace=st.sampled_from(PACES))
    def begin(self, seed: int, months: list[Month], pace: float) -> None:
        self.night = Night(seed, months, pace, Parts()).__enter__()

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes(self, **chosen: Any) -> None:
        self.night.time_passes(**chosen)

    @rule(
        number=NUMBERS,
        allow_older=st.booleans(),
        allow_deletions=st.booleans(),
        skew=st.sampled_from(SKEWS),
        beside=st.booleans(),
    )
    def a_reading_begins(self, **chosen: Any) -> None:
        self.night.a_reading_begins(**chosen)

    @rule(
        number=NUMBERS,
        fault=st.sampled_from(Fault),
        moment=st.sampled_from(Moment),
        countdown=st.integers(1, 40),
        seconds=st.sampled_from(PAUSES),
    )
    def something_happens_to_a_process(self, **chosen: Any) -> None:
        self.night.something_happens_to_a_process(**chosen)

    @rule(number=NUMBERS)
    def a_process_goes_on(self, number: int) -> None:
        self.night.a_process_goes_on(number)

    @rule(sink=NAMES)
    def a_loader_starts(self, sink: str) -> None:
        self.night.a_loader_starts(sink)

    @rule(sink=NAMES, what=st.sampled_from(ASTRAY))
    def messages_go_astray(self, sink: str, what: str) -> None:
        self.night.messages_go_astray(sink, what)

    @rule(sink=NAMES, number=NUMBERS)
    def a_message_of_the_past_comes_again(self, sink: str, number: int) -> None:
        self.night.a_message_of_the_past_comes_again(sink, number)

    @rule(sink=NAMES)
    def a_sink_is_backed_up(self, sink: str) -> None:
        self.night.a_sink_is_backed_up(sink)

    @rule(sink=NAMES, number=NUMBERS)
    def a_sink_is_restored(self, sink: str, number: int) -> None:
        self.night.a_sink_is_restored(sink, number)

    @rule(sink=NAMES)
    def a_sink_is_recreated(self, sink: str) -> None:
        self.night.a_sink_is_recreated(sink)

    @rule()
    def the_store_is_saved(self) -> None:
        self.night.the_store_is_saved()

    @rule(number=NUMBERS)
    def the_store_goes_back(self, number: int) -> None:
        self.night.the_store_goes_back(number)

    @rule(everything=st.booleans())
    def the_store_forgets(self, everything: bool) -> None:
        self.night.the_store_forgets(everything)

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "night"):
            self.night.world.check()

    def teardown(self) -> None:
        if hasattr(self, "night"):
            with self.night:
                self.night.the_morning()


TestNights = Nights.TestCase
TestNights.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    derandomize="WAXTEST_SIMULATION_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    database=None,
)
