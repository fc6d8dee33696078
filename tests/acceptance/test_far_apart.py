"""Ids that are far apart, as people have them who keep only what is theirs: it costs no more."""

from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.acceptance.place import Place, place_on
from tests.contract.sinks import connected

RARE = range(8_000, 16_000_000, 8_000)
CLOSER = range(20_000_000, 20_100_000, 100)
MOST_BYTES = 40
FEW_RANGES = 8


@pytest.fixture
def place(postgres_url: str, valkey_url: str, tmp_path: Path) -> Place:
    return place_on(postgres_url, valkey_url, [], tmp_path)


def labels(folder: Path) -> str:
    path = folder / "discogs_20260101_labels.xml"
    records = (f"<label><id>{i}</id><name>L{i}</name></label>\n" for i in (*RARE, *CLOSER))
    path.write_text(f"<labels>\n{''.join(records)}</labels>\n")
    return str(path)


async def test_a_run_leaves_some_bytes_for_a_record_and_few_ranges(
    place: Place, tmp_path: Path
) -> None:
    count = len(RARE) + len(CLOSER)
    done = await place.run("waxline", "run", labels(tmp_path))
    assert done.code == 0, done.said
    async with Redis.from_url(place.settings["WAXLINE_STORE_URL"]) as client:
        names = [name async for name in client.scan_iter(count=1_000)]
        used = sum([await client.memory_usage(name, samples=0) or 0 for name in names])
    assert 8 * count < used <= MOST_BYTES * count
    async with connected(place.settings["WAXLINE_POSTGRES_URL"]) as connection:
        assert await connection.fetchval("SELECT count(*) FROM waxline.range") <= FEW_RANGES
