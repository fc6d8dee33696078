"""One statement reads a record as it was written, however odd: every field, any text, any depth."""

from typing import Any

import orjson
import pytest

from common.entities import Entity
from common.postgres.database import Database
from common.records import RecordData
from config.settings import load_settings
from serving.answering import BY_KEY
from serving.database.records import Records
from tests.full_records import FULL, RELEASE
from tests.integration.postgres.writing import opened, record, write

TEXT = '"quoted" \\ / \x01 \t\r\n </script> ünïcödé \u2028 😀 \ud7ff \' ; -- %s {entity} null'


def nested(depth: int) -> dict[str, Any]:
    track: dict[str, Any] = {"title": f"depth {depth}", "artists": [{"id": depth, "name": "A"}]}
    if depth < 4:
        track["sub_tracks"] = [nested(depth + 1), {}, nested(depth + 1)]
    return track


ODD: list[tuple[Entity, Any]] = [
    *FULL.items(),
    *((entity, {}) for entity in Entity),
    (Entity.RELEASE, {**RELEASE, "tracks": [nested(1), {}, nested(2), {"title": "last"}]}),
    (Entity.RELEASE, {"tracks": [{}, {}]}),
    (Entity.RELEASE, {"tracks": [{"sub_tracks": [{}]}]}),
    (
        Entity.RELEASE,
        {"title": TEXT, "genres": [TEXT], "formats": [{"descriptions": [TEXT, "null"]}]},
    ),
    (Entity.LABEL, {"parent": {"name": TEXT}}),
    (Entity.LABEL, {"parent": {"id": 7}, "sublabels": [{"id": 8}, {"name": "9"}]}),
    (Entity.ARTIST, {"name": "null", "urls": ["", TEXT], "aliases": [{"id": 1}, {"id": 1}]}),
    (Entity.MASTER, {"videos": [{"embed": False}], "images": [{"width": 0}]}),
]


@pytest.fixture
def postgres_template(made_postgres: str) -> str:
    """A copy has the sink's schema, and nothing in it."""
    return made_postgres


async def test_a_record_is_read_as_it_was_written(postgres_url: str) -> None:
    numbered = list(enumerate(ODD, 1))
    async with opened(postgres_url) as sink:
        for entity in Entity:
            records = [record(n, n, _data(odd)) for n, (of, odd) in numbered if of is entity]
            await write(sink, *records, entity=entity)
    server = load_settings(reading_url=postgres_url).server("reading")
    database = Database(server, 1, BY_KEY, kept=True)
    await database.open()
    try:
        records_ = Records(database)
        for entity in Entity:
            wanted = {n: odd for n, (of, odd) in numbered if of is entity}
            found = await records_.read_many(entity, [*wanted, 2**31 - 1])
            bodies = {one.id: one.body and orjson.loads(one.body) for one in found}
            assert bodies == {n: {"id": n, **odd} for n, odd in wanted.items()} | {2**31 - 1: None}
            assert {one.id: one.fingerprint for one in found if one.body} == {n: n for n in wanted}
    finally:
        await database.close()


def _data(odd: Any) -> RecordData:
    """Return a copy: what is written may be taken apart."""
    data: RecordData = orjson.loads(orjson.dumps(odd))
    return data
