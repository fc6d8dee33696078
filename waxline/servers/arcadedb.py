"""ArcadeDB from the wheel ``arcadedb-embedded``: its jars on its JRE, spoken to over Bolt."""

from importlib import import_module
from pathlib import Path

from common.machine import memory_share
from waxline.servers.server import Server
from waxline.servers.state import HOST, Endpoint, free_port, write_private
from waxline.servers.wheels import wheel_folder

_MOST_HEAP = 1 << 30
_SHARE = 4  # of the memory there is, which the other servers and our programs need too

USER = "root"
DATABASE = "waxline"
ASK_SECONDS = 5.0

_HERE = "/proc/self/cwd"
"""The server's folder, which it is started in: Java opens no path that is not UTF-8."""


class ArcadeDB(Server):
    """ArcadeDB with its Bolt plugin; its HTTP port cannot be closed and listens locally too."""

    title = "ArcadeDB"

    def __init__(self, name: str, folder: Path, heap: str = "") -> None:
        super().__init__(name, folder)
        self._heap = heap or f"{memory_share(_SHARE, _MOST_HEAP) >> 20}m"

    def prepare(self, endpoint: Endpoint) -> None:
        """Write the password file, which the first start reads; an argument would show it."""
        write_private(self.password_file, endpoint.password)

    def command(self, endpoint: Endpoint) -> list[str]:
        """Return ``java`` with the server's settings as system properties."""
        wheel = wheel_folder("arcadedb_embedded", self.title)
        properties = self._properties(endpoint)
        return [
            str(wheel / "jre" / "bin" / "java"),
            f"-Xmx{self._heap}",
            *_JAVA_OPTIONS,
            *(f"-Darcadedb.{key}={value}" for key, value in properties.items()),
            "-cp",
            str(wheel / "jars" / "*"),
            "com.arcadedb.server.ArcadeDBServer",
        ]

    def ask(self, endpoint: Endpoint) -> None:
        """Ask our database: Bolt listens before it is open.

        The driver takes longer to import than all else that a command needs.
        """
        bolt = import_module("waxline.servers.bolt")
        address = f"bolt://{HOST}:{endpoint.port}"
        bolt.ask(address, (USER, endpoint.password), DATABASE, ASK_SECONDS)

    def url_of(self, endpoint: Endpoint) -> str:
        """Return a Bolt URL with the database as its path."""
        return f"bolt://{USER}:{endpoint.password}@{HOST}:{endpoint.port}/{DATABASE}"

    @property
    def password_file(self) -> Path:
        """Where the password of `USER` stands, for its owner alone."""
        return self.folder / "password"

    def _properties(self, endpoint: Endpoint) -> dict[str, str | int]:
        return {
            "server.rootPath": _HERE,
            "server.logsDirectory": f"{_HERE}/log",
            "server.rootPasswordPath": f"{_HERE}/{self.password_file.name}",
            "server.defaultDatabases": f"{DATABASE}[{USER}]",
            "server.mode": "production",
            "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt.host": HOST,
            "bolt.port": endpoint.port,
            "server.httpIncomingHost": HOST,
            "server.httpIncomingPort": free_port(),
            "polyglotEngineEnabled": "false",
            # A commit is on the disk when it is acknowledged; it costs one flush per batch.
            "txWalFlush": 1,
        }


_JAVA_OPTIONS = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    # Out of memory it would answer some calls and not others; dead, it is started again.
    "-XX:+ExitOnOutOfMemoryError",
)
