"""Records of real dumps are read as an independent reading of the dumps has them."""

from pathlib import Path

import orjson
import pytest

from common.entities import Entity
from common.postgres.database import Database
from config.settings import load_settings
from serving.answering import BY_KEY
from serving.database.records import Records
from tests.oracle import Load, after
from tests.oracle.records import record_of
from tests.serving.rig import Catalogue, copied, load_dumps

MONTHS = ("20200901", "20260401")
AT_ONCE = 500


@pytest.mark.parametrize("month", MONTHS)
async def test_records_of_real_dumps(catalogues: Catalogue, excerpts: Path, month: str) -> None:
    dumps = sorted((excerpts / month).glob("*s.xml.gz"))
    truth = after(*map(Load, dumps))
    with copied(catalogues, "template1") as name:
        load_dumps(catalogues, name, dumps)
        settings = load_settings(reading_url=catalogues.url(name))
        database = Database(settings.server("reading"), 1, BY_KEY, kept=True)
        await database.open()
        records = Records(database)
        try:
            for entity in Entity:
                held = truth.records[entity]
                ids = sorted(held)
                for first in range(0, len(ids), AT_ONCE):
                    for found in await records.read_many(entity, ids[first : first + AT_ONCE]):
                        wanted = record_of(entity, held[found.id].element, found.id)
                        assert orjson.loads(found.body or b"null") == wanted
        finally:
            await database.close()
