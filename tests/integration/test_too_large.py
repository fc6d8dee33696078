"""Records that no message can hold: a real extractor and a loader, on either broker."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from common.entities import Entity
from common.reports import State
from config.settings import Settings, load_settings
from extractor.quarantine import read_quarantine
from generator import Plan
from loaders.command import load
from loaders.postgres import PostgresSink
from loaders.runs import RunRow
from tests.acceptance.material import month, rewritten
from tests.acceptance.processes import Finished, running
from tests.certificates import SecureRabbitMQ
from tests.oracle import Load, after, compare_postgres, explain

RELEASE = Entity.RELEASE
PLAN = Plan(releases=60, seed=19)
PLACE = 20
QUOTES = 9_500_000
"""Of XML, each two bytes of JSON: more than a message may have, and less than `record_limit`."""
SMALL = 64_000
"""Bytes."""
DEADLINE = 90.0


@pytest.fixture
def settings(broker_url: str, valkey_url: str, postgres_url: str, tmp_path: Path) -> Settings:
    """Settings of a pipeline with one sink."""
    return settings_of(broker_url, valkey_url, postgres_url, tmp_path)


def settings_of(broker_url: str, valkey_url: str, postgres_url: str, folder: Path) -> Settings:
    """Return them."""
    return load_settings(
        broker_url=broker_url,
        store_url=f"{valkey_url}/0",
        postgres_url=postgres_url,
        data_folder=folder / "data",
        sinks="postgres",
        linger=0.05,
    )


async def run(settings: Settings, dump: Path, *command: str) -> Finished:
    """Do something with a dump, as a process of its own."""
    environment = {
        "WAXLINE_BROKER_URL": settings.server("broker").url,
        "WAXLINE_STORE_URL": settings.server("store").url,
        "WAXLINE_POSTGRES_URL": settings.server("postgres").url,
        "WAXLINE_DATA_FOLDER": str(settings.data_folder),
        "WAXLINE_SINKS": "postgres",
        "WAXLINE_PARSE_PROCESSES": "1",
    }
    log = dump.parent / f"{command[-1]}.log"
    async with running(log, environment, *command, str(dump)) as process:
        return await process.ended(DEADLINE)


async def settled(settings: Settings, beyond: int = 0) -> RunRow:
    """Load until there is a verdict on a run of the releases later than ``beyond``."""
    watching, loading = (
        PostgresSink(settings.sink("postgres")),
        asyncio.create_task(load(PostgresSink(settings.sink("postgres")), settings)),
    )
    await watching.open()
    try:
        async with asyncio.timeout(DEADLINE):
            while not loading.done():
                row = (await watching.bookkeeping.run_rows()).get(RELEASE)
                if row and row.run > beyond and row.state is not State.LOADING:
                    return row
                await asyncio.wait([loading], timeout=0.1)
        raise AssertionError(loading.exception())
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        await watching.close()


def with_title(title: bytes) -> Callable[[list[bytes]], list[bytes]]:
    """Return a change that puts this before the title of one record."""

    def change(records: list[bytes]) -> list[bytes]:
        long = records[PLACE].replace(b"<title>", b"<title>" + title, 1)
        return [*records[:PLACE], long, *records[PLACE + 1 :]]

    return change


async def assert_alone(settings: Settings, clean: Path, long: Path, reason: str) -> int:
    """Load a dump; the long record of it is in quarantine, and nothing else is missing.

    Return the run.
    """
    number = list(after(Load(clean)).records[RELEASE])[PLACE]
    finished = await run(settings, long, "extractor")
    assert finished.code == 0, finished.said
    row = await settled(settings)
    assert (row.state, row.exceptions, row.detail) == (State.COMPLETE, 1, "1 quarantined")
    (found,) = read_quarantine(settings.data_folder)
    assert found.id == number
    assert re.search(reason, found.reason)
    truth = after(Load(long, quarantined={number}))
    assert not explain(await compare_postgres(settings.server("postgres").url, truth))
    verified = await run(settings, long, "waxline", "verify", "--all")
    assert verified.code == 0, verified.said
    assert "with exceptions" in verified.said
    return row.run


async def test_a_record_that_no_message_can_hold_is_set_aside(
    settings: Settings, tmp_path: Path
) -> None:
    clean = month(PLAN, 1, tmp_path / "clean")[-1]
    long = rewritten(clean, tmp_path / "long", with_title(b'"' * QUOTES))
    await assert_alone(settings, clean, long, r"^19\d{6} bytes as a message, which may have")


async def test_batches_of_more_than_rabbitmq_takes_are_sent_in_parts(
    rabbitmq_server: SecureRabbitMQ,
    rabbitmq_url: str,
    valkey_url: str,
    postgres_url: str,
    tmp_path: Path,
) -> None:
    settings = settings_of(rabbitmq_url, valkey_url, postgres_url, tmp_path)
    clean = month(PLAN, 1, tmp_path / "clean")[-1]
    long = rewritten(clean, tmp_path / "long", with_title(b"x" * SMALL))
    with rabbitmq_server.taking(SMALL):
        first = await assert_alone(settings, clean, long, f"of which the broker takes {SMALL}$")
    finished = await run(settings, long, "extractor")
    assert finished.code == 0, finished.said
    assert (await settled(settings, first)).exceptions == 0
    assert not explain(await compare_postgres(postgres_url, after(Load(long))))
