"""What `make lint` says of the dependencies: of their lock, and of their vulnerabilities."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution
from os import PathLike
from pathlib import Path

import pytest

from tests.audit import audit, judged
from tests.lock import LOCK, BadLockError, entries, problems

HASH = f"--hash=sha256:{'0' * 64}"
PROJECT = """
[project]
dependencies = ["Left.Pad>=2"]
[project.optional-dependencies]
dev = ["right-pad"]
"""
GOOD = f"left-pad==2.1 \\\n    {HASH}\nright-pad==1 ; python_version > '3' \\\n    {HASH} {HASH}\n"


class Installed(Distribution):
    """A distribution that is nowhere on the disk."""

    def __init__(self, name: str, version: str, *requires: str) -> None:
        self._about = Message()
        for key, value in (("Name", name), ("Version", version)):
            self._about[key] = value
        for requirement in requires:
            self._about["Requires-Dist"] = requirement

    def read_text(self, filename: str) -> str | None:
        """Return the one file that it has."""
        return str(self._about) if filename == "METADATA" else None

    def locate_file(self, path: str | PathLike[str]) -> Path:
        """Return a path of no file."""
        return Path(path)


LEFT, RIGHT = Installed("Left-Pad", "2.1"), Installed("right_pad", "1", "tox ; extra == 'x'")


def test_a_lock_that_is_good() -> None:
    assert problems(PROJECT, GOOD, [LEFT, RIGHT]) == []


@pytest.mark.parametrize(
    ("lock", "installed", "words"),
    [
        (GOOD.partition("right")[0], [LEFT], "asks for right-pad: it is not locked"),
        (GOOD.replace("==2.1", "==1.9"), [RIGHT], "asks for Left.Pad>=2: locked is 1.9"),
        (f"left-pad==2.1\nright-pad==1 {HASH}", [LEFT, RIGHT], "left-pad 2.1 has no hash"),
        (GOOD, [LEFT], "right-pad 1 is locked and not installed"),
        (GOOD, [LEFT, Installed("right-pad", "2")], "right-pad 1 is locked, installed is 2"),
        (GOOD, [LEFT, Installed("right-pad", "1", "tox<4")], "right-pad asks for tox<4: it is not"),
    ],
)
def test_a_lock_that_is_not(lock: str, installed: list[Installed], words: str) -> None:
    assert any(words in sentence for sentence in problems(PROJECT, lock, installed))


def test_what_is_for_another_platform_need_not_be_installed() -> None:
    lock = f"{GOOD}win==1 ; sys_platform == 'never' {HASH}\n"
    assert problems(PROJECT, lock, [LEFT, RIGHT]) == []


@pytest.mark.parametrize(
    "line",
    ["--index-url https://mirror.example/simple", "left-pad @ file:///left.whl", "left-pad>=2"],
)
def test_a_lock_names_versions_and_no_place(line: str) -> None:
    with pytest.raises(BadLockError):
        entries(f"{GOOD}{line}\n")


def test_our_lock_is_for_all_platforms() -> None:
    markers = {one.name: one.marker for one in entries(LOCK.read_text("utf-8"))}
    assert markers["colorama"] == "sys_platform == 'win32'"


# Vulnerabilities


@contextmanager
def service(answer: Callable[[str], object]) -> Iterator[str]:
    """Have a service that answers as OSV does, by the name of a distribution; give its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(answer(asked["package"]["name"])).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


HOLE = {
    "id": "PYSEC-0000-1",
    "summary": "a hole",
    "details": "",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "left-pad", "ecosystem": "PyPI"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.2"}]},
            ],
        }
    ],
}


def test_a_known_vulnerability_is_a_failure(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text(GOOD)
    with service(lambda name: {"vulns": [HOLE]} if name == "left-pad" else {}) as url:
        code, said = audit(lock, "--vulnerability-service", "osv", "--osv-url", url)
    assert code == 1
    assert "left-pad 2.1: PYSEC-0000-1, mended in 2.2" in said
    # The service is gone now: that is told, and is no failure.
    code, said = audit(lock, "--vulnerability-service", "osv", "--osv-url", url)
    assert (code, "was not reached" in said) == (0, True)


def test_a_wrong_use_of_pip_audit_is_a_failure(tmp_path: Path) -> None:
    assert audit(tmp_path / "lock", "--no-such-option")[0] == 1


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0, "0 known vulnerabilities in 1"),
        ([{"name": "a", "skip_reason": "not found"}], 0, "only the lock was checked"),
        (
            [{"name": "a", "skip_reason": ""}, {"name": "b", "version": "1", "vulns": []}],
            0,
            "not audited: a",
        ),
    ],
)
def test_what_the_service_does_not_know_is_told(
    found: list[dict[str, object]], code: int, words: str
) -> None:
    result, said = judged(found)
    assert result == code
    assert words in said
