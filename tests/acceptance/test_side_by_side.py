"""Two whole pipelines at once on the same servers: each loads its own, and sees nothing else."""

import asyncio
import base64
import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from common.broker import Broker, open_broker
from common.entities import LOAD_ORDER, Entity
from common.messages import Headers, Kind, Message
from common.store import Store, open_store
from config.settings import Settings, load_settings
from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import Place
from tests.acceptance.rig import SINKS
from tests.isolation import execute, url_of
from tests.oracle import Load, after, compare_graph, compare_postgres, explain
from waxline.servers.server import Server

NAMES = ("waxline", "jazz")
POISONED = NAMES[1]
"""The pipeline that gets a message which nobody can read."""
UNREADABLE = Message(Headers(Kind.BATCH, Entity.LABEL, 1, 20250101, 1), b"[]]")
HTTP_SECONDS = 30
_HTTP = "-Darcadedb.server.httpIncomingPort="


def tell_arcadedb(server: Server, command: str) -> None:
    """Have ArcadeDB make or drop a database, which it does over HTTP alone."""
    process, url = server.process.alive(), urlsplit(url_of(server))
    assert process is not None
    port = next(word.removeprefix(_HTTP) for word in process.cmdline() if word.startswith(_HTTP))
    secret = base64.b64encode(f"{url.username}:{url.password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{url.hostname}:{port}/api/v1/server",
        json.dumps({"command": command}).encode(),
        {"Authorization": f"Basic {secret}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.HTTPHandler)
    with opener.open(request, timeout=HTTP_SECONDS) as answer:
        assert answer.status == 200


@pytest.fixture
def graphs(arcadedb_server: Server, arcadedb_url: str) -> Iterator[list[str]]:
    """Two databases of one ArcadeDB."""
    tell_arcadedb(arcadedb_server, "create database jazz")
    yield [arcadedb_url, f"{arcadedb_url.rpartition('/')[0]}/jazz"]
    tell_arcadedb(arcadedb_server, "drop database jazz")


@pytest.fixture(params=["rabbitmq", "streams"])
async def places(
    request: pytest.FixtureRequest,
    postgres_url: str,
    graphs: list[str],
    valkey_url: str,
    tmp_path: Path,
) -> list[Place]:
    """Two pipelines: all that they have of their own is their names, databases and folders."""
    streams = request.param == "streams"
    broker = valkey_url if streams else request.getfixturevalue("rabbitmq_url")
    await execute(postgres_url, f"CREATE DATABASE {postgres_url.rpartition('/')[2]}_jazz")
    places = []
    for number, (name, graph) in enumerate(zip(NAMES, graphs, strict=True)):
        folder = tmp_path / name
        settings = {
            "WAXLINE_NAMESPACE": name,
            "WAXLINE_POSTGRES_URL": postgres_url + (f"_{name}" if number else ""),
            "WAXLINE_GRAPH_URL": graph,
            "WAXLINE_STORE_URL": valkey_url,
            "WAXLINE_BROKER_URL": broker,
            "WAXLINE_DATA_FOLDER": str(folder / "data"),
            "WAXLINE_PARSE_PROCESSES": "1",
        }
        dumps = month(Plan(releases=40 + 20 * number, seed=61 + number), 1, folder)
        places.append(Place(settings, dumps, folder))
    return places


def settings_of(place: Place) -> Settings:
    named = {name.removeprefix("WAXLINE_").lower(): value for name, value in place.settings.items()}
    return load_settings(**named)


async def differences(place: Place) -> str:
    truth = after(*map(Load, place.dumps))
    postgres = await compare_postgres(place.settings["WAXLINE_POSTGRES_URL"], truth)
    graph = await compare_graph(place.settings["WAXLINE_GRAPH_URL"], truth)
    return explain([*postgres, *graph])


async def waxline(place: Place, *words: str, code: int = 0) -> str:
    """Run a command of a pipeline; return what it said."""
    finished = await place.run("waxline", *words)
    assert finished.code == code, finished.said
    return finished.said


async def open_both(place: Place, stack: AsyncExitStack) -> tuple[Broker, Store]:
    """Return a pipeline's broker, with its queues, and its store."""
    settings = settings_of(place)
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    store = open_store(settings.server("store"))
    stack.push_async_callback(broker.close)
    stack.push_async_callback(store.close)
    await broker.declare(SINKS)
    return broker, store


async def assert_told_apart(place: Place, broker: Broker, store: Store) -> None:
    """Check that a pipeline's store and queues know of its own dumps and messages only."""
    poisoned = place.settings["WAXLINE_NAMESPACE"] == POISONED
    readings = {Path(reading["file"]) for reading in await store.progress()}
    assert readings == {dump.resolve() for dump in place.dumps}
    for sink, entity in product(SINKS, LOAD_ORDER):
        assert await broker.depth(sink, entity) == 0
    assert [await broker.dead_letters(sink) for sink in SINKS] == [poisoned] * len(SINKS)


async def assert_at_rest(place: Place) -> None:
    """Check that a pipeline's commands tell of its own dumps, and find them loaded."""
    releases = len(after(*map(Load, place.dumps)).records[Entity.RELEASE])
    again = await waxline(place, "run", *map(str, place.dumps))
    assert "nothing had changed" in again
    assert re.search(rf"^releases +{releases} +{releases} +0 ", again, re.MULTILINE)
    audited = await waxline(place, "audit")
    assert re.search(rf"^releases +postgres +20260101 +{releases} ", audited, re.MULTILINE)


@pytest.mark.long
async def test_two_pipelines_share_everything_but_their_databases(
    places: list[Place], valkey_url: str
) -> None:
    one, other = places
    async with AsyncExitStack() as stack:
        both = [await open_both(place, stack) for place in places]
        await both[1][0].publish(UNREADABLE)
        runs = [waxline(place, "run", *map(str, place.dumps)) for place in places]
        for said in await asyncio.gather(*runs):
            assert "Every sink equals the dumps" in said
        for place, (broker, store) in zip(places, both, strict=True):
            assert await differences(place) == ""
            await assert_told_apart(place, broker, store)
        assert await differences(Place(one.settings, other.dumps, one.folder)) != ""

        assert "Nothing is left out" in await waxline(one, "quarantine", "list")
        await waxline(one, "quarantine", "replay", "--all")
        assert await both[1][0].dead_letters("postgres") == 1
        listed = await waxline(other, "quarantine", "list", "--all")
        assert listed.count("dead letter") == len(SINKS)
        await asyncio.gather(*map(assert_at_rest, places))
    with redis.Redis.from_url(valkey_url, socket_timeout=HTTP_SECONDS) as client:
        spaces = {key.partition(b":")[0].decode() for key in client.scan_iter()}
    assert spaces == set(NAMES)
