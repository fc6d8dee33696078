"""The embedded server that starts fastest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from waxline.servers.embedded import EmbeddedServers


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedServers]:
    """The one server that starts fastest, for what is the same with all of them."""
    embedded = EmbeddedServers(tmp_path / "servers", only=["store"])
    yield embedded
    embedded.stop()
