"""A served catalogue: databases that are copied, and `waxline serve` as users start it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Collection, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import redis
import tenacity

from generator import Plan
from tests.isolation import execute
from tests.oracle import Load, Truth, after
from tests.oracle.records import record_of

T = TypeVar("T")

PLAN = Plan(releases=300, seed=7, changed=0.1, deleted=0.03, added=0.05)
SECONDS = 90.0

_URL = re.compile(r"waxline answers at (http://[^/]+)/v1")


@dataclass(frozen=True)
class Catalogue:
    """Where catalogues are loaded: URLs (that of PostgreSQL without a database), and dumps."""

    postgres: str = field(repr=False)
    store: str = field(repr=False)
    broker: str = field(repr=False)
    cache: str = field(repr=False)
    folder: Path
    dumps: Mapping[int, list[Path]]
    numbers: Iterator[int]

    def truth(self, month: int) -> Truth:
        """Return what is held after this month, as the oracle has it."""
        return after(*(Load(dump) for one in range(1, month + 1) for dump in self.dumps[one]))

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"{self.postgres}/{name}"


@dataclass(frozen=True)
class Served:
    """A `waxline serve` that answers at ``url``; ``client`` is an HTTP client for it.

    ``database`` is the name of its database, ``log`` the file with what it says.
    """

    url: str
    database: str
    catalogue: Catalogue
    client: httpx.Client
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def postgres_url(self) -> str:
        """URL of its database."""
        return self.catalogue.url(self.database)

    def truth(self, month: int) -> Truth:
        """Return what is held after this month, as the oracle has it."""
        return self.catalogue.truth(month)

    def load_month(self, month: int) -> None:
        """Load a month into its database, to its end."""
        load(self.catalogue, self.database, month)

    def asked(self, layer: str, kind: str = "record") -> dict[str, int]:
        """Return how often a layer was asked for a kind of answers, and had them."""
        layers = self.client.get("/stats").json()["layers"]
        found = [one for one in layers if (one["layer"], one["kind"]) == (layer, kind)]
        return found[0] if found else {"asked": 0, "hits": 0}

    def until_followed(self) -> None:
        """Wait until it has followed the change feed as far as its database is."""

        def followed() -> bool:
            entities = self.client.get("/stats").json()["entities"]
            here = {one["entity"]: one["sequence"] for one in entities}
            return here == in_thread(_sequences(self.postgres_url))

        asking = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda done: not done),
            wait=tenacity.wait_fixed(0.05),
            stop=tenacity.stop_after_delay(SECONDS),
        )
        asking(followed)

    def execute(self, statement: str) -> None:
        """Run a statement in its database."""
        in_thread(execute(self.postgres_url, statement))

    def differing(self, truth: Truth, only: Collection[int] | None = None) -> list[str]:
        """Return the paths of records that are not answered as the oracle has them.

        Of all of them, or of those with ``only`` these ids.
        """
        return [
            path
            for entity, records in truth.records.items()
            for number, held in records.items()
            if (only is None or number in only)
            and self.client.get(path := f"/v1/{entity.plural}/{number}").json()
            != record_of(entity, held.element, number)
        ]


def in_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run something asynchronous to its end, whatever loop there may be here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _sequences(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url, timeout=SECONDS, command_timeout=SECONDS)
    try:
        rows = await connection.fetch("SELECT entity, sequence FROM discogs.state")
        return {row["entity"]: row["sequence"] for row in rows}
    finally:
        await connection.close(timeout=SECONDS)


def made(catalogue: Catalogue, template: str) -> str:
    """Make a database, a copy of another; return its name."""
    name = f"served{next(catalogue.numbers)}"
    how = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"
    in_thread(execute(catalogue.url("postgres"), how))
    return name


@contextmanager
def copied(catalogue: Catalogue, template: str) -> Iterator[str]:
    """Have a copy of a database for the length of a ``with``."""
    name = made(catalogue, template)
    try:
        yield name
    finally:
        in_thread(
            execute(catalogue.url("postgres"), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        )


def load(catalogue: Catalogue, name: str, month: int) -> None:
    """Load a month into a database."""
    load_dumps(catalogue, name, catalogue.dumps[month])


def load_dumps(catalogue: Catalogue, name: str, dumps: Iterable[Path]) -> None:
    """Load dumps into a database by `waxline run`; PostgreSQL alone, so it takes seconds."""
    settings = {
        "WAXLINE_SINKS": "postgres",
        "WAXLINE_POSTGRES_URL": catalogue.url(name),
        "WAXLINE_STORE_URL": catalogue.store,
        "WAXLINE_BROKER_URL": catalogue.broker,
        "WAXLINE_DATA_FOLDER": str(catalogue.folder / "data"),
        "WAXLINE_PARSE_PROCESSES": "1",
        "WAXLINE_LINGER": "0.1",
        "WAXLINE_SUMMARY_SECONDS": "0.2",
    }
    done = subprocess.run(
        [sys.executable, "-m", "waxline", "run", *map(str, dumps)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        env={**os.environ, **settings},
        cwd=catalogue.folder,
    )
    assert done.returncode == 0, done.stdout


def empty_cache(catalogue: Catalogue) -> None:
    """Empty the cache that is served from."""
    with redis.Redis.from_url(catalogue.cache, socket_timeout=SECONDS) as client:
        client.flushdb()


@contextmanager
def serving(
    catalogue: Catalogue,
    name: str,
    folder: Path,
    *words: str,
    emptied: bool = True,
    **settings: str,
) -> Iterator[Served]:
    """Have `waxline serve` over a database for the length of a ``with``.

    Its cache is emptied before.  ``words`` are arguments, ``settings`` by their full names go
    before those of the rig.
    """
    if emptied:
        empty_cache(catalogue)
    environment = {
        "WAXLINE_POSTGRES_URL": catalogue.url(name),
        "WAXLINE_CACHE_URL": catalogue.cache,
        "WAXLINE_DATA_FOLDER": str(folder / "data"),
        **settings,
    }
    log = folder / f"serve-{len(list(folder.glob('serve-*')))}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "waxline", "serve", "--port", "0", *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
            cwd=folder,
        )
    try:
        url = _until_told(process, log)
        with httpx.Client(base_url=url, timeout=SECONDS) as http:
            yield Served(url, name, catalogue, http, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)


def _until_told(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Wait until it says where it answers; return that."""

    def told() -> str:
        said = log.read_text(encoding="utf-8")
        assert process.poll() is None, said
        found = _URL.search(said)
        return found[1] if found else ""

    asking = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda url: not url),
        wait=tenacity.wait_fixed(0.05),
        stop=tenacity.stop_after_delay(SECONDS),
    )
    return str(asking(told))
