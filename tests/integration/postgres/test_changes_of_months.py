"""Of a month's load the change feed names each record that differs, and no other."""

import gzip
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import orjson
import pytest

from common.entities import Entity
from common.messages import decode_records
from common.records import Record
from common.reports import State
from extractor.parsing.groups import parse
from generator import Plan, changes
from loaders.portions import parts
from loaders.postgres import PostgresSink
from loaders.sink import Written
from tests.acceptance.material import month
from tests.contract.sinks import connected
from tests.integration.postgres.writing import headers
from tests.unit.extractor.groups import cut_groups

PLAN = Plan(releases=150, seed=7, changed=0.2, deleted=0.1, added=0.1)
AT_ONCE = 20
EVERYTHING = (0, 2**31)


def records_of(dump: Path, entity: Entity) -> list[Record]:
    """Return the records of a dump, their fingerprints made of their data."""
    groups = cut_groups(entity, gzip.decompress(dump.read_bytes()))
    found = [
        one for group in groups for body in parse(group).bodies for one in decode_records(body)
    ]
    return [{**one, "fingerprint": crc32(orjson.dumps(one["data"]))} for one in found]


async def load(sink: PostgresSink, entity: Entity, run: int, records: list[Record]) -> None:
    """Load a dump as loaders do: batches, then what the dump has not, then the verdict."""
    await sink.bookkeeping.advance(headers(entity, run))
    for batch in parts(records, AT_ONCE):
        written = await sink.content.write(headers(entity, run), batch)
        assert written != Written()
    await sink.content.prepare(entity)
    held = await sink.content.held(entity, [EVERYTHING])
    gone = sorted(set(held) - {record["id"] for record in records})
    for some in parts(gone, AT_ONCE):
        assert await sink.content.delete(headers(entity, run), some) == len(some)
    await sink.bookkeeping.declare(headers(entity, run), State.COMPLETE, "", 0)


@pytest.mark.parametrize("entity", list(Entity))
async def test_two_months(
    sink: PostgresSink, postgres_url: str, tmp_path: Path, entity: Entity
) -> None:
    found = []
    for number in (1, 2):
        dumps = month(PLAN, number, tmp_path)
        (dump,) = (path for path in dumps if path.name.endswith(f"_{entity.plural}.xml.gz"))
        await load(sink, entity, number, records_of(dump, entity))
        found.append(await sink.reader.fingerprints(entity, *EVERYTHING))
    before, after = found
    differing = {i for i in before.keys() | after.keys() if before.get(i) != after.get(i)}
    stated = changes(replace(PLAN, month=2), entity)
    assert differing == stated.added | stated.changed | stated.deleted
    async with connected(postgres_url) as connection:
        rows = await connection.fetch(
            "SELECT run, ids FROM discogs.change WHERE entity = $1 ORDER BY sequence", entity.value
        )
    assert [(row["run"], row["ids"]) for row in rows if row["run"] == 1] == [(1, None)]
    *batches, verdict = [row["ids"] for row in rows if row["run"] == 2]
    named = [number for ids in batches for number in ids]
    assert sorted(named) == sorted(differing)
    assert all(ids == sorted(ids) for ids in batches)
    assert verdict == []
