"""What the compiled encoder writes, as PostgreSQL reads it; and its columns as they are there."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import pytest

from common.entities import Entity
from common.records import Record
from common.records.tables import Kind, table_of
from extractor.parsing.groups import parse
from generator import Plan, write_dumps
from loaders.lazy_json import CUTTING, choose_decoder
from loaders.postgres import PostgresSink
from loaders.postgres.encoding import ENCODER
from loaders.sink import Written
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import headers, opened, record
from tests.unit.compiled_parts import needed
from tests.unit.extractor.groups import cut_groups

OTHERS: Mapping[Kind, str] = {
    Kind.FINGERPRINT: "bigint",
    Kind.FLAG: "boolean",
    Kind.TEXT: "text",
    Kind.ITEM: "text",
    Kind.TEXTS: "text[]",
    Kind.SHORT: "smallint",
    Kind.DOCUMENT: "jsonb",
}


async def test_columns_are_of_the_type_that_their_kind_says(
    sink: PostgresSink, postgres_url: str
) -> None:
    del sink
    async with connected(postgres_url) as connection:
        found = await connection.fetch(
            """
            SELECT relname, attname, format_type(atttypid, atttypmod) AS type
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'discogs'::regnamespace AND relkind = 'r' AND attnum > 0
                AND relname NOT IN ('deletion', 'change') AND relname !~ '_(search|word)$'
            """
        )
    assert {(row["relname"], row["attname"]): row["type"] for row in found} == {
        (table.name, column.name): OTHERS.get(column.kind, "integer")
        for entity in Entity
        for table in table_of(entity, document=True).flat()
        for column in table.columns
    }


def generated(entity: Entity, folder: Path) -> list[Record]:
    """Return the records of a generated dump, as a loader decodes them."""
    decode = choose_decoder(compiled=True)
    write_dumps(Plan(releases=60, shape="old"), folder)
    (path,) = folder.rglob(f"discogs_*_{entity.plural}.xml.gz")
    groups = cut_groups(entity, gzip.decompress(path.read_bytes()))
    return [one for group in groups for body in parse(group).bodies for one in decode(body)]


@pytest.mark.parametrize("document", [False, True])
@pytest.mark.parametrize("entity", list(Entity))
async def test_encoded_records_are_read_back_as_python_s_rows(
    postgres_url: str, tmp_path: Path, entity: Entity, *, document: bool
) -> None:
    needed(ENCODER, "Encoder")
    needed(CUTTING, "cut")
    records = [
        record(10**6, 1, FULL[entity]),
        record(10**6 + 1, 2, {}),
        *generated(entity, tmp_path),
    ]
    async with opened(postgres_url, postgres_document=document) as sink:
        await sink.bookkeeping.advance(headers(entity))
        assert await sink.content.write(headers(entity), records) == Written(loaded=len(records))
        assert await sink.reader.compare(entity, records) == {}
