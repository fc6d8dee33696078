"""What the nights have found, each as a story of its own."""

from tests.simulation.processes import Fault, Moment, Trap
from tests.simulation.stories import OLD, loads
from tests.simulation.world import POSTGRES, World


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
