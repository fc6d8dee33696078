"""A first load and the months after it, in the order of a run, again and again."""

from benchmarks.long.bench import LongBench, before_releases, months_of
from benchmarks.pipeline import Course
from benchmarks.servers import TO
from benchmarks.updates import in_turn, keep_updates

GROUP = "update"


def measure_update(bench: LongBench) -> None:
    """Measure each sink by itself, and both at once, by turns with their floors.

    Artists, labels and masters are loaded before them.
    """
    world = bench.within(bench.sizes.updated)
    months, before = months_of(world, world.releases), before_releases(world)
    courses = {"+".join(sinks): Course(sinks, in_turn(months), before) for sinks in TO}
    floors, found = bench.by_turns(GROUP, months[0], courses)
    for name, turns in found.items():
        keep_updates(bench.results, GROUP, courses[name].sinks, turns, floors)
