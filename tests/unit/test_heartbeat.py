"""When the heartbeat takes ranges that differ for unequal: not before others had their time."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from common.entities import Entity
from common.reports import State
from loaders.heartbeat import BEAT_SECONDS, Heartbeat
from loaders.runs import RunRow
from loaders.settling import Outcome
from tests.simulation.clockwork import Clockwork

ROW = RunRow(Entity.ARTIST, 1, 20260101, State.LOADING, "", 0, 0, 0, 0, 0, 0, 0)


class RunRows:
    """Knows of one run."""

    def __init__(self) -> None:
        self.rows = {Entity.ARTIST: ROW}

    async def refresh(self) -> None:
        """Have nothing new."""


class Batcher:
    """Gets one range after the other."""

    def __init__(self) -> None:
        self.held = set[Entity]()
        self.range_done = asyncio.Event()

    def holds(self, entity: Entity) -> bool:
        return entity in self.held


class Broker:
    """Has nothing ready; ``delivering``: it hands out what there was while it is asked."""

    name = "postgres"

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self.delivering = False

    async def depth(self, _: str, entity: Entity) -> int:
        if self.delivering:
            self._batcher.held.add(entity)
        return 0


class Settler:
    """Finds a range unequal until it is told otherwise."""

    def __init__(self) -> None:
        self.compared = 0
        self.declared = 0
        self.unequal: tuple[Any, ...] = ("a range",)

    async def settle(self, row: RunRow) -> Outcome:
        del row
        self.compared += 1
        return Outcome(missing=0, unequal=self.unequal)

    async def declare_unequal(self, *_: object) -> None:
        self.declared += 1


@pytest.fixture
def settler() -> Settler:
    return Settler()


@pytest.fixture
def batcher() -> Batcher:
    return Batcher()


@pytest.fixture
def broker(batcher: Batcher) -> Broker:
    return Broker(batcher)


@pytest.fixture
def heartbeat(settler: Settler, batcher: Batcher, broker: Broker) -> Heartbeat:
    parts: Any = broker, "identity", broker, None, batcher, RunRows(), settler, None
    return Heartbeat(*parts)


async def test_comparisons_close_together_count_as_one(
    heartbeat: Heartbeat, settler: Settler
) -> None:
    for _ in range(10):
        await heartbeat.beat()
    assert (settler.compared, settler.declared) == (10, 0)


def beats_apart(heartbeat: Heartbeat) -> Iterator[None]:
    """Beat again and again, in a time of its own: a beat passes between two."""
    with asyncio.Runner(loop_factory=Clockwork) as runner:
        while True:
            runner.run(heartbeat.beat())
            yield
            runner.run(asyncio.sleep(BEAT_SECONDS))


def test_three_of_them_beats_apart_are_a_verdict(heartbeat: Heartbeat, settler: Settler) -> None:
    for beat, _ in zip(range(4), beats_apart(heartbeat), strict=False):
        assert settler.declared == (beat >= 2)


def test_an_equal_one_between_begins_anew(heartbeat: Heartbeat, settler: Settler) -> None:
    beats = beats_apart(heartbeat)
    for unequal in (True, True, False, True, True):
        settler.unequal = ("a range",) if unequal else ()
        next(beats)
    assert (settler.compared, settler.declared) == (5, 0)


async def test_what_is_held_is_not_settled(
    heartbeat: Heartbeat, settler: Settler, batcher: Batcher
) -> None:
    """RabbitMQ counts nothing of it any more."""
    batcher.held.add(Entity.ARTIST)
    await heartbeat.beat()
    assert settler.compared == 0


async def test_what_is_delivered_while_the_broker_answers_is_not_settled(
    heartbeat: Heartbeat, settler: Settler, broker: Broker
) -> None:
    broker.delivering = True
    await heartbeat.beat()
    assert settler.compared == 0
