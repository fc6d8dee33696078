"""The rules 7 to 12 of "The truth", as `test_rules` says: kept, and then taken out."""

import asyncio

from common.verdicts import Standing
from tests.fakes.broker import MemoryBroker
from tests.simulation import rules_out
from tests.simulation.dumps import ENTITY, Entry, Kind, Month
from tests.simulation.processes import Fault, Moment, Trap
from tests.simulation.programs import Parts
from tests.simulation.servers import Parcel
from tests.simulation.stories import IDS, NEW, OLD, loads, told, without
from tests.simulation.world import NEO4J, POSTGRES, Outcome, World


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

    told(story, Parts(database=rules_out.Unchecked), "complete, but 5 is")


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


def test_10_a_refusal_of_one_of_two_sinks() -> None:
    """What one has refused is sent to it once it is allowed, in one reading."""
    with World(sinks=(POSTGRES, NEO4J)) as world:
        loads(world, NEW)
        world.kill_loaders(NEO4J)
        world.databases[NEO4J].recreate()
        world.start_loader(NEO4J)
        world.let(5)
        assert world.run(OLD).standings == {Standing.REFUSED, Standing.EQUAL}
        outcome = world.run(OLD, allow_older=True)
        assert outcome.good
        assert len(outcome.readings) == 1
        assert world.wrongs_of(OLD) == []


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
