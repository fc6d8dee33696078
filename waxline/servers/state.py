"""What a server's folder remembers: its port and its generated password."""

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
_PASSWORD_BYTES = 24


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens, on 127.0.0.1, and the password it asks for."""

    port: int
    password: str = field(repr=False)


@dataclass(frozen=True)
class State:
    """A server's endpoint in a file that only its owner can read."""

    path: Path

    def known(self) -> Endpoint | None:
        """Return what was chosen before."""
        if not self.path.exists():
            return None
        return Endpoint(**json.loads(self.path.read_text(encoding="utf-8")))

    def choose(self) -> Endpoint:
        """Return the endpoint with a port that is free now, and remember it.

        The password stays what it was once: the server's data is bound to it.
        """
        kept = self.known()
        if kept and is_free(kept.port):
            return kept
        password = kept.password if kept else secrets.token_hex(_PASSWORD_BYTES)
        chosen = Endpoint(free_port(), password)
        write_private(self.path, json.dumps(asdict(chosen)))
        return chosen


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "x", encoding="utf-8", opener=_open_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
