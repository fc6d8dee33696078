"""What the stories about the rules share."""

from collections.abc import Callable

import pytest

from tests.simulation.dumps import Entry, Month, many
from tests.simulation.programs import Parts
from tests.simulation.world import World

IDS = (*range(1, 22), 4_096, 65_536, 200_000)

OLD = Month(20260101, tuple(many(IDS)))
NEW = Month(20260201, tuple(many(IDS, 1)))

Story = Callable[[Parts], None]


def told(story: Story, lacking: Parts, wrong: str) -> None:
    """Tell a story with every rule, and without one: then it goes wrong in that way."""
    story(Parts())
    with pytest.raises((AssertionError, TimeoutError), match=wrong):
        story(lacking)


def loads(world: World, month: Month, **allowed: bool) -> None:
    """A run ends well, and the sinks equal the dump."""
    outcome = world.run(month, **allowed)
    assert outcome.good, outcome
    assert world.wrongs_of(month) == []


def without(month: Month, *ids: int) -> tuple[Entry, ...]:
    """Return a dump's records but those of some ids."""
    return tuple(entry for entry in month.entries if entry.id not in ids)
