"""All embedded servers of one folder, started and stopped together."""

import fcntl
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import tenacity

from common.command_lines import python_command, python_environment
from common.errors import ServerError
from waxline.servers.arcadedb import ArcadeDB
from waxline.servers.folder import program_for, take_folder
from waxline.servers.guardian import guarded
from waxline.servers.postgres import Postgres
from waxline.servers.server import Server
from waxline.servers.valkey import Valkey

LOCK_SECONDS = 120.0
LOCK_POLL_SECONDS = 0.1

_KINDS: dict[str, Callable[[str, Path], Server]] = {
    "postgres": Postgres,
    "graph": ArcadeDB,
    "store": Valkey,
    # A server of its own: queues that fill up to its memory leave the fingerprints their room.
    "broker": Valkey,
}


@dataclass(frozen=True)
class Urls:
    """The servers' URLs with their credentials; empty for a server that was not asked for."""

    postgres: str = field(default="", repr=False)
    graph: str = field(default="", repr=False)
    store: str = field(default="", repr=False)
    broker: str = field(default="", repr=False)


class EmbeddedServers:
    """PostgreSQL, ArcadeDB and two Valkeys under one private folder.

    They run detached, on 127.0.0.1, and are found again through the folder by any process.
    ``only`` names the servers to use, by the fields of `Urls`; all of them when it is None.
    """

    def __init__(self, folder: Path, *, only: Collection[str] | None = None) -> None:
        self.folder = folder.absolute()
        self._all = [kind(name, self.folder) for name, kind in _KINDS.items()]
        self._servers = [server for server in self._all if only is None or server.name in only]

    def start(self) -> Urls:
        """Start what does not run yet; return the URLs once all answer.

        The servers stay up until `stop`.  Raises `ServerError`, then nothing started here is left.
        """
        with self._changing():
            urls = self._start_all()
            self._keep_mark.touch()
            return urls

    def stop(self) -> None:
        """Stop every server of the folder, those that this object does not use too.

        A server that does not end by its deadline is killed.
        """
        if not self.folder.exists():
            return
        with self._changing():
            self._stop_all()

    def running(self) -> Urls | None:
        """Return the URLs when all of them run and answer, else None."""
        urls = {server.name: server.url() for server in self._servers}
        found = {name: url for name, url in urls.items() if url is not None}
        return Urls(**found) if len(found) == len(urls) else None

    @property
    def kept(self) -> bool:
        """Whether they were started to stay."""
        return self._keep_mark.exists()

    def asleep(self) -> list[str]:
        """Return the names of those whose process does not run."""
        return [server.name for server in self._servers if server.process.alive() is None]

    def states(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield name, kind, place and state of each, in words."""
        for server in self._servers:
            if server.process.alive() is None:
                yield server.name, server.title, "", "stopped"
            else:
                state = "running" if server.url() else "does not answer"
                yield server.name, server.title, server.place(), state

    @contextmanager
    def borrowed(self, tell: Callable[[str], None] = lambda _: None) -> Iterator[Urls]:
        """Have the servers for the length of a ``with``.

        Those that `start` started are left up; otherwise the last one who borrows stops them, or
        its guardian does when it ends without a chance to.  ``tell`` hears why they stay up.
        """
        take_folder(self.folder)
        with self._guarded(), self._users() as users:
            with self._changing():
                urls = self._start_all()
                fcntl.flock(users, fcntl.LOCK_SH)
            try:
                yield urls
            finally:
                if why := self._stop_unless_used(users):
                    tell(f"The servers in {self.folder} stay up: {why}.")

    def stop_unless_used(self) -> None:
        """Stop every server, unless somebody borrows some or `start` started them."""
        with self._users() as users:
            self._stop_unless_used(users)

    def _guarded(self) -> AbstractContextManager[None]:
        command = python_command("waxline.servers", str(self.folder))
        return guarded(command, python_environment({}), self.folder / "guardian.log")

    def _users(self) -> IO[str]:
        """Open the file that everybody who borrows holds locked, shared with the others."""
        return (self.folder / "users.lock").open("w")

    def _stop_unless_used(self, users: IO[str]) -> str:
        """Stop every server, or return why not."""
        with self._changing():
            if self._keep_mark.exists():
                return f"`{program_for(self.folder)} servers stop` stops them"
            if not _alone(users):
                return "another command uses them, and stops them at its end"
            self._stop_all()
            return ""

    @property
    def _keep_mark(self) -> Path:
        return self.folder / "keep"

    def _start_all(self) -> Urls:
        ours = [server for server in self._servers if server.process.alive() is None]
        with ExitStack() as undone:
            pool = ThreadPoolExecutor(max_workers=max(1, len(self._servers)))
            # Interrupted, we stop what runs, so that nobody waits for it, and what still came up.
            _stop_later(ours, undone)
            undone.callback(pool.shutdown)
            _stop_later(ours, undone)
            started = {server.name: pool.submit(server.start) for server in self._servers}
            urls = Urls(**{name: future.result() for name, future in started.items()})
            undone.pop_all()
            pool.shutdown()
            return urls

    def _stop_all(self) -> None:
        with ThreadPoolExecutor(max_workers=len(self._all)) as pool:
            list(pool.map(lambda server: server.stop(), self._all))
        self._keep_mark.unlink(missing_ok=True)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the folder's lock: one process at a time starts or stops its servers."""
        take_folder(self.folder)
        with (self.folder / "lock").open("w") as lock:
            try:
                _lock(lock)
            except BlockingIOError as error:
                raise ServerError(
                    f"another process is starting or stopping the servers in {self.folder}"
                ) from error
            yield


def password_file(folder: Path) -> Path:
    """Return the file with the password of the embedded graph's user."""
    return ArcadeDB("graph", folder).password_file


def psql_program() -> str:
    """Return the path of the psql that belongs to the embedded PostgreSQL."""
    return Postgres("postgres", Path()).program("psql")


def _stop_later(servers: Iterable[Server], stack: ExitStack) -> None:
    for server in servers:
        stack.callback(server.stop)


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(BlockingIOError),
    wait=tenacity.wait_fixed(LOCK_POLL_SECONDS),
    stop=tenacity.stop_after_delay(LOCK_SECONDS),
    reraise=True,
)
def _lock(file: IO[str]) -> None:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _alone(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
