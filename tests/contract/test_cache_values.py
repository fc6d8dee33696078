"""What every place of values promises: the memory, Valkey, Redis, and what else is named."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_fixed

from common.cache import Values, open_values
from common.cache.invalidation import drop_matching
from common.cache.keys import literal
from common.cache.scripts import DELETE_IF, EXPIRE_IF, REPLACE_IF, Argument
from common.errors import TransientError
from tests.contract.caches import SERVERS
from tests.foreign import fresh_namespace

LONG = 60.0
SHORT = 0.03


@pytest.fixture
async def place(values: Values) -> AsyncIterator[str]:
    """What the keys of a test begin with."""
    fresh = fresh_namespace()
    yield fresh
    await drop_matching(values, f"{fresh}:*")


async def gone(values: Values, key: str) -> None:
    """Return once a value has run out."""
    waiting = AsyncRetrying(
        retry=retry_if_result(bool), stop=stop_after_delay(LONG), wait=wait_fixed(SHORT)
    )
    await waiting(values.exists, key)


async def test_a_value_is_what_was_set_last(values: Values, place: str) -> None:
    key, content = f"{place}:é", bytes(range(256))
    assert await values.get(key) is None
    await values.set(key, b"before", LONG)
    await values.set(key, content, LONG)
    assert await values.get(key) == content
    assert await values.getset(key, b"", LONG) == content
    assert await values.get(key) == b""
    assert await values.exists(key, key, f"{place}:none") == 2
    assert await values.delete(key, f"{place}:none") == 1
    assert await values.get(key) is None
    assert await values.getset(key, b"first", LONG) is None


async def test_several_at_once(values: Values, place: str) -> None:
    keys = [f"{place}:{number}" for number in range(600)]
    await values.mset({key: key.encode() for key in keys}, LONG)
    assert await values.mget([keys[5], f"{place}:none", keys[2]]) == [
        keys[5].encode(),
        None,
        keys[2].encode(),
    ]
    assert await values.delete(*keys) == 600
    assert await values.mget([]) == []
    assert (await values.delete(), await values.exists()) == (0, 0)
    await values.mset({}, LONG)


async def test_what_is_there_is_not_made_again(values: Values, place: str) -> None:
    key = f"{place}:k"
    assert await values.setnx(key, b"mine", LONG)
    assert not await values.setnx(key, b"yours", LONG)
    assert await values.get(key) == b"mine"


async def test_numbers_are_added_to(values: Values, place: str) -> None:
    key = f"{place}:k"
    assert await values.incr(key, 5, LONG) == 5
    assert await values.incr(key, -2, 10 * LONG) == 3
    assert await values.get(key) == b"3"
    left = await values.ttl(key)
    assert left is not None
    assert LONG - 30 < left <= LONG  # of the first time
    sums = await asyncio.gather(*(values.incr(key, 1, LONG) for _ in range(50)))
    assert sorted(sums) == list(range(4, 54))
    await values.set(key, b"word", LONG)
    with pytest.raises(TransientError):
        await values.incr(key, 1, LONG)
    assert await values.get(key) == b"word"


async def test_values_run_out(values: Values, place: str) -> None:
    keys = [f"{place}:{number}" for number in range(5)]
    await values.set(keys[0], b"1", SHORT)
    await values.setnx(keys[1], b"1", SHORT)
    await values.mset({keys[2]: b"1"}, SHORT)
    await values.incr(keys[3], 1, SHORT)
    await values.getset(keys[4], b"1", SHORT)
    for key in keys:
        await gone(values, key)
    assert await values.mget(keys) == [None] * 5
    assert await values.setnx(keys[0], b"again", LONG)


async def test_a_time_to_live_can_be_read_and_changed(values: Values, place: str) -> None:
    key = f"{place}:k"
    assert await values.ttl(key) is None
    assert not await values.expire(key, LONG)
    await values.set(key, b"1", LONG)
    left = await values.ttl(key)
    assert left is not None
    assert 0 < left <= LONG
    assert await values.expire(key, 10 * LONG)
    longer = await values.ttl(key)
    assert longer is not None
    assert LONG < longer < math.inf
    assert await values.expire(key, SHORT)
    await gone(values, key)


async def test_keys_are_found_by_their_pattern(values: Values, place: str) -> None:
    odd = ["a*b", "a?b", "a[b]", "a\\b", "a^b", "axb"]
    many = {f"{place}:many:{number}": b"1" for number in range(1_500)}
    await values.mset({**{f"{place}:{name}": b"1" for name in odd}, **many}, LONG)
    for name in odd:
        assert await found(values, f"{place}:{literal(name)}") == {f"{place}:{name}"}
    assert await found(values, f"{place}:a?b") == {
        f"{place}:{name}" for name in odd if len(name) == 3
    }
    assert await found(values, f"{place}:a[x*]b") == {f"{place}:axb", f"{place}:a*b"}
    assert await found(values, f"{place}:a[^x]b") == {
        f"{place}:{name}" for name in odd if len(name) == 3 and name != "axb"
    }
    assert await found(values, f"{place}:a[w-y]b") == {f"{place}:axb"}
    assert await found(values, f"{place}:many:*") == set(many)
    assert await found(values, f"{place}:none*") == set()


async def found(values: Values, pattern: str) -> set[str]:
    return {key async for keys in values.scan(pattern) for key in keys}


async def test_what_another_holds_is_not_touched(values: Values, place: str) -> None:
    key = f"{place}:k"
    assert await values.run(REPLACE_IF, [key], [b"old", b"new", 60_000]) == 0
    assert await values.run(REPLACE_IF, [key], [b"", b"mine", 60_000]) == 1
    assert await values.run(REPLACE_IF, [key], [b"", b"yours", 60_000]) == 0
    assert await values.run(EXPIRE_IF, [key], [b"yours", 1]) == 0
    assert await values.run(EXPIRE_IF, [key], [b"mine", 600_000]) == 1
    left = await values.ttl(key)
    assert left is not None
    assert left > LONG
    assert await values.run(DELETE_IF, [key], [b"yours"]) == 0
    assert await values.run(DELETE_IF, [key], [b"mine"]) == 1
    assert await values.get(key) is None


async def test_a_script_runs_once_for_each_call(values: Values, place: str) -> None:
    calls: list[tuple[list[str], list[Argument]]] = [
        ([f"{place}:{number}"], [b"", str(number), 60_000]) for number in range(700)
    ]
    await values.run_each(REPLACE_IF, calls)
    keys = [key for (key,), _ in calls]
    assert await values.mget(keys) == [str(number).encode() for number in range(700)]


NAMES = st.sampled_from(["a", "b", "c"])
CONTENTS = st.sampled_from([b"", b"1", b"22", b"word"])
CALLS: dict[str, Callable[..., Awaitable[object]]] = {
    "get": lambda values, key: values.get(key),
    "set": lambda values, key, content: values.set(key, content, LONG),
    "setnx": lambda values, key, content: values.setnx(key, content, LONG),
    "getset": lambda values, key, content: values.getset(key, content, LONG),
    "incr": lambda values, key, by: values.incr(key, by, LONG),
    "delete": lambda values, key: values.delete(key),
    "exists": lambda values, key: values.exists(key, key),
    "expire": lambda values, key: values.expire(key, LONG),
    "mget": lambda values, key: values.mget([key, key]),
    "replace": lambda values, key, before, after: values.run(
        REPLACE_IF, [key], [before, after, 60_000]
    ),
}
REST: dict[str, tuple[st.SearchStrategy[object], ...]] = {
    "set": (CONTENTS,),
    "setnx": (CONTENTS,),
    "getset": (CONTENTS,),
    "incr": (st.integers(-5, 5),),
    "replace": (CONTENTS, CONTENTS),
}
STEPS = st.lists(
    st.one_of(*(st.tuples(st.just(name), NAMES, *REST.get(name, ())) for name in CALLS)),
    max_size=30,
)


async def play(values: Values, place: str, name: str, key: str, *rest: object) -> object:
    """Do a step; return what it came to."""
    try:
        return await CALLS[name](values, f"{place}:{key}", *rest)
    except TransientError:
        return TransientError


@pytest.mark.parametrize("values", SERVERS, indirect=True)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_the_memory_does_what_a_server_does(
    values: Values, steps: list[tuple[Any, ...]]
) -> None:
    place, memory = fresh_namespace(), open_values(None)
    for step in steps:
        assert await play(memory, place, *step) == await play(values, place, *step)
    await drop_matching(values, f"{place}:*")
