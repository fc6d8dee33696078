"""Documents, locks, sessions and progress, on every place of values."""

import asyncio

import pytest
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_fixed

from common.cache import Values
from common.cache.invalidation import count_matching, drop_matching, drop_person
from common.cache.json_values import read_json, write_json
from common.cache.keys import Keys, Kind, digest_of
from common.cache.locks import Lock, Locks
from common.cache.progress import ProgressCache
from common.cache.sessions import Session, Sessions, TokenReusedError
from tests.contract.caches import Clock

PATIENCE = 30.0


# Documents


async def test_a_document_comes_back(values: Values, keys: Keys) -> None:
    key = keys.of(Kind.PROFILE, "1")
    assert await read_json(values, key) is None
    await write_json(values, key, {"é": [1, None, 2.5]}, 60)
    assert await read_json(values, key) == {"é": [1, None, 2.5]}
    await values.set(key, b'{"cut', 60)
    assert await read_json(values, key) is None
    with pytest.raises(TypeError):
        await write_json(values, key, {1, 2}, 60)


# Locks


async def test_a_lock_has_one_holder_and_a_growing_fence(values: Values, keys: Keys) -> None:
    clock = Clock()
    ours, theirs = Locks(values, keys, clock), Locks(values, keys, clock)
    first = await ours.take("x")
    assert first is not None
    assert await theirs.take("x") is None
    assert await values.get(keys.of(Kind.LOCK, "x")) == f"{first.token}:{first.fence}".encode()
    assert (await theirs.take("y")) is not None
    assert await ours.release(first)
    assert not await ours.release(first)
    clock.now -= 3_600  # a clock that is behind
    second = await theirs.take("x")
    assert second is not None
    assert second.fence > first.fence


async def test_of_many_that_want_a_lock_one_gets_it(values: Values, keys: Keys) -> None:
    fences = []
    for _ in range(5):
        taken = await asyncio.gather(*(Locks(values, keys).take("x") for _ in range(20)))
        (lock,) = [one for one in taken if one]
        fences.append(lock.fence)
        assert await Locks(values, keys).release(lock)
    assert fences == sorted(set(fences))


async def test_only_its_holder_extends_or_releases_a_lock(values: Values, keys: Keys) -> None:
    locks = Locks(values, keys)
    lock = await locks.take("x", 60)
    assert lock is not None
    for stranger in (Lock("x", "other", lock.fence), Lock("x", lock.token, lock.fence + 1)):
        assert not await locks.extend(stranger, 1)
        assert not await locks.release(stranger)
    assert await locks.extend(lock, 600)
    left = await values.ttl(keys.of(Kind.LOCK, "x"))
    assert left is not None
    assert 60 < left <= 600


async def test_a_holder_that_slept_has_lost_the_lock(values: Values, keys: Keys) -> None:
    locks = Locks(values, keys)
    asleep = await locks.take("x", 0.02)
    assert asleep is not None
    waiting = AsyncRetrying(
        retry=retry_if_result(lambda lock: lock is None),
        stop=stop_after_delay(PATIENCE),
        wait=wait_fixed(0.01),
    )
    awake: Lock | None = await waiting(locks.take, "x", 60)
    assert awake is not None
    assert awake.fence > asleep.fence
    assert not await locks.extend(asleep)
    assert not await locks.release(asleep)
    assert await locks.release(awake)


async def test_a_fence_grows_though_the_place_was_emptied(values: Values, keys: Keys) -> None:
    clock = Clock()
    locks = Locks(values, keys, clock)
    before = await locks.take("x")
    await values.delete(keys.of(Kind.LOCK, "x"), keys.of(Kind.FENCE, "x"))
    clock.now += 0.001
    after = await locks.take("x")
    assert before is not None
    assert after is not None
    assert after.fence > before.fence


async def test_a_lock_is_held_for_a_with(values: Values, keys: Keys) -> None:
    locks = Locks(values, keys)
    async with locks.held("x") as lock, locks.held("x") as second:
        assert lock is not None
        assert second is None
    async with locks.held("x") as again:
        assert again is not None


# Sessions


async def test_who_is_logged_in_is_found(values: Values, keys: Keys) -> None:
    sessions = Sessions(values, keys)
    tokens = await sessions.begin("ann:é*", {"name": "Ann"})
    assert await sessions.find(tokens.session) == Session("ann:é*", {"name": "Ann"})
    assert await sessions.find(tokens.refresh) is None
    assert await sessions.refresh(tokens.session) is None
    names = [key async for found in values.scan(keys.pattern_of("ann:é*")) for key in found]
    assert len(names) == 3
    for secret in (token.rpartition(".")[2] for token in tokens):
        assert not any(secret in name for name in names)


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "a.b.c.d", "a:b.c.d", "*.*.*", "é.b.c", "\0.b.c", "x" * 999]
)
async def test_what_is_no_token_is_nobody(values: Values, keys: Keys, token: str) -> None:
    sessions = Sessions(values, keys)
    assert await sessions.find(token) is None
    assert await sessions.refresh(token) is None
    await sessions.end(token)


async def test_a_session_slides(values: Values, keys: Keys) -> None:
    sessions = Sessions(values, keys)
    tokens = await sessions.begin("ann", {})
    word, family, secret = tokens.session.split(".")
    key = keys.of(Kind.SESSION, word, family, digest_of(secret))
    assert await values.expire(key, 60)
    assert await sessions.find(tokens.session)
    left = await values.ttl(key)
    assert left is not None
    assert left > Kind.SESSION.seconds - 60


async def test_tokens_are_exchanged_once(values: Values, keys: Keys) -> None:
    sessions = Sessions(values, keys)
    first = await sessions.begin("ann", {"n": 1})
    other_login = await sessions.begin("ann", {"n": 2})
    second = await sessions.refresh(first.refresh)
    assert second is not None
    assert len({*first, *second}) == 4
    assert await sessions.find(second.session) == Session("ann", {"n": 1})
    with pytest.raises(TokenReusedError):
        await sessions.refresh(first.refresh)
    # Thief or owner: what either was given is worth nothing any more.
    for token in (first.session, second.session):
        assert await sessions.find(token) is None
    assert await sessions.refresh(second.refresh) is None
    assert await sessions.find(other_login.session)


async def test_of_two_exchanges_at_once_one_is_found_out(values: Values, keys: Keys) -> None:
    sessions = Sessions(values, keys)
    tokens = await sessions.begin("ann", {})
    came = await asyncio.gather(
        *(sessions.refresh(tokens.refresh) for _ in range(2)), return_exceptions=True
    )
    assert not [one for one in came if isinstance(one, tuple) and await sessions.find(one.session)]


async def test_a_login_is_ended(values: Values, keys: Keys) -> None:
    sessions = Sessions(values, keys)
    one, other, stranger = [await sessions.begin(who, {}) for who in ("ann", "ann", "bob")]
    await sessions.end(one.session)
    assert await sessions.find(one.session) is None
    assert await sessions.refresh(one.refresh) is None
    assert await sessions.find(other.session)
    assert await drop_person(values, keys, "ann") >= 3
    assert await sessions.find(other.session) is None
    assert await sessions.find(stranger.session)


# Progress


async def test_progress_is_what_was_put_last(values: Values, keys: Keys) -> None:
    progress = ProgressCache(values, keys, Clock())
    assert await progress.get("7") is None
    await progress.put("7", {"read": 1})
    await progress.put("7", {"read": 2})
    assert await progress.get("7") == {"read": 2}
    left = await values.ttl(keys.of(Kind.PROGRESS, "7"))
    assert left is not None
    assert left <= Kind.PROGRESS.seconds
    assert await progress.active() == ["7"]
    await progress.end("7")
    assert (await progress.active(), await progress.get("7")) == ([], {"read": 2})


async def test_the_active_list_is_swept_after_an_hour(values: Values, keys: Keys) -> None:
    clock = Clock()
    progress = ProgressCache(values, keys, clock)
    await progress.put("old", {})
    clock.now += Kind.ACTIVE.seconds - 60
    await progress.put("new", {})
    assert await progress.active() == ["new", "old"]
    clock.now += 120
    assert await progress.active() == ["new"]
    await progress.put("newest", {})
    assert await values.get(keys.of(Kind.ACTIVE)) is not None
    assert b"old" not in (await values.get(keys.of(Kind.ACTIVE)) or b"")


async def test_several_that_are_active_do_not_forget_each_other(values: Values, keys: Keys) -> None:
    names = [str(number) for number in range(8)]
    each = [ProgressCache(values, keys, Clock()) for _ in names]
    await asyncio.gather(*(one.put(name, {}) for one, name in zip(each, names, strict=True)))
    assert await each[0].active() == names


# What is dropped


async def test_what_matches_is_dropped_and_nothing_else(values: Values, keys: Keys) -> None:
    await values.mset({keys.of(Kind.PROFILE, str(number)): b"1" for number in range(1_200)}, 60)
    await values.set(keys.of(Kind.PREFERENCES, "1"), b"1", 60)
    assert await count_matching(values, keys.pattern(Kind.PROFILE)) == 1_200
    assert await drop_matching(values, keys.pattern(Kind.PROFILE)) == 1_200
    assert await drop_matching(values, keys.pattern(Kind.PROFILE)) == 0
    assert await values.exists(keys.of(Kind.PREFERENCES, "1")) == 1
