"""Plays one round of a row, and says how it ended."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
from aio_pika.exceptions import AMQPError
from neo4j.exceptions import DriverError, Neo4jError
from redis.exceptions import RedisError

from common.errors import WaxlineError
from common.store import open_store
from config.settings import load_settings
from faults.material import Material
from faults.processes import Forker
from faults.programs import Programs, UncleanError
from faults.progress import Watch
from faults.shared_servers import ROLES, Machine, Role
from faults.stage import RoundError, Row, Stage
from tests.acceptance.rig import Urls
from tests.link import Link, link_to, through

CANARY_SECONDS = 60.0
"""A fresh dump with one record changed must be loaded within it once the faults are over."""

SHORT = {
    "WAXLINE_PARSE_PROCESSES": "1",
    "WAXLINE_GROUP_BYTES": "20000",
    "WAXLINE_POSTGRES_BATCH": "25",
    "WAXLINE_GRAPH_BATCH": "25",
    "WAXLINE_LINGER": "0.02",
    "WAXLINE_LEASE_SECONDS": "1.2",
    "WAXLINE_CONNECT_TIMEOUT": "4",
    "WAXLINE_STORE_TIMEOUT": "1",
    "WAXLINE_BROKER_TIMEOUT": "2",
    "WAXLINE_POSTGRES_TIMEOUT": "5",
    "WAXLINE_GRAPH_TIMEOUT": "10",
    "WAXLINE_RETRY_SECONDS": "12",
    "WAXLINE_SHUTDOWN_SECONDS": "4",
}
"""Deadlines a tenth of the defaults or less, so that a freeze need not last minutes."""

_PROBLEMS = (
    AssertionError,
    OSError,
    WaxlineError,
    psutil.Error,
    asyncpg.PostgresError,
    AMQPError,
    RedisError,
    Neo4jError,
    DriverError,
)
"""What makes a round fail; anything else is a bug of ours."""

_TAIL = 2_000
_LINES = 8
_FRESH_SECONDS = 600.0
_BARE = 3
"""One round in so many begins without constraints."""


@dataclass
class Outcome:
    """How a round ended: ``problem`` is empty when all is as it must be."""

    row: str
    seed: int
    seconds: float = 0.0
    problem: str = ""
    kills: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Shared:
    """What all rounds share; ``patience`` lengthens the times within which they must be over."""

    machine: Machine
    material: Material
    forker: Forker
    patience: float = 1.0


async def play(row: Row, seed: int, folder: Path, shared: Shared) -> Outcome:
    """Play a round of a row; everything that can be seeded follows from ``seed``."""
    outcome = Outcome(row.name, seed)
    async with _staged(row, seed, folder, shared) as stage:
        began = time.monotonic()
        try:
            await _within_deadline(stage, shared.patience)
        except (*_PROBLEMS, ExceptionGroup) as error:
            outcome.problem = _said(error)
        outcome.seconds = time.monotonic() - began
        outcome.kills = stage.programs.kills
    return outcome


@asynccontextmanager
async def _staged(row: Row, seed: int, folder: Path, shared: Shared) -> AsyncIterator[Stage]:
    """Have the stage of a round: fresh servers, behind links in a linked row, and dumps."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    months = await asyncio.to_thread(shared.material.of, row.releases, seed)
    async with asyncio.timeout(_FRESH_SECONDS):
        urls = await shared.machine.fresh(row.kind, bare=seed % _BARE == 0)
    async with AsyncExitStack() as stack:
        links: dict[Role, Link] = {}
        for role in ROLES if row.linked else ():
            links[role] = await stack.enter_async_context(link_to(getattr(urls, role)))
        programs = Programs(shared.forker, _settings(row, urls, links, folder), folder)
        store = open_store(load_settings(store_url=urls.store).server("store"))
        stack.push_async_callback(store.close)
        rng = random.Random(seed)
        stage = Stage(row, seed, folder, shared.machine, urls, links, months, programs, store, rng)
        stage.watch = Watch(delayed=row.linked)
        programs.more = partial(row.more, stage)
        yield stage


def _settings(row: Row, urls: Urls, links: Mapping[Role, Link], folder: Path) -> Mapping[str, str]:
    """Return the settings of a round's programs, which see the servers through the links."""
    settings = {**SHORT, "WAXLINE_DATA_FOLDER": str(folder / "data")}
    for role in set(ROLES) - set(row.own):
        url = getattr(urls, role)
        settings[f"WAXLINE_{role.upper()}_URL"] = through(links[role], url) if links else url
    return {**settings, **row.settings}


def _said(error: Exception) -> str:
    """Return what went wrong; of a group, whatever went wrong in it."""
    if isinstance(error, ExceptionGroup):
        return "\n".join(map(_said, error.exceptions))
    if not isinstance(error, _PROBLEMS):
        raise error
    return f"{type(error).__name__}: {error}"


async def _within_deadline(stage: Stage, patience: float) -> None:
    seconds = patience * stage.row.deadline
    try:
        async with asyncio.timeout(seconds), _loaders(stage):
            await _break(stage)
            await stage.check()
            await _canary(stage, patience * CANARY_SECONDS)
    except TimeoutError as error:
        said = "\n".join(line[:200] for line in stage.programs.said().splitlines()[-_LINES:])
        raise RoundError(f"not over after {seconds:.0f} s; last said:\n{said}") from error
    _check_clean(stage)


def _loaders(stage: Stage) -> AbstractAsyncContextManager[None]:
    return nullcontext() if stage.row.front else stage.programs.loaders(*stage.row.loaders)


async def _break(stage: Stage) -> None:
    async with asyncio.TaskGroup() as tasks:
        if not stage.row.plays:
            tasks.create_task(_load(stage))
        tasks.create_task(stage.row.inject(stage))


async def _load(stage: Stage) -> None:
    for month in stage.months.both:
        await stage.load(month)
    stage.loaded = True


async def _canary(stage: Stage, seconds: float) -> None:
    stage.programs.more = lambda _name: {}
    async with asyncio.timeout(seconds):
        await stage.load([stage.months.canary])
        await stage.check(stage.months.canary)


def _check_clean(stage: Stage) -> None:
    """Raise `UncleanError` for a traceback or a password in anything that was said."""
    said = stage.programs.said()
    if "Traceback" in said and not stage.row.traceback:
        place = said.index("Traceback")
        raise UncleanError(f"a traceback: {said[max(0, place - 500) : place + _TAIL]}")
    passwords = {urlsplit(url).password for url in vars(stage.urls).values()}
    if any(password and password in said for password in passwords):
        raise UncleanError("a password stands in a log")
