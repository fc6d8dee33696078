"""What every sink keeps to, whatever database it is: opened, shared, lost and closed."""

import asyncio

from tenacity import retry, retry_if_exception_type, stop_after_attempt

from common.errors import TransientError
from common.records import Record
from loaders.sink import Digest, Sink, Written
from tests.contract.sink_batches import ALL, RELEASE, digest, headers, opened, release, written
from tests.contract.sinks import Harness, HeldRelease


async def test_preparing_twice_is_as_once_and_writing_goes_on(sink: Sink, harness: Harness) -> None:
    await written(sink, release(1, 10), release(2, 20))
    await sink.content.prepare(RELEASE)
    await sink.content.prepare(RELEASE)
    await written(sink, release(1, 11, "Green", ()), release(3, 30))
    await sink.content.sweep(RELEASE)
    assert await digest(sink) == Digest(3, 61)
    assert await harness.release(1) == HeldRelease("Green", (), ("Jazz",))


async def test_what_is_held_and_who_one_is_outlive_the_process(harness: Harness) -> None:
    async with opened(harness) as sink:
        await written(sink, release(1, 10))
        await sink.bookkeeping.store_range(headers(), ALL)
        before = await stand(sink)
    async with opened(harness) as sink:
        assert await stand(sink) == before
        assert await sink.bookkeeping.ranges(RELEASE, 1) == [ALL]


async def stand(sink: Sink) -> object:
    return await sink.identity(), await digest(sink), await sink.bookkeeping.run_rows()


async def test_a_recreated_database_is_another_one(harness: Harness) -> None:
    async with opened(harness) as sink:
        await written(sink, release(1, 10))
        before = await sink.identity()
    await harness.recreate()
    async with opened(harness) as sink:
        assert await sink.identity() != before
        assert await digest(sink) == Digest(0, 0)
        assert await sink.bookkeeping.run_rows() == {}


async def test_two_loaders_may_open_an_empty_database_at_once(harness: Harness) -> None:
    await harness.recreate()  # of a graph the constraints too
    await harness.recreate()
    first, second = harness.sink(), harness.sink()
    await asyncio.gather(first.open(), second.open())
    try:
        assert await first.identity() == await second.identity()
    finally:
        await asyncio.gather(first.close(), second.close())


async def test_two_loaders_writing_the_same_ids_end_right(harness: Harness) -> None:
    former = [release(n, n, "former", (3, 4)) for n in range(1, 41)]
    latter = [release(n, n + 1_000, "latter", (4, 5)) for n in range(1, 81)]
    async with opened(harness) as one, opened(harness) as other:
        await written(one, *former)
        await one.content.prepare(RELEASE)
        both = await asyncio.gather(
            _with_retries(one, latter), _with_retries(other, list(reversed(latter)))
        )
        assert sum(result.loaded + result.unchanged for result in both) == 160
        assert await digest(one) == Digest(80, sum(n + 1_000 for n in range(1, 81)))
    assert await harness.release(40) == HeldRelease("latter", (4, 5), ("Jazz",))
    assert {await harness.pieces(RELEASE, n) for n in (1, 40, 41, 80)} == {
        await harness.pieces(RELEASE, 2)
    }


@retry(retry=retry_if_exception_type(TransientError), stop=stop_after_attempt(20), reraise=True)
async def _with_retries(sink: Sink, records: list[Record]) -> Written:
    return await sink.content.write(headers(), records)


async def test_a_closed_sink_may_be_closed_again(harness: Harness) -> None:
    sink = harness.sink()
    await sink.open()
    await sink.close()
    await sink.close()
