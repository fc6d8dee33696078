"""Each of the twelve rules of "The truth", kept, and then taken out.

Every test here and in `test_rules_at_the_end` tells one story twice: with the real parts it
must end well, and with a part from which the rule is missing (`rules_out`) it must not.

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

from common.verdicts import Standing
from tests.simulation import rules_out
from tests.simulation.dumps import ENTITY, Entry, Kind, Month, many
from tests.simulation.processes import Fault, Moment, Trap
from tests.simulation.programs import Parts
from tests.simulation.stories import IDS, NEW, OLD, loads, told, without
from tests.simulation.world import POSTGRES, World

DAY = 86_400  # s


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
            # What was refused has left no fingerprints: one reading is enough to go back.
            outcome = world.run(OLD, allow_older=True)
            assert outcome.good
            assert len(outcome.readings) == 1

    told(story, Parts(run_rows=rules_out.Obedient), "nobody allowed it")


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

    told(story, Parts(database=rules_out.Unchecked), "run .* changed .*, which .* wrote")


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
