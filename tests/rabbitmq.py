"""RabbitMQ as a private process."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import ServerError
from tests.commands import COMMAND_SECONDS, found, run_command
from tests.servers import ASK_SECONDS, CONFIGURATIONS
from waxline.servers.process import ChildProcess
from waxline.servers.server import NotYetError, Server
from waxline.servers.state import HOST, Endpoint, free_port, write_private
from waxline.servers.wheels import NotInstalledError

_OK = re.compile(r"\{ok, (.*)\}", re.DOTALL)


class RabbitMQ(Server):
    """Debian's RabbitMQ as a private node with an epmd of its own."""

    title = "RabbitMQ"
    user = "waxline"

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name, folder)
        self._distribution_port = free_port()
        self._epmd_port = free_port()
        self._epmd = ChildProcess("epmd", folder)

    @property
    def node(self) -> str:
        """The Erlang node's name."""
        return f"waxline{self._distribution_port}@localhost"

    def prepare(self, endpoint: Endpoint) -> None:
        """Write what the shared configuration leaves open, and start epmd.

        An epmd that the node starts by itself would outlive it.
        """
        own = self.folder / "conf.d"
        own.mkdir(exist_ok=True)
        lines = (
            f"listeners.tcp.local = {HOST}:{endpoint.port}",
            f"default_user = {self.user}",
            f"default_pass = {endpoint.password}",
        )
        write_private(own / "20-test.conf", "\n".join(lines) + "\n")
        (self.folder / "enabled_plugins").write_text("[].\n", encoding="utf-8")
        if self._epmd.alive() is None:
            command = [found("epmd"), "-port", str(self._epmd_port), "-address", HOST]
            self._epmd.start(command, super().environment(), workplace=self.folder)

    def command(self, endpoint: Endpoint) -> list[str]:
        """Return the server's own script: the one on the path changes the user."""
        del endpoint
        return [self._script("rabbitmq-server")]

    def environment(self) -> dict[str, str]:
        """Return the variables that keep the node in its folder and on 127.0.0.1."""
        return {
            **super().environment(),
            # Run as if by systemd, the script becomes the node: one process, its pid known.
            "RUNNING_UNDER_SYSTEMD": "1",
            "ERL_CRASH_DUMP": str(self.folder / "crash.dump"),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(CONFIGURATIONS / "rabbitmq" / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(self.folder / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "no-advanced.config"),
        }

    def ask(self, endpoint: Endpoint) -> None:
        """Begin the AMQP handshake: the node listens when all of it is up."""
        try:
            with socket.create_connection((HOST, endpoint.port), timeout=ASK_SECONDS) as link:
                link.sendall(b"AMQP\x00\x00\x09\x01")
                if not link.recv(1):
                    raise NotYetError("the connection was closed")
        except OSError as error:
            raise NotYetError(str(error)) from error

    def url_of(self, endpoint: Endpoint) -> str:
        """Return an AMQP URL without a virtual host: "/" is the default."""
        return f"amqp://{self.user}:{endpoint.password}@{HOST}:{endpoint.port}"

    def stop(self) -> None:
        """Stop the node, then its epmd."""
        super().stop()
        self._epmd.stop(self.stop_signal, COMMAND_SECONDS)

    def evaluate(self, expression: str) -> str:
        """Return what an Erlang expression gives in the node: the quick way to control it.

        Raises `ServerError` when it fails.
        """
        # rabbitmqctl would start an Erlang machine for it.
        command = [found("erl_call"), "-sname", self.node, "-e"]
        said = run_command(command, self.environment(), stdin=f"{expression}\n")
        result = _OK.fullmatch(said.strip())
        if not result:
            raise ServerError(f"{self.title} cannot evaluate {expression}: {said}")
        return result[1]

    @contextmanager
    def taking(self, most: int) -> Iterator[None]:
        """Have no larger message taken, in bytes, on channels that are opened from now on."""
        before = int(self.evaluate("element(2, application:get_env(rabbit, max_message_size))."))
        self._take(most)
        try:
            yield
        finally:
            self._take(before)

    def _take(self, most: int) -> None:
        self.evaluate(
            f"application:set_env(rabbit, max_message_size, {most}), "
            f"persistent_term:put(max_message_size, {most})."  # from 3.12 on
        )

    def _script(self, name: str) -> str:
        script = Path("/usr/lib/rabbitmq/bin") / name
        if not script.exists():
            raise NotInstalledError(f"there is no {script}: apt-get install rabbitmq-server")
        return str(script)
