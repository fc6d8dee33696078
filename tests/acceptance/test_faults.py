"""A round of some rows of the fault matrix; `make faults` plays all of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from faults.material import Material
from faults.processes import forking
from faults.round import Shared, play
from faults.rows import ROWS
from faults.shared_servers import Machine
from waxline.servers.server import Server

KILLS = 2
SEED = 3
NAMES = ("kill-points", "poison", "clock-steps")


@pytest.fixture(scope="module")
def machine(
    postgres_server: Server, neo4j_server: Server, valkey_server: Server, rabbitmq_server: Server
) -> Machine:
    """The servers of an installation that the session has already."""
    servers = (postgres_server, neo4j_server, valkey_server, rabbitmq_server)
    return Machine({server.name: server for server in servers})


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
async def test_both_sinks_equal_the_dumps_in_the_end(
    name: str, machine: Machine, tmp_path: Path
) -> None:
    (row,) = (row for row in ROWS if row.name == name)
    async with forking(tmp_path) as forker:
        small = replace(row, kills=KILLS)
        shared = Shared(machine, Material(tmp_path / "dumps"), forker)
        outcome = await play(small, SEED, tmp_path / "round", shared)
    assert outcome.problem == ""
    assert outcome.kills or name != "kill-points"


def test_every_row_has_a_name_of_its_own_and_says_what_it_is() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(row.injects and row.expects for row in ROWS)
