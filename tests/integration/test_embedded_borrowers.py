"""Who keeps the embedded servers up, and when they end with whoever borrowed them."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.integration.test_embedded_servers import DEADLINE, ZOMBIE, processes
from waxline.servers.embedded import EmbeddedServers


def test_borrowed_servers_are_stopped_by_the_last_borrower(store: EmbeddedServers) -> None:
    other = EmbeddedServers(store.folder, only=["store"])
    told: list[str] = []
    with store.borrowed(told.append) as urls:
        with other.borrowed(told.append) as again:
            assert again == urls
        assert store.running() == urls
        assert len(told) == 1
        assert "another command uses them, and stops them at its end" in told[0]
    assert store.running() is None
    assert len(told) == 1


def test_servers_that_were_started_to_stay_outlive_a_borrower(store: EmbeddedServers) -> None:
    urls = store.start()
    with store.borrowed():
        pass
    assert store.running() == urls


def test_servers_outlive_the_process_that_started_them(store: EmbeddedServers) -> None:
    start = (
        "import pathlib, sys; from waxline.servers.embedded import EmbeddedServers;"
        "EmbeddedServers(pathlib.Path(sys.argv[1]), only=['store']).start()"
    )
    subprocess.run([sys.executable, "-c", start, store.folder], check=True, timeout=DEADLINE)
    assert store.running() is not None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP])
def test_borrowed_servers_end_with_a_borrower_that_is_killed(
    store: EmbeddedServers, how: signal.Signals
) -> None:
    with _borrower(store.folder) as borrower:
        server = processes(store)["store"]
        borrower.send_signal(how)
    assert server is not None
    server.wait(DEADLINE)


def test_servers_stay_up_for_those_who_outlive_a_killed_borrower(store: EmbeddedServers) -> None:
    with store.borrowed() as urls:
        with _borrower(store.folder) as borrower:
            (guardian,) = psutil.Process(borrower.pid).children()
            borrower.kill()
        psutil.wait_procs([guardian], DEADLINE)
        assert not guardian.is_running()
        assert store.running() == urls
    assert store.running() is None


def test_a_killed_guardian_keeps_no_server_up(store: EmbeddedServers) -> None:
    with store.borrowed():
        living = [one for one in psutil.Process().children() if one.status() != ZOMBIE]
        found = [child for child in living if "guardian" in child.cmdline()]
        for guardian in found:
            guardian.kill()
    assert len(found) == 1
    assert store.running() is None


@contextmanager
def _borrower(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Have a process that has borrowed the store, and wait for its end."""
    borrow = (
        "import pathlib, sys; from waxline.servers.embedded import EmbeddedServers\n"
        "with EmbeddedServers(pathlib.Path(sys.argv[1]), only=['store']).borrowed():\n"
        "    print('up', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", borrow, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
        process.wait(DEADLINE)


def test_the_last_borrower_stops_what_others_had_too(store: EmbeddedServers) -> None:
    with store.borrowed():
        with EmbeddedServers(store.folder, only=["store", "broker"]).borrowed() as urls:
            assert urls.broker
        assert processes(store)["broker"] is not None
    assert not any(processes(store).values())
