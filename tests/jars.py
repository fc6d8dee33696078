"""Neo4j's jars, and how its own launcher would start them: ``python -m tests.jars`` has them."""

import fcntl
import os
import tempfile
from pathlib import Path

from lxml import etree

from common.errors import ServerError
from tests.commands import found, run_command
from waxline.servers.wheels import NotInstalledError

_POM = Path(__file__).parent / "neo4j" / "pom.xml"
NEO4J_VERSION = str(etree.parse(_POM).findtext(".//{*}dependency/{*}version"))
NEO4J_JARS = Path(__file__).parent.parent / ".cache" / "neo4j" / NEO4J_VERSION
FETCH_SECONDS = 300.0


def fetch_neo4j() -> None:
    """Copy Neo4j's jars from Maven Central into the cache, whole or not at all."""
    NEO4J_JARS.parent.mkdir(parents=True, exist_ok=True)
    with (NEO4J_JARS.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test process may be fetching them
        if not NEO4J_JARS.exists():
            _fetch_jars()


def _fetch_jars() -> None:
    with tempfile.TemporaryDirectory(dir=NEO4J_JARS.parent) as folder:
        new = Path(folder) / "lib"
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={new}"]
        command = [found("mvn"), "--batch-mode", "--quiet", "-f", str(_POM), *goal]
        try:
            run_command(command, dict(os.environ), FETCH_SECONDS)
        except ServerError as error:
            raise NotInstalledError(str(error)) from error
        new.replace(NEO4J_JARS)


def configured_java(configuration: Path) -> list[str]:
    """Return the options that the launcher takes from a configuration file."""
    lines = configuration.read_text().splitlines()
    options = {
        "server.memory.heap.initial_size": "-Xms",
        "server.memory.heap.max_size": "-Xmx",
        "server.jvm.additional": "",
    }
    pairs = (line.partition("=") for line in lines)
    return [options[key] + value for key, _, value in pairs if key in options]


if __name__ == "__main__":
    fetch_neo4j()
