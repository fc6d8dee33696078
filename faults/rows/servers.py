"""The servers killed, frozen, and put back to what they were."""

import asyncio
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
from redis.asyncio import Redis

from faults.programs import PROGRAMS
from faults.shared_servers import DEADLINE, Role, crash, family, frozen
from faults.stage import Row, Stage
from waxline.servers.postgres import USER

_SHORT_FREEZE = 1.0
"""In seconds: shorter than most deadlines of a call; the long one is longer than all."""
_LONG_FREEZE = 12.0
_ELECTION_SECONDS = 6.0
"""In seconds: a queue that has no leader so long after a start of its node never gets one."""
_DELETE_LEADERLESS = (
    "Led = fun(Q) -> case ra:members(amqqueue:get_pid(Q), 2000) of {{ok, _, {{_, _}}}} -> true; "
    "_ -> false end end, "
    '[rabbit_amqqueue:delete(Q, false, false, <<"faults">>) '
    '|| Q <- rabbit_amqqueue:list(<<"{host}">>), not Led(Q)].'
)


async def _crash(role: Role, stage: Stage) -> None:
    """Kill a server, leave it away for a moment, and start it again."""
    await stage.moment()
    await asyncio.to_thread(crash, stage.server(role))
    if stage.server(role) is stage.server("store"):
        stage.watch.forget()  # its last words may be lost
    await stage.moment(1.0)
    await asyncio.to_thread(stage.server(role).start)


async def _kill_backends(stage: Stage) -> None:
    """Kill one of PostgreSQL's own processes, three times: it takes all sessions with it."""
    for _ in range(3):
        await stage.moment(2.0)
        sessions = [one for one in family(stage.server("postgres")) if _is_session(one)]
        if sessions:
            stage.rng.choice(sessions).kill()


def _is_session(process: psutil.Process) -> bool:
    """Tell by the title that PostgreSQL gives to a session: whose it is stands in it."""
    try:
        return " ".join(process.cmdline()).startswith(f"postgres: {USER} ")
    except psutil.NoSuchProcess:
        return False


async def _freeze(role: Role, seconds: float, stage: Stage) -> None:
    await stage.moment()
    async with frozen(stage.server(role)):
        await asyncio.sleep(seconds)


async def _freeze_programs(stage: Stage) -> None:
    """Freeze each program in turn, past the deadlines of its servers."""
    for name in PROGRAMS:
        await stage.moment(2.0)
        async with stage.programs.frozen(name) as stopped:
            if stopped:
                await asyncio.sleep(_SHORT_FREEZE + stage.rng.uniform(0, 3))


async def _old_snapshot(stage: Stage) -> None:
    """Kill the store after the second month, and start it with what it held after the first."""
    await stage.load(stage.months.first)
    files = stage.server("store").folder / "appendonlydir"
    kept = stage.folder / "snapshot"
    async with frozen(stage.server("store")):  # nothing is half written
        await asyncio.to_thread(shutil.copytree, files, kept)
    if stage.rng.random() < 0.5:
        await stage.load(stage.months.second)
        await asyncio.to_thread(_swap, stage, files, kept)
    else:
        async with stage.loading(stage.months.second):
            await stage.moment(5.0)
            await asyncio.to_thread(_swap, stage, files, kept)
    # Back to the old content, which the old snapshot knows: A, B, A.
    await stage.load(stage.months.first, ["--allow-older", "--allow-deletions"])
    await stage.load(stage.months.second)
    stage.history = 2 * [*stage.months.first, *stage.months.second]


async def _crash_rabbitmq(stage: Stage) -> None:
    """Kill RabbitMQ, and delete what came back without a leader, as docs/operating.md tells."""
    await _crash("broker", stage)
    await asyncio.sleep(_ELECTION_SECONDS)
    host = stage.urls.broker.rpartition("/")[2]
    await asyncio.to_thread(stage.machine.rabbitmq.evaluate, _DELETE_LEADERLESS.format(host=host))


def _swap(stage: Stage, files: Path, kept: Path) -> None:
    server = stage.server("store")
    crash(server)
    stage.watch.forget()
    shutil.rmtree(files)
    shutil.copytree(kept, files)
    server.start()


async def _flush_store(stage: Stage) -> None:
    """Empty the store, as an eviction or a new machine does, twice."""
    for _ in range(2):
        await stage.moment()
        async with Redis.from_url(stage.urls.store, socket_timeout=DEADLINE) as client:
            await client.flushdb()


async def _lease(stage: Stage) -> None:
    """Freeze an extractor past its lease while another reads the same dumps to the end."""
    await stage.load(stage.months.first)
    async with stage.loading(stage.months.second):
        await stage.moment(2.0)
        async with stage.programs.frozen("extractor") as stopped:
            if stopped:
                dumps = map(str, stage.months.second)
                await stage.programs.once("extractor-2", "extractor", *dumps)


def _crashes(role: Role, title: str) -> Row:
    return Row(
        f"kill-{title}",
        f"kill -9 of {title}, started again",
        "retried; what was not committed is sent again",
        partial(_crash, role),
    )


def _freezes(role: Role, title: str) -> list[Row]:
    return [
        Row(
            f"freeze-{title}-{name}",
            f"{title} frozen for {seconds:.0f} s",
            "outlasted" if seconds == _SHORT_FREEZE else "the deadline fires; reconnected",
            partial(_freeze, role, seconds),
        )
        for name, seconds in (("short", _SHORT_FREEZE), ("long", _LONG_FREEZE))
    ]


SERVERS = (
    replace(_crashes("broker", "rabbitmq"), inject=_crash_rabbitmq),
    _crashes("postgres", "postgres"),
    _crashes("graph", "neo4j"),
    _crashes("store", "valkey"),
    Row(
        "kill-valkey-as-broker",
        "kill -9 of Valkey that is store and broker, started again",
        "confirmed survives, or is sent again",
        partial(_crash, "broker"),
        kind="embedded",
    ),
    Row(
        "kill-backends",
        "kill -9 of PostgreSQL's sessions, three times",
        "no partial batch; retried",
        _kill_backends,
    ),
    *_freezes("broker", "rabbitmq"),
    *_freezes("postgres", "postgres"),
    *_freezes("graph", "neo4j"),
    *_freezes("store", "valkey"),
    Row(
        "freeze-programs",
        "extractor and loaders frozen for 1 to 4 s",
        "messages come again; nothing twice",
        _freeze_programs,
    ),
    Row(
        "old-snapshot",
        "Valkey killed and started with the files of a month ago; back to the old month and forth",
        "dedupe is only a hint: equal",
        _old_snapshot,
        plays=True,
    ),
    Row("flush-store", "the store emptied, twice", "everything is sent again", _flush_store),
    Row(
        "lease",
        "an extractor frozen past its lease while another reads the same dumps",
        "the later run counts; the earlier is dropped",
        _lease,
        plays=True,
    ),
)
