"""Each of the twelve rules of "The truth", kept, and then taken out.

Every test here runs one story twice: with the real parts it must end well, and with a part
in whose place the rule is missing (`rules_out`) it must not.

====  ==========================================================================================
Rule  Test
====  ==========================================================================================
1     test_1_a_clock_that_went_back, test_1_a_run_id_used_again
2     test_2_a_message_of_an_older_run, test_2_an_older_dump
3     test_3_a_write_that_was_overtaken
4     test_4_an_id_with_two_contents
5     test_5_a_dump_cut_short, test_5_ids_that_vanish_from_the_tail
6     test_6_a_range_that_has_not_come, test_6_a_sample_file, test_6_an_id_that_cannot_be_read
7     test_7_a_record_that_does_not_parse, test_7_a_record_that_a_sink_rejects,
      test_7_a_rejection_that_is_over
8     test_8_a_range_that_differs, test_8_a_verdict_that_was_overtaken
9     test_9_a_message_lost
10    test_10_a_sink_recreated, test_10_a_refusal_told
11    test_11_a_run_overtaken, test_11_a_reading_that_was_not_enough
12    test_12_a_new_sink, test_12_a_retired_sink
====  ==========================================================================================
"""

import asyncio
from collections.abc import Callable

import pytest

from tests.fakes.broker import MemoryBroker
from tests.simulation import rules_out
from tests.simulation.dumps import ENTITY, Entry, Kind, Month, many
from tests.simulation.processes import Fault, Moment, Trap
from tests.simulation.programs import Parts
from tests.simulation.servers import Parcel
from tests.simulation.world import NEO4J, POSTGRES, Outcome, World
from waxline.running.verdict import Standing

IDS = (*range(1, 22), 4_096, 65_536, 200_000)
DAY = 86_400

OLD = Month(20260101, tuple(many(IDS)))
NEW = Month(20260201, tuple(many(IDS, 1)))

Story = Callable[[Parts], None]


def told(story: Story, without: Parts, wrong: str) -> None:
    """Tell a story with every rule, and without one: then it goes wrong in that way."""
    story(Parts())
    with pytest.raises((AssertionError, TimeoutError), match=wrong):
        story(without)


def loads(world: World, month: Month, **allowed: bool) -> None:
    """A run ends well, and the sinks equal the dump."""
    outcome = world.run(month, **allowed)
    assert outcome.good, outcome
    assert world.wrongs_of(month) == []


def without(month: Month, *ids: int) -> tuple[Entry, ...]:
    """Return a dump's records but those of some ids."""
    return tuple(entry for entry in month.entries if entry.id not in ids)


def test_1_a_clock_that_went_back() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            world.skew = -DAY
            loads(world, NEW)

    told(story, Parts(reading=rules_out.Unordered), "superseded")


def test_1_a_run_id_used_again() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            loads(world, NEW)

    told(story, Parts(reading=rules_out.Resumed), "was there before")


def test_2_a_message_of_an_older_run() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            late = world.queues.past[0]
            loads(world, NEW)
            world.do(world.queues.replay(POSTGRES, late))
            world.let(5)
            assert world.wrongs_of(NEW) == []

    told(story, Parts(loop=rules_out.Undiscerning), "equal once in this run")


def test_2_an_older_dump() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, NEW)
            assert world.run(OLD).standings == {Standing.REFUSED}
            assert world.wrongs_of(NEW) == []
            loads(world, OLD, allow_older=True)

    told(story, Parts(ledger=rules_out.Obedient), "nobody allowed it")


def test_3_a_write_that_was_overtaken() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            (loader,) = world.loaders[POSTGRES]
            loader.traps.append(Trap(Fault.STALL, Moment.BEFORE, "write"))
            world.start_reading(OLD)
            world.let(5)
            world.start_reading(NEW)
            world.let(5)
            loader.thaw()
            world.let(5)
            loads(world, NEW)

    told(story, Parts(sink=rules_out.Unchecked), "run .* changed .*, which .* wrote")


def test_4_an_id_with_two_contents() -> None:
    twice = Month(20260101, (*many(IDS), *many((5, 200_000), 2)))

    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, twice)

    told(story, Parts(reading=rules_out.Undecided), "equal once in this run")


def test_5_a_dump_cut_short() -> None:
    cut = Month(NEW.date, NEW.entries, cut=True)

    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            world.start_reading(cut, allow_deletions=True)
            world.let(60)
            assert len(world.databases[POSTGRES].tables[ENTITY].rows) == len(IDS)

    told(story, Parts(reading=rules_out.Trusting), "was deleted")


def test_5_ids_that_vanish_from_the_tail() -> None:
    shorter = Month(NEW.date, without(NEW, 65_536, 200_000))

    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            loads(world, shorter)

    told(story, Parts(reading=rules_out.Tailless), "complete, but 65536 is there")


def test_6_a_range_that_has_not_come() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            world.queues.drops = lambda parcel: b'"index":0' in parcel[1] or b'"id":5,' in parcel[1]
            world.start_reading(NEW)
            world.let(60)
            world.queues.drops = None
            loads(world, NEW)

    told(story, Parts(settler=rules_out.Hasty), "complete, but 5 is")


def test_6_a_sample_file() -> None:
    sample = Month(NEW.date, NEW.entries[:3])

    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            assert world.run(sample).standings == {Standing.BLOCKED}
            loads(world, sample, allow_deletions=True)

    told(story, Parts(settler=rules_out.Generous), "more than a tenth")


def test_6_an_id_that_cannot_be_read() -> None:
    nameless = Month(NEW.date, (*without(NEW, 5), Entry(5, 1, Kind.NAMELESS)))

    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            assert world.run(nameless).standings == {Standing.EXCEPTIONS}
            assert 5 in world.databases[POSTGRES].tables[ENTITY].rows

    told(story, Parts(reading=rules_out.Incurious), "5 was deleted")


def test_7_a_record_that_does_not_parse() -> None:
    broken = Month(NEW.date, (*without(NEW, 5), Entry(5, 1, Kind.BROKEN)))

    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            assert world.run(broken).standings == {Standing.EXCEPTIONS}
            assert 5 in world.databases[POSTGRES].tables[ENTITY].rows

    told(story, Parts(reading=rules_out.Dismissive), "5 was deleted")


def test_7_a_record_that_a_sink_rejects() -> None:
    poisoned = Month(NEW.date, (*without(NEW, 5), Entry(5, 1, Kind.POISON)))

    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            assert world.run(poisoned).standings == {Standing.EXCEPTIONS}
            assert world.wrongs_of(poisoned) == []

    told(story, Parts(writer=rules_out.Silent), "before the commit")


def test_7_a_rejection_that_is_over() -> None:
    poisoned = Month(OLD.date, (*without(OLD, 5), Entry(5, 1, Kind.POISON)))

    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            assert world.run(poisoned).standings == {Standing.EXCEPTIONS}
            assert world.run(NEW).standings == {Standing.EQUAL}

    told(story, Parts(sink=rules_out.Resentful), "before the commit")


def test_8_a_range_that_differs() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            world.queues.drops = lambda parcel: parcel[0]["kind"] == "batch"
            world.start_reading(NEW)
            world.let(60)
            world.queues.drops = None
            loads(world, NEW)

    told(story, Parts(settler=rules_out.Lenient), "complete, but 1 is")


def test_8_a_verdict_that_was_overtaken() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            (loader,) = world.loaders[POSTGRES]
            loader.traps.append(Trap(Fault.STALL, Moment.BEFORE, "declare"))
            world.start_reading(OLD)
            world.let(5)
            world.queues.drops = lambda parcel: b'"id":1,' not in parcel[1]
            world.start_reading(NEW)
            world.let(5)
            loader.thaw()
            world.let(5)
            world.queues.drops = None
            loads(world, NEW)

    told(story, Parts(sink=rules_out.Unchecked), "complete, but 5 is")


def test_9_a_message_lost() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            world.start_reading(OLD)
            world.queues.drops = lambda parcel: b'"id":5,' in parcel[1]
            world.let(40)
            world.queues.drops = None
            loads(world, OLD)

    told(story, Parts(settler=rules_out.Patient), "differs")


def test_10_a_sink_recreated() -> None:
    def story(parts: Parts) -> None:
        with World(sinks=(POSTGRES, NEO4J), parts=parts) as world:
            loads(world, OLD)
            world.kill_loaders(NEO4J)
            world.databases[NEO4J].recreate()
            world.start_loader(NEO4J)
            world.let(5)
            outcome = world.run(OLD)
            assert outcome.good
            assert [reading["sent"] for reading in outcome.readings] == [len(IDS)]

    told(story, Parts(store=rules_out.Credulous), r"\[0, 24\]")


def test_10_a_refusal_told() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, NEW)
            outcome = world.run(OLD)
            assert len(outcome.readings) == 1
            assert outcome.standings == {Standing.REFUSED}

    told(story, Parts(store=rules_out.Discreet), "4 == 1")


def test_11_a_run_overtaken() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            world.queues.drops = lambda parcel: parcel[0]["kind"] == "range"
            first = world.loop.create_task(world.running(OLD))
            world.let(2)
            world.queues.drops = None
            loads(world, NEW)
            outcome = world.do(_result(first))
            assert outcome.standings == {Standing.SUPERSEDED}
            assert len(outcome.readings) == 1

    told(story, Parts(judge_all=rules_out.judge_all), "REFUSED")


def test_11_a_reading_that_was_not_enough() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            loads(world, OLD)
            lost: list[Parcel] = []

            def lose_once(parcel: Parcel) -> bool:
                if lost or b'"id":5,' not in parcel[1]:
                    return False
                lost.append(parcel)
                return True

            world.queues.drops = lose_once
            loads(world, NEW)

    told(story, Parts(attempts=1), "differs")


def test_12_a_new_sink() -> None:
    def story(parts: Parts) -> None:
        with World(parts=parts) as world:
            world.do(MemoryBroker(world.queues).declare((POSTGRES,)))
            loads(world, OLD)
            world.use(POSTGRES, NEO4J)
            loads(world, NEW)

    told(story, Parts(broker=rules_out.Undeclared), "none of it has come")


def test_12_a_retired_sink() -> None:
    def story(parts: Parts) -> None:
        with World(sinks=(POSTGRES, NEO4J), parts=parts) as world:
            loads(world, OLD)
            world.kill_loaders(NEO4J)
            world.use(POSTGRES)
            world.queues.queue_bytes = 1_000
            loads(world, NEW)

    told(story, Parts(broker=rules_out.Clinging), "^$")


async def _result(task: "asyncio.Task[Outcome]") -> Outcome:
    return await task
