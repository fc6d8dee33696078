"""What every embedded server has in common: start it, wait until it answers, stop it."""

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

import tenacity

from common.errors import ServerError
from waxline.servers.process import ChildProcess
from waxline.servers.state import HOST, Endpoint, State, is_free

POLL_SECONDS = 0.1
START_ATTEMPTS = 3


class PortTakenError(ServerError):
    """Somebody took the port between our choosing it and the server's listening on it."""


class NotYetError(ServerError):
    """The server runs and does not answer yet."""


class Server(ABC):
    """One server with its data, log and pid file in a private folder.

    A kind of server says how it is prepared, started and asked; the rest is here.
    """

    title: str
    start_seconds: float = 60.0
    stop_seconds: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder / name
        self.process = ChildProcess(name, folder)
        self._state = State(self.folder / "endpoint.json")

    @abstractmethod
    def prepare(self, endpoint: Endpoint) -> None:
        """Make the data folder and whatever configuration the command needs."""

    @abstractmethod
    def command(self, endpoint: Endpoint) -> Sequence[str]:
        """Return the command line: a program's path and its arguments, no secret among them."""

    @abstractmethod
    def ask(self, endpoint: Endpoint) -> None:
        """Ask the server something that needs all of it; raise `NotYetError` without an answer."""

    @abstractmethod
    def url_of(self, endpoint: Endpoint) -> str:
        """Return the URL, with credentials, that our programs use."""

    def environment(self) -> Mapping[str, str]:
        """Return the environment of the server: a locale, and nothing of ours."""
        return {"LC_ALL": "C.UTF-8", "PATH": os.defpath, "HOME": str(self.folder)}

    def url(self) -> str | None:
        """Return the URL when the server runs and answers, else None."""
        endpoint = self._state.known()
        if endpoint is None or self.process.alive() is None:
            return None
        try:
            self.ask(endpoint)
        except NotYetError:
            return None
        return self.url_of(endpoint)

    def place(self) -> str:
        """Return host and port as chosen last, empty before the first start."""
        endpoint = self._state.known()
        return f"{HOST}:{endpoint.port}" if endpoint else ""

    def start(self) -> str:
        """Start the server unless it runs already; return its URL once it answers.

        Raises `ServerError` with the end of the server's log.
        """
        declared = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(PortTakenError),
            stop=tenacity.stop_after_attempt(START_ATTEMPTS),
            reraise=True,
        )
        url: str = declared(self._start_once)
        return url

    def stop(self) -> None:
        """Stop the server in order; kill it when it does not end in ``stop_seconds``."""
        self.process.stop(self.stop_signal, self.stop_seconds)

    def _start_once(self) -> str:
        endpoint = self._state.known()
        if endpoint is None or self.process.alive() is None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            endpoint = self._state.choose()
            self._launch(endpoint)
        if not self.process.has_answered():
            self._wait(endpoint)
            self.process.note_answer()
        return self.url_of(endpoint)

    def _launch(self, endpoint: Endpoint) -> None:
        self.prepare(endpoint)
        command = self.command(endpoint)
        try:
            self.process.start(command, self.environment(), workplace=self.folder)
        except OSError as error:
            raise ServerError(f"{self.title} cannot be started: {error}") from error

    def _wait(self, endpoint: Endpoint) -> None:
        declared = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(NotYetError),
            wait=tenacity.wait_fixed(POLL_SECONDS),
            stop=tenacity.stop_after_delay(self.start_seconds),
            reraise=True,
        )
        try:
            declared(self._ask_while_alive, endpoint)
        except NotYetError as error:
            self.stop()
            raise self._failure(
                f"did not answer in {self.start_seconds:.0f} s ({error})"
            ) from error

    def _ask_while_alive(self, endpoint: Endpoint) -> None:
        if self.process.alive() is None:
            if not is_free(endpoint.port):
                raise PortTakenError(f"{self.title}: port {endpoint.port} is in use")
            raise self._failure("ended while it started")
        self.ask(endpoint)

    def _failure(self, what: str) -> ServerError:
        tail = self.process.log_tail()
        return ServerError(f"{self.title} {what}; the end of {self.process.log}:\n{tail}")
