"""What the nights have found, each as a story of its own."""

from tests.simulation.processes import Fault, Moment, Trap
from tests.simulation.stories import OLD, loads
from tests.simulation.world import NEO4J, POSTGRES, World


def test_rows_read_before_the_run_began_arrive_during_its_first_batch() -> None:
    with World() as world:
        (loader,) = world.loaders[POSTGRES]
        loader.traps.append(Trap(Fault.STALL, Moment.AFTER, "run_rows", countdown=2))
        loader.traps.append(Trap(Fault.STALL, Moment.AFTER, "write"))
        world.start_reading(OLD)
        world.let(5)
        assert loader.traps == []
        loader.thaw()
        world.let(5)
        loads(world, OLD)


def test_two_loaders_of_one_sink_say_the_same_of_a_run_that_one_of_them_has_settled() -> None:
    with World(sinks=(POSTGRES, NEO4J)) as world:
        world.let(0.5)
        world.start_loader(POSTGRES)
        (graph,) = world.loaders[NEO4J]
        graph.freeze()

        def lose_a_message() -> None:
            world.queues.lose(NEO4J, world.chance)
            graph.thaw()

        world.loop.call_later(1, lose_a_message)
        # The graph is unequal then, and nothing more comes: that has to be seen, and soon.
        loads(world, OLD)
        assert world.loop.time() < 60
