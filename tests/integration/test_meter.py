"""The benchmarks' meter, on a PostgreSQL of its own."""

from pathlib import Path

import asyncpg

from benchmarks.counters import Meter
from benchmarks.figures import Counters
from tests.servers import DistributionPostgres, started

CHANGE = "UPDATE note SET counter = counter + 1"


async def test_the_first_change_after_a_checkpoint_costs_an_image(tmp_path: Path) -> None:
    quiet = {"autovacuum": "off"}
    with started(DistributionPostgres("postgres", tmp_path, quiet)) as server:
        url = server.url()
        assert url is not None
        async with Meter({"postgres": url}, settle=0) as meter:
            connection = await asyncpg.connect(url)
            try:
                await connection.execute("CREATE TABLE note AS SELECT 1 AS counter")
                await meter.checkpoint()
                await meter.added()
                first, second = [await _cost_of_a_change(meter, connection) for _ in range(2)]
            finally:
                await connection.close()
    assert (first.transactions, second.transactions) == (1, 1)
    assert second.images == 0
    assert first.images > 0
    # But for images of 8 kB, both cost a few records.
    assert 0 < first.wal - first.images < 1_000
    assert 0 < second.wal < 1_000
    assert (second.written, second.deleted, second.graph_transactions) == (0, 0, -1)


async def _cost_of_a_change(
    meter: Meter, connection: "asyncpg.Connection[asyncpg.Record]"
) -> Counters:
    await connection.execute(CHANGE)
    return await meter.added()
