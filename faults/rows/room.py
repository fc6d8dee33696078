"""No room: PostgreSQL's disk, the store's and the broker's memory, descriptors, our own memory."""

import asyncio
import contextlib
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
from redis.asyncio import Redis

from common.errors import DumpError
from faults.programs import PROGRAMS
from faults.shared_servers import DEADLINE
from faults.stage import Row, Stage
from tests.isolation import execute

_DISK_MEGABYTES = 48
_LITTLE = 1_000_000  # bytes
_ENOUGH = 1_000_000_000  # bytes
_FEW_DESCRIPTORS = 3
_LITTLE_MORE = 4_000_000  # bytes


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    options = ["-o", f"size={_DISK_MEGABYTES}m,mode=0700"]
    _run("mount", "-t", "tmpfs", *options, "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=DEADLINE)


def _fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return filler


async def _disk_full(stage: Stage) -> None:
    """Move the database to a small disk after the first month, and fill that during the second."""
    await stage.load(stage.months.first)
    admin, _, name = stage.urls.postgres.rpartition("/")
    admin = f"{admin}/waxline"
    with _small_disk(stage.folder / "disk") as disk:
        await execute(admin, f"CREATE TABLESPACE on_{name} LOCATION '{disk}'")
        await _move(stage, admin, f"ALTER DATABASE {name} SET TABLESPACE on_{name}")
        filler = await asyncio.to_thread(_fill, disk)
        async with stage.loading(stage.months.second):
            await stage.moment(10.0)
            await asyncio.to_thread(filler.unlink)
        await _move(stage, admin, f"ALTER DATABASE {name} SET TABLESPACE pg_default")
        await execute(admin, f"DROP TABLESPACE on_{name}")


async def _move(stage: Stage, admin: str, statement: str) -> None:
    """Move the database, which nobody may use meanwhile."""
    await stage.programs.away("postgres")
    name = stage.urls.postgres.rpartition("/")[2]
    await execute(
        admin,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608
    )
    await execute(admin, statement)
    stage.programs.allowed.set()


async def _memory_full(url: str, stage: Stage) -> None:
    """Leave a Valkey without memory for a while."""
    address = getattr(stage.urls, url)
    async with Redis.from_url(address, socket_timeout=DEADLINE) as client:
        await stage.moment()
        await client.config_set("maxmemory", _LITTLE)
        try:
            await stage.moment(6.0)
        finally:
            await client.config_set("maxmemory", _ENOUGH)


async def _few_descriptors(stage: Stage) -> None:
    """Let no program open more files than it has open, and a few."""
    # A dump that cannot be opened for want of a descriptor can be later.
    stage.programs.hopeless -= {DumpError.exit_code}

    def most(process: psutil.Process) -> int:
        return process.num_fds() + stage.rng.randint(0, _FEW_DESCRIPTORS)

    await _limit(stage, resource.RLIMIT_NOFILE, most, 3.0)


async def _little_memory(stage: Stage) -> None:
    """Let no program have more memory than it has, and a little."""

    def most(process: psutil.Process) -> int:
        return process.memory_info().vms + stage.rng.randint(0, _LITTLE_MORE)

    await _limit(stage, resource.RLIMIT_AS, most, 5.0)


async def _limit(
    stage: Stage, what: int, most: Callable[[psutil.Process], int], seconds: float
) -> None:
    """Limit each program at a seeded moment; end them later: the next ones are not limited."""
    for name in PROGRAMS:
        await stage.moment(2.0)
        if (process := stage.programs.process(name)) is not None:
            hard = resource.prlimit(process.pid, what)[1]
            resource.prlimit(process.pid, what, (most(process), hard))
    await stage.moment(seconds)
    for name in PROGRAMS:
        stage.programs.kill(name)


ROOM = (
    Row(
        "disk-full",
        "PostgreSQL's disk full for up to 10 s",
        "53100, rolled back; with room it goes on",
        _disk_full,
        plays=True,
    ),
    Row(
        "store-full",
        "the store at its maxmemory for up to 6 s",
        "everything is sent; nothing stops",
        partial(_memory_full, "store"),
    ),
    Row(
        "streams-full",
        "the streams' Valkey at its maxmemory for up to 6 s",
        "back-pressure; nothing is lost",
        partial(_memory_full, "broker"),
        kind="embedded",
    ),
    Row(
        "descriptors",
        "prlimit: no more open files than now, and 0 to 3",
        "a clean error or nothing; started again, it goes on",
        _few_descriptors,
    ),
    Row(
        "memory",
        "prlimit: no more memory than now, and 0 to 4 MB",
        "an end or nothing; started again, it goes on",
        _little_memory,
        traceback=True,
    ),
)
