"""PgBouncer, from the distribution, in front of a PostgreSQL of the tests."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.commands import found
from waxline.servers.postgres import unprivileged
from waxline.servers.server import NotYetError, Server
from waxline.servers.state import HOST, Endpoint, write_private

ASK_SECONDS = 5.0


class PgBouncer(Server):
    """A pooler for one server, in one of its modes: session, transaction, statement."""

    title = "PgBouncer"

    def __init__(self, mode: str, folder: Path, behind: str) -> None:
        super().__init__(f"pgbouncer-{mode}", folder)
        self._mode = mode
        self._behind = urlsplit(behind)

    def prepare(self, endpoint: Endpoint) -> None:
        """Write its configuration, and the password that is the same on both sides."""
        users = self.folder / "users.txt"
        write_private(users, f'"{self._behind.username}" "{self._behind.password}"\n')
        lines = (
            "[databases]",
            f"* = host={self._behind.hostname} port={self._behind.port}",
            "[pgbouncer]",
            f"listen_addr = {HOST}",
            f"listen_port = {endpoint.port}",
            "unix_socket_dir =",
            "auth_type = scram-sha-256",
            f"auth_file = {users}",
            f"pool_mode = {self._mode}",
        )
        write_private(self.folder / "pgbouncer.ini", "\n".join(lines) + "\n")

    def command(self, endpoint: Endpoint) -> list[str]:
        """Return ``pgbouncer``, which does not run as root."""
        del endpoint
        return [*unprivileged(), found("pgbouncer"), str(self.folder / "pgbouncer.ini")]

    def ask(self, endpoint: Endpoint) -> None:
        """Connect: it listens when it is ready."""
        try:
            socket.create_connection((HOST, endpoint.port), timeout=ASK_SECONDS).close()
        except OSError as error:
            raise NotYetError(str(error)) from error

    def url_of(self, endpoint: Endpoint) -> str:
        """Return the URL of the server behind it, by way of the pooler."""
        user, password = self._behind.username, self._behind.password
        return f"postgresql://{user}:{password}@{HOST}:{endpoint.port}{self._behind.path}"
