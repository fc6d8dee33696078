"""A disk without room: one clear sentence, what was loaded stays, and with room it continues."""

import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio
import tenacity

from generator import Plan
from tests.acceptance.material import month, rewritten
from tests.acceptance.place import Place, assert_said, place_on
from tests.oracle import Load, after, compare_postgres
from tests.servers import started
from waxline.servers.valkey import Valkey

PLAN = Plan(releases=100, seed=33, changed=0.3, added=0.3)
SECONDS = 30.0
DISK_MEGABYTES = 32


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-o", f"size={DISK_MEGABYTES}m,mode=0700"]
    mount = ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)]
    done = subprocess.run(mount, check=False, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=SECONDS)


@pytest.fixture
async def url_on_disk(postgres_url: str, disk: Path) -> AsyncIterator[str]:
    """URL of a database whose tables are on the small disk."""
    admin = await asyncpg.connect(postgres_url, timeout=SECONDS, command_timeout=SECONDS)
    await admin.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
    await admin.execute("CREATE DATABASE on_disk TABLESPACE small")
    yield f"{postgres_url.rpartition('/')[0]}/on_disk"
    await admin.execute("DROP DATABASE on_disk WITH (FORCE)")
    await admin.execute("DROP TABLESPACE small")
    await admin.close(timeout=SECONDS)


def fill(disk: Path) -> Path:
    """Leave no room on a disk; return the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    return filler


async def load(place: Place) -> None:
    finished = await place.run("waxline", "run", *map(str, place.dumps))
    assert finished.code == 0, finished.said


@pytest.mark.long
async def test_a_database_without_room_keeps_what_it_has_and_continues(
    url_on_disk: str, valkey_url: str, disk: Path, tmp_path: Path
) -> None:
    first, second = (month(PLAN, number, tmp_path / "dumps") for number in (1, 2))
    place = place_on(url_on_disk, valkey_url, first, tmp_path)
    await load(place)
    filler = fill(disk)
    finished = await place.run("waxline", "run", *map(str, second))
    assert_said(finished, 4, "loader-postgres: PostgreSQL at 127.0.0.1", "No space left on device")

    filler.unlink()
    await load(replace(place, dumps=second))
    truth = after(*map(Load, [*first, *second]))
    assert not await compare_postgres(url_on_disk, truth)


async def test_a_data_folder_without_room(
    postgres_url: str, valkey_url: str, disk: Path, tmp_path: Path
) -> None:
    (dump, *_) = month(PLAN, 1, tmp_path / "dumps")
    place = place_on(postgres_url, valkey_url, [dump], tmp_path)
    place.settings["WAXLINE_DATA_FOLDER"] = str(disk / "data")
    fill(disk)
    await load(place)  # logs are lost, and nothing else

    poisoned = rewritten(
        dump, tmp_path / "poisoned", lambda records: [records[0].replace(b"<name>", b"<name>&", 1)]
    )
    finished = await place.run("extractor", str(poisoned))
    assert_said(finished, 1, str(disk / "data"), "No space left on device")
    finished = await place.run("waxline", "run", "--allow-deletions", str(poisoned))
    assert_said(finished, 1, "extractor", str(disk / "data"), "full")


@pytest.fixture
def valkey_on_disk(disk: Path) -> Iterator[str]:
    """URL of a Valkey of this test's own, whose file is on the small disk."""
    with started(Valkey("valkey", disk)) as server:
        yield str(server.url())


@pytest.mark.long
async def test_a_broker_and_a_store_without_room_wait_and_continue(
    postgres_url: str, valkey_on_disk: str, disk: Path, tmp_path: Path
) -> None:
    first, second = (month(PLAN, number, tmp_path / "dumps") for number in (1, 2))
    place = place_on(postgres_url, valkey_on_disk, first, tmp_path)
    await load(place)
    filler = fill(disk)
    finished = await place.run("waxline", "run", *map(str, second))
    assert_said(finished, 4)

    filler.unlink()
    await until_it_writes(valkey_on_disk)
    await load(replace(place, dumps=second))
    truth = after(*map(Load, [*first, *second]))
    assert not await compare_postgres(postgres_url, truth)


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(redis.RedisError),
    wait=tenacity.wait_fixed(0.1),
    stop=tenacity.stop_after_delay(SECONDS),
)
async def until_it_writes(url: str) -> None:
    """Wait until Valkey has tried its disk again, as it does each second."""
    async with redis.asyncio.Redis.from_url(url, socket_timeout=SECONDS) as client:
        await client.set("probe", 1)
