"""A PostgreSQL that can be replicated, and a standby of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from waxline.servers.postgres import Postgres
from waxline.servers.state import Endpoint


class Primary(Postgres):
    """PostgreSQL that feeds a standby."""

    title = "PostgreSQL, primary"

    def settings(self, endpoint: Endpoint) -> dict[str, str]:
        """Add what a standby needs."""
        return {**super().settings(endpoint), "wal_level": "replica", "max_wal_senders": "4"}


class Standby(Primary):
    """A streaming standby, which is read-only; it has the primary's users and databases."""

    title = "PostgreSQL, standby"

    def __init__(self, name: str, folder: Path, primary: str) -> None:
        super().__init__(name, folder)
        self._primary = urlsplit(primary)

    def prepare(self, endpoint: Endpoint) -> None:
        """Copy the primary."""
        del endpoint
        primary = self._primary
        options = ("--checkpoint=fast", "--no-sync", "--write-recovery-conf")
        place = ("-h", str(primary.hostname), "-p", str(primary.port), "-U", str(primary.username))
        self._run("pg_basebackup", "-D", str(self.folder / "data"), *place, *options)

    def environment(self) -> dict[str, str]:
        """Add the password, for pg_basebackup."""
        return {**super().environment(), "PGPASSWORD": str(self._primary.password)}


@contextmanager
def standby_of(primary: str, folder: Path) -> Iterator[str]:
    """Have a standby of the server of a URL; gives a URL of the standby."""
    server = Standby("standby", folder, primary)
    try:
        yield server.start()
    finally:
        server.stop()
