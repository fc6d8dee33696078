"""The sinks by name."""

import subprocess
import sys

import pytest

from config.settings import load_settings
from config.sinks import SINKS
from loaders import open_sink

OPENED = """
import sys
from config.settings import load_settings
from loaders.command import open_sink
settings = load_settings(graph_url="bolt://localhost", postgres_url="postgresql://localhost")
open_sink(settings.sink(sys.argv[1]))
print(*sys.modules.keys() & {"asyncpg", "neo4j"})
"""


def test_each_sink_of_the_settings_can_be_opened() -> None:
    settings = load_settings(graph_url="bolt://localhost", postgres_url="postgresql://localhost")
    assert sorted(SINKS) == ["neo4j", "postgres"]
    assert [open_sink(settings.sink(name)).name for name in SINKS] == list(SINKS)


@pytest.mark.parametrize(("sink", "driver"), [("postgres", "asyncpg"), ("neo4j", "neo4j")])
def test_a_loader_imports_its_own_driver_only(sink: str, driver: str) -> None:
    command = [sys.executable, "-c", OPENED, sink]
    assert subprocess.check_output(command, text=True).split() == [driver]
