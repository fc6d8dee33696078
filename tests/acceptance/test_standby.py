"""A PostgreSQL that follows another one: it is told at the start, and the leader is found."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import assert_said, place_on
from tests.commands import run_command
from tests.servers import DistributionPostgres, started
from waxline.servers.postgres import unprivileged
from waxline.servers.state import Endpoint

SETTINGS = {"wal_level": "replica", "max_wal_senders": "4"}


class HotStandby(DistributionPostgres):
    """A server that follows another one, and may be read."""

    def __init__(self, folder: Path, leader: str) -> None:
        super().__init__("standby", folder, SETTINGS)
        self._leader = leader

    def prepare(self, endpoint: Endpoint) -> None:
        """Copy the leader."""
        del endpoint
        options = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        command = (self.program("pg_basebackup"), "--dbname", self._leader, *options)
        data = ("--pgdata", str(self.folder / "data"))
        run_command([*unprivileged(), *command, *data], dict(self.environment()))

    def url_of(self, endpoint: Endpoint) -> str:
        """Return the leader's URL, with the port of this one."""
        port = urlsplit(self._leader).port
        return self._leader.replace(f":{port}/", f":{endpoint.port}/")


@pytest.fixture
def leader(tmp_path: Path) -> Iterator[str]:
    """URL of a server that may be followed."""
    with started(DistributionPostgres("leader", tmp_path, SETTINGS)) as server:
        yield str(server.url())


@pytest.mark.long
async def test_a_hot_standby_is_told_at_the_start_and_its_leader_is_found(
    leader: str, valkey_url: str, tmp_path: Path
) -> None:
    dumps = month(Plan(releases=20, seed=41), 1, tmp_path / "dumps")
    with started(HotStandby(tmp_path, leader)) as server:
        standby = str(server.url())
        place = place_on(standby, valkey_url, dumps, tmp_path)
        refused = await place.run("waxline", "run", *map(str, dumps))
        assert_said(refused, 4, "PostgreSQL", "is a standby, which is read-only")
        refused = await place.run("loaders", "postgres")
        assert_said(refused, 4, "is a standby, which is read-only")
        place_of_leader = leader.rpartition("@")[2]
        both = f"{standby.rpartition('/')[0]},{place_of_leader}?target_session_attrs=read-write"
        loaded = await place.run("waxline", "run", *map(str, dumps), WAXLINE_POSTGRES_URL=both)
        assert loaded.code == 0, loaded.said
        audited = await place.run("waxline", "audit")
        assert "Every sink equals its last run." in audited.said
