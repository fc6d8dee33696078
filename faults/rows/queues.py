"""RabbitMQ in alarm, full, impatient or set up otherwise; messages twice, late and unreadable."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from itertools import product
from typing import Any

import aio_pika
import orjson
from aio_pika.abc import AbstractIncomingMessage

from common.broker.rabbitmq_topology import Names
from common.entities import LOAD_ORDER, Entity
from common.messages import Headers, Kind
from common.run_rules import next_run
from faults.programs import SINKS, loader
from faults.shared_servers import DEADLINE
from faults.stage import RoundError, Row, Stage
from tests.isolation import execute

_NAMES = Names("waxline")
_SHORT_QUEUE = 5
_FULL_SECONDS = 3.0
_LOCK = """
BEGIN;
LOCK TABLE waxline.run IN EXCLUSIVE MODE;
SELECT pg_sleep(4);
COMMIT;
"""
_ALARMS: Mapping[str, tuple[str, str]] = {
    "disk": (
        'rabbit_disk_monitor:set_disk_free_limit("1000TB").',
        'rabbit_disk_monitor:set_disk_free_limit("50MB").',
    ),
    "memory": (
        "vm_memory_monitor:set_vm_memory_high_watermark(0.0001).",
        "vm_memory_monitor:set_vm_memory_high_watermark(0.5).",
    ),
}
_IMPATIENT = (
    "application:set_env(rabbit, consumer_timeout, 1000), "
    "application:set_env(rabbit, channel_tick_interval, 500)."
)
_PATIENT = (
    "application:set_env(rabbit, consumer_timeout, 1800000), "
    "application:set_env(rabbit, channel_tick_interval, 60000)."
)


async def _tell(stage: Stage, expression: str) -> None:
    await asyncio.to_thread(stage.machine.rabbitmq.evaluate, expression)


async def _alarm(which: str, stage: Stage) -> None:
    """Raise an alarm, longer than a publish may take, and clear it."""
    raised, cleared = _ALARMS[which]
    await stage.moment()
    await _tell(stage, raised)
    try:
        await stage.moment(6.0)
    finally:
        await _tell(stage, cleared)


async def _full_queues(stage: Stage) -> None:
    """Let the queues hold five messages each while nobody reads them, then read."""
    host = stage.urls.broker.rpartition("/")[2]
    await _tell(
        stage,
        f'rabbit_policy:set(<<"{host}">>, <<"short">>, <<".*">>, '
        f'[{{<<"max-length">>, {_SHORT_QUEUE}}}], 0, <<"queues">>, <<"faults">>).',
    )
    for dumps in stage.months.both:
        await stage.programs.away(*SINKS)
        async with stage.loading(dumps):
            await asyncio.sleep(_FULL_SECONDS)
            stage.programs.allowed.set()


@asynccontextmanager
async def _channel(stage: Stage) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    connection = await aio_pika.connect(stage.urls.broker, timeout=DEADLINE)
    async with connection, connection.channel() as channel:
        yield channel


async def _twice_and_mixed(stage: Stage) -> None:
    """Give the loaders what the queues hold twice, in any order, the earlier month's too."""
    kept: list[tuple[str, AbstractIncomingMessage]] = []
    for dumps in stage.months.both:
        await stage.programs.away(*SINKS)
        await stage.programs.extract(dumps)
        async with _channel(stage) as channel:
            kept += [found async for found in _drained(channel)]
            again = stage.rng.sample(kept, len(kept)) + stage.rng.sample(kept, len(kept))
            for name, message in again:
                copy = aio_pika.Message(message.body, headers=message.headers)
                await channel.default_exchange.publish(copy, name)
        stage.programs.allowed.set()
        if not await stage.settled(dumps):
            raise RoundError("a sink differs after its messages came twice and in any order")


async def _drained(
    channel: aio_pika.abc.AbstractChannel,
) -> AsyncIterator[tuple[str, AbstractIncomingMessage]]:
    """Yield and acknowledge what the queues hold, with the queue's name."""
    for sink, entity in product(SINKS, LOAD_ORDER):
        name = _NAMES.queue(sink, entity)
        queue = await channel.get_queue(name)
        while (message := await queue.get(fail=False)) is not None:
            await message.ack()
            yield name, message


async def _impatient(stage: Stage) -> None:
    """Have deliveries time out: the run rows are locked while batches are in hand."""
    await _tell(stage, _IMPATIENT)
    for sink in SINKS:
        stage.programs.kill(loader(sink))  # the next ones' channels know the short time
    try:
        await stage.load(stage.months.first)
        async with stage.loading(stage.months.second):
            await stage.moment(3.0)
            await execute(stage.urls.postgres, _LOCK)
    finally:
        await _tell(stage, _PATIENT)
    for sink in SINKS:
        stage.programs.kill(loader(sink))


async def _other_topology(stage: Stage) -> None:
    """Find a queue declared otherwise: a sentence, no loop; with it gone, on."""
    await stage.load(stage.months.first)
    name = _NAMES.queue(stage.rng.choice(SINKS), stage.rng.choice(LOAD_ORDER))
    async with _channel(stage) as channel:
        await channel.queue_delete(name)
        arguments: dict[str, Any] = {"x-queue-type": "quorum"}
        await channel.declare_queue(name, durable=True, arguments=arguments)
    done = await stage.programs.once("extractor", "extractor", *map(str, stage.months.second))
    if done.code != 4 or "other arguments" not in done.said:
        raise RoundError(f"the extractor met {name} and ended with {done.code}: {done.said}")
    async with _channel(stage) as channel:
        await channel.queue_delete(name)
    await stage.load(stage.months.second)


async def _poison(stage: Stage) -> None:
    """Put what nobody can read, and a record that no sink can hold, between the months."""
    await stage.load(stage.months.first)
    headers = _later_than_now(stage)
    bodies = [b"\xff\x00", b"[]]", b'[{"id": "x"}]', orjson.dumps(_unholdable())]
    messages = [aio_pika.Message(body, headers=dict(headers.encode())) for body in bodies]
    messages.append(aio_pika.Message(b"[]", headers={"schema": "7"}))
    async with _channel(stage) as channel:
        for sink, message in product(SINKS, stage.rng.sample(messages, len(messages))):
            name = _NAMES.queue(sink, Entity.RELEASE)
            await channel.default_exchange.publish(message, name)
    await stage.load(stage.months.second)
    for sink in SINKS:
        if (dead := await dead_letters(stage, sink)) < 4:
            raise RoundError(f"{sink} has {dead} dead letters")


async def dead_letters(stage: Stage, sink: str) -> int:
    """Return how many messages of a sink are dead letters."""
    async with _channel(stage) as channel:
        queue = await channel.declare_queue(_NAMES.dead_queue(sink), passive=True)
        return queue.declaration_result.message_count or 0


def _later_than_now(stage: Stage) -> Headers:
    """Return headers of a run that no reading has: the next reading's is higher."""
    return Headers(Kind.BATCH, Entity.RELEASE, next_run(0, stage.runs(), 0), 20260101, 1)


def _unholdable() -> list[dict[str, Any]]:
    """Return a record that neither sink can hold, of an id that no dump has."""
    return [{"id": 2_000_000_001, "fingerprint": 5, "data": {"title": {"not": "text"}}}]


QUEUES = (
    *(
        Row(
            f"alarm-{which}",
            f"RabbitMQ's {which} alarm, up to 6 s",
            "publishing blocks, meets its deadline and resumes",
            partial(_alarm, which),
        )
        for which in _ALARMS
    ),
    Row(
        "twice-and-mixed",
        "every message twice and in any order, those of the month before among them",
        "equal at once, without another reading",
        _twice_and_mixed,
        plays=True,
    ),
    Row(
        "queue-full",
        "queues that hold five messages, reject-publish",
        "back-pressure; nothing is lost",
        _full_queues,
        plays=True,
        settings={"WAXLINE_GROUP_BYTES": "4000"},
    ),
    Row(
        "ack-timeout",
        "consumer_timeout of 1 s, and a table locked for 4 s",
        "406; delivered again",
        _impatient,
        plays=True,
    ),
    Row(
        "topology",
        "a queue declared with other arguments",
        "a sentence and exit code 4, no loop; deleted, it goes on",
        _other_topology,
        plays=True,
    ),
    Row(
        "poison",
        "bodies and headers that nobody can read, records that no sink can hold",
        "dead letters and rejections with their reason; what is sound loads",
        _poison,
        plays=True,
    ),
)
