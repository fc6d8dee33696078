"""What every broker promises of its dead letters: to show them, and to put them back."""

from common.broker import Broker, DeadLetter
from common.entities import Entity
from tests.contract.broker_rigs import (
    Rig,
    consuming,
    message,
    next_of,
    until_dead,
)

ARTIST = Entity.ARTIST


async def rejected(rig: Rig, broker: Broker, *bodies: bytes) -> list[DeadLetter]:
    """Have messages rejected; return the dead letters that they make."""
    for body in bodies:
        await broker.publish(message(body))
    async with consuming(rig) as subscription:
        for _ in bodies:
            await subscription.reject(await next_of(subscription), "not a batch")
    await until_dead(broker, "postgres", len(bodies))
    return await broker.list_dead_letters("postgres", 100)


async def test_a_dead_letter_tells_all_of_its_message(rig: Rig, broker: Broker) -> None:
    (letter,) = await rejected(rig, broker, b"[1, \xff")
    assert (letter.entity, letter.reason, letter.attempt) == (ARTIST, "not a batch", 1)
    assert letter.fields == message().headers.encode()
    assert letter.body == b"[1, \xff"
    assert await broker.list_dead_letters("neo4j", 100) == []


async def test_looking_takes_nothing(rig: Rig, broker: Broker) -> None:
    letters = await rejected(rig, broker, *(b"%d" % number for number in range(70)))
    assert len({letter.key for letter in letters}) == 70
    for limit in (0, 3, 70, 100):
        seen = await broker.list_dead_letters("postgres", limit)
        assert {letter.key for letter in seen} <= {letter.key for letter in letters}
        assert len(seen) == min(limit, 70)
        assert await broker.dead_letters("postgres") == 70


async def test_a_letter_comes_back_as_the_message_it_was(rig: Rig, broker: Broker) -> None:
    letters = await rejected(rig, broker, b"[1]", b"[2]", b"[3]")
    chosen = next(letter for letter in letters if letter.body == b"[2]")
    await broker.replay_dead_letters("postgres", [chosen.key])
    async with consuming(rig) as subscription:
        delivery = await next_of(subscription)
        assert delivery.message == message(b"[2]")
        assert delivery.attempt == 1
        await subscription.ack([delivery])
        assert await subscription.receive(0.05) is None
    left = await broker.list_dead_letters("postgres", 100)
    assert {letter.key for letter in left} == {letter.key for letter in letters} - {chosen.key}
    assert await broker.depth("neo4j", ARTIST) == 3


async def test_putting_back_twice_is_as_once(rig: Rig, broker: Broker) -> None:
    (letter,) = await rejected(rig, broker, b"[1]")
    for _ in range(2):
        await broker.replay_dead_letters("postgres", [letter.key, "1-1"])
    assert await broker.depth("postgres", ARTIST) == 1
    assert await broker.list_dead_letters("postgres", 100) == []


async def test_a_sink_without_dead_letters_has_none_to_put_back(broker: Broker) -> None:
    assert await broker.list_dead_letters("postgres", 100) == []
    await broker.replay_dead_letters("postgres", ["1-1"])
    assert await broker.list_dead_letters("never", 100) == []


async def test_a_letter_that_nobody_can_read_goes_back_and_comes_again(
    rig: Rig, broker: Broker
) -> None:
    await rig.spoil("postgres", ARTIST)
    async with consuming(rig) as subscription:
        assert await subscription.receive(0.5) is None
        await until_dead(broker, "postgres", 1)
        (letter,) = await broker.list_dead_letters("postgres", 100)
        assert letter.entity is ARTIST
        assert "schema" in letter.fields
        assert "schema" in letter.reason or "headers" in letter.reason
        await broker.replay_dead_letters("postgres", [letter.key])
        assert await subscription.receive(0.5) is None
        await until_dead(broker, "postgres", 1)
    (again,) = await broker.list_dead_letters("postgres", 100)
    assert again.key != letter.key
