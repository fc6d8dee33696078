"""The servers that `waxline run` starts by itself, as a user without any server meets them."""

import json
import re
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis.asyncio
from neo4j.exceptions import AuthError

from common.errors import ServerError
from config.servers import with_password
from tests.servers import graph_driver
from waxline.servers.embedded import EmbeddedServers, Urls
from waxline.servers.process import ChildProcess
from waxline.servers.state import HOST

DEADLINE = 60.0
YEAR = 366 * 86_400
A_TIME = re.compile(r"(?<![\w.-])\d{10}(?:\.\d+)?(?![\w.-])")
ZOMBIE = psutil.STATUS_ZOMBIE
ALL = ("postgres", "graph", "store", "broker")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[EmbeddedServers]:
    """All embedded servers of a folder of their own, not yet started."""
    embedded = EmbeddedServers(tmp_path / "servers")
    yield embedded
    embedded.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServers]:
    """All embedded servers, started once for those who only look."""
    embedded = EmbeddedServers(tmp_path_factory.mktemp("running") / "servers")
    embedded.start()
    yield embedded
    embedded.stop()


def processes(embedded: EmbeddedServers) -> dict[str, psutil.Process | None]:
    """Return what the pid files of the folder lead to."""
    return {name: ChildProcess(name, embedded.folder).alive() for name in ALL}


async def write_everywhere(urls: Urls) -> None:
    connection = await asyncpg.connect(urls.postgres, timeout=DEADLINE)
    try:
        await connection.execute("CREATE TABLE artist AS SELECT 1 AS id")
    finally:
        await connection.close(timeout=DEADLINE)
    with graph_driver(urls.graph) as driver:
        driver.execute_query("CREATE (:Artist {id: 1})", database_="waxline")
    for url in (urls.store, urls.broker):
        async with redis.asyncio.Redis.from_url(url, socket_timeout=DEADLINE) as client:
            await client.set("artist", 1)


async def read_everywhere(urls: Urls) -> list[int]:
    connection = await asyncpg.connect(urls.postgres, timeout=DEADLINE)
    try:
        found = [await connection.fetchval("SELECT id FROM artist", timeout=DEADLINE)]
    finally:
        await connection.close(timeout=DEADLINE)
    with graph_driver(urls.graph) as driver:
        rows, _, _ = driver.execute_query("MATCH (x:Artist) RETURN x.id", database_="waxline")
        found.append(rows[0][0])
    for url in (urls.store, urls.broker):
        async with redis.asyncio.Redis.from_url(url, socket_timeout=DEADLINE) as client:
            found.append(int(await client.get("artist") or 0))
    return found


@pytest.mark.long
async def test_data_outlives_a_stop_and_nothing_is_left_running(servers: EmbeddedServers) -> None:
    assert servers.running() is None
    urls = servers.start()
    await write_everywhere(urls)
    before = [process for process in processes(servers).values() if process]
    family = [child for process in before for child in process.children(recursive=True)]
    servers.stop()
    assert not any(process.is_running() for process in [*before, *family])
    assert servers.running() is None
    again = servers.start()
    assert again == urls, "ports and passwords are kept"
    assert await read_everywhere(again) == [1, 1, 1, 1]


def test_servers_listen_on_the_loopback_only(running: EmbeddedServers) -> None:
    listening = {
        connection.laddr.ip.removeprefix("::ffff:")
        for process in processes(running).values()
        if process
        for connection in process.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {HOST}


def test_no_password_is_an_argument_and_the_folder_is_private(running: EmbeddedServers) -> None:
    urls = running.start()
    kept = {
        name: json.loads((running.folder / name / "endpoint.json").read_text())["password"]
        for name in ALL
    }
    arguments = [" ".join(process.cmdline()) for process in processes(running).values() if process]
    logs = [path.read_text() for path in running.folder.glob("*.log")]
    assert len(arguments) == len(logs) == len(ALL)
    for password in kept.values():
        assert not any(password in text for text in [*arguments, *logs, repr(urls)])
    assert stat.S_IMODE(running.folder.stat().st_mode) == 0o700
    modes = {path.stat().st_mode & 0o077 for path in running.folder.glob("*/endpoint.json")}
    assert modes == {0}


async def test_a_wrong_password_is_refused(running: EmbeddedServers) -> None:
    urls = running.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(with_password(urls.postgres, "another"), timeout=DEADLINE)
    with graph_driver(with_password(urls.graph, "another")) as driver, pytest.raises(AuthError):
        driver.verify_connectivity()
    url = with_password(urls.store, "another")
    async with redis.asyncio.Redis.from_url(url, socket_timeout=DEADLINE) as client:
        with pytest.raises(redis.AuthenticationError):
            await client.ping()


def test_a_second_start_finds_the_running_servers(store: EmbeddedServers) -> None:
    urls = store.start()
    process = processes(store)["store"]
    other = EmbeddedServers(store.folder, only=["store"])
    assert other.running() == urls
    assert other.start() == urls
    assert processes(other)["store"] == process


def test_a_server_that_has_answered_is_not_asked_again(store: EmbeddedServers) -> None:
    urls = store.start()
    process = processes(store)["store"]
    assert process is not None
    process.suspend()
    try:
        assert store.running() is None  # who asks gets no answer
        assert store.start() == urls
    finally:
        process.resume()
    process.kill()
    process.wait(DEADLINE)
    assert not ChildProcess("store", store.folder).has_answered()
    store.start()
    assert ChildProcess("store", store.folder).has_answered()


def test_a_killed_server_is_started_again(store: EmbeddedServers) -> None:
    urls = store.start()
    process = processes(store)["store"]
    assert process is not None
    process.kill()
    process.wait(DEADLINE)
    assert store.running() is None
    assert store.start() == urls


def test_a_frozen_server_is_killed_at_the_deadline(tmp_path: Path) -> None:
    child = ChildProcess("sleeper", tmp_path)
    child.start(["/bin/sleep", "600"], {}, workplace=tmp_path)
    process = child.alive()
    assert process is not None
    process.suspend()
    child.stop(signal.SIGTERM, deadline=0.1)
    assert not process.is_running()


def test_a_process_works_in_its_folder(tmp_path: Path) -> None:
    child = ChildProcess("teller", tmp_path)
    child.start(["/bin/pwd"], {}, workplace=tmp_path)
    process = child.alive()
    if process is not None:
        process.wait(DEADLINE)
    assert child.log_tail() == str(tmp_path)


def test_a_clock_that_is_set_hides_no_server(store: EmbeddedServers) -> None:
    """Plays the step in what is kept: every time of day in it is an hour off then."""
    urls = store.start()
    process = processes(store)["store"]
    pid_file = store.folder / "store.pid"
    pid_file.write_text(A_TIME.sub(_an_hour_off, pid_file.read_text()))
    assert store.start() == urls
    assert processes(store)["store"] == process
    store.stop()
    assert process is not None
    assert not process.is_running()


def _an_hour_off(found: re.Match[str]) -> str:
    """Return a time of day, be it a number or within a text, as it is after the step."""
    value = float(found[0])
    return str(value - 3600) if abs(value - time.time()) < YEAR else found[0]


@pytest.mark.parametrize("off", [0, 3600])
def test_a_pid_file_of_an_earlier_version_is_understood(store: EmbeddedServers, off: int) -> None:
    urls = store.start()
    process = processes(store)["store"]
    assert process is not None
    old = {"pid": process.pid, "started": process.create_time() - off}
    (store.folder / "store.pid").write_text(json.dumps(old))
    assert store.running() == urls
    store.stop()
    assert not process.is_running()


@pytest.mark.long  # it is waited for the other server's end
def test_no_second_server_is_started_on_a_folder_in_use(store: EmbeddedServers) -> None:
    store.start()
    process = processes(store)["store"]
    assert process is not None
    pid_file = store.folder / "store.pid"
    known = pid_file.read_text()
    pid_file.write_text("{")
    for act in (store.start, store.stop):
        with pytest.raises(ServerError, match=r"a server that .*store\.pid does not tell of"):
            act()
    assert process.is_running()
    pid_file.write_text(known)


def test_a_pid_file_of_a_reused_pid_is_not_believed(tmp_path: Path) -> None:
    own = psutil.Process()
    stale = {"pid": own.pid, "started": own.create_time() - 3600}
    (tmp_path / "server.pid").write_text(json.dumps(stale))
    child = ChildProcess("server", tmp_path)
    assert child.alive() is None
    child.stop(signal.SIGKILL, DEADLINE)
    assert own.is_running()


def test_a_garbled_pid_file_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "server.pid").write_text("{")
    assert ChildProcess("server", tmp_path).alive() is None


def test_a_port_in_use_is_replaced(store: EmbeddedServers) -> None:
    first = store.start()
    store.stop()
    port = int(first.store.rpartition(":")[2].partition("/")[0])
    with socket.create_server((HOST, port)):
        second = store.start()
    assert str(port) not in second.store


def test_a_server_that_cannot_start_says_why(store: EmbeddedServers) -> None:
    store.start()
    store.stop()
    files = store.folder / "store" / "appendonlydir"
    (files / "appendonly.aof.manifest").write_text("not a manifest\n")
    with pytest.raises(ServerError, match=r"Valkey ended while it started(.|\n)*manifest"):
        store.start()
    assert processes(store)["store"] is None
