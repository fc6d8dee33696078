"""What the check of PostgreSQL names: any value, any row, in any table, and nothing else."""

from collections.abc import Sequence

import pytest

from common.entities import Entity
from common.records import Record
from common.records.tables import TABLES
from config.settings import load_settings
from loaders.differences import Part, Parts
from loaders.postgres import PostgresSink
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import RELEASE, headers, opened, record, write

VALUES = {
    int: "{column} + 1",
    bool: "NOT {column}",
    str: "{column} || '!'",
    list: "{column} || '!'::text",
    type(None): "'7'",
}
IDS = (3, 1, 2)


def full(entity: Entity) -> list[Record]:
    return [record(number, 10 * number, FULL[entity]) for number in IDS]


async def spoil(url: str, *statements: str) -> None:
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(statement)


async def damages(url: str, entity: Entity) -> list[tuple[str, str, str]]:
    """Return (table, column, statement) that spoils each column of record 2, one at a time."""
    found = []
    async with connected(url) as connection:
        for table, columns in TABLES[entity].items():
            row = await connection.fetchrow(
                f"SELECT * FROM discogs.{table} WHERE {columns[0]} = 2"  # noqa: S608
            )
            assert row, table
            keys = {"sequence", "track_sequence", "dump", columns[0]}
            for column in [name for name in columns if name not in keys]:
                value = VALUES[type(row[column])].format(column=column)
                change = f"UPDATE discogs.{table} SET {column} = {value} WHERE {columns[0]} = 2"  # noqa: S608
                found.append((table, column, change))
    return found


def places(parts: Sequence[Part]) -> set[tuple[str, str]]:
    return {(part.where, part.column) for part in parts}


@pytest.mark.parametrize("entity", list(Entity))
async def test_every_column_of_every_table_is_compared(postgres_url: str, entity: Entity) -> None:
    async with opened(postgres_url) as sink:
        await write(sink, *full(entity), entity=entity)
        assert await sink.reader.compare(entity, full(entity)) == {}
        for table, column, change in await damages(postgres_url, entity):
            await spoil(postgres_url, change)
            found = await sink.reader.compare(entity, full(entity))
            assert found.keys() == {2}, (table, column)
            assert (table, column) in places(found[2])
        await sink.content.distrust(headers(entity), IDS)
        await write(sink, *full(entity), entity=entity, run=2)
        assert await sink.reader.compare(entity, full(entity)) == {}


async def checked(sink: PostgresSink) -> Parts:
    return await sink.reader.compare(RELEASE, full(RELEASE))


async def test_rows_too_many_and_too_few_are_named_by_their_place(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, *full(RELEASE))
    await spoil(
        postgres_url,
        "DELETE FROM discogs.release_genre WHERE release_id = 1 AND sequence = 1",
        "INSERT INTO discogs.release_style (release_id, sequence, style) VALUES (2, 9, 'Noise')",
        # No index forbids it before the first load is over.
        "INSERT INTO discogs.release_track SELECT * FROM discogs.release_track "
        "WHERE release_id = 3 AND sequence = 1",
    )
    found = await checked(sink)
    assert [(part.where, part.place, part.expected) for part in found[1]] == [
        ("release_genre", "sequence 1", "genre 'Jazz'")
    ]
    assert [(part.where, part.place, part.found) for part in found[2]] == [
        ("release_style", "sequence 9", "style 'Noise'")
    ]
    assert [(part.where, part.place, repr(part.expected)) for part in found[3]] == [
        ("release_track", "sequence 1", "nothing")
    ]


async def test_a_lost_row_and_what_it_has_left_are_found_and_mended(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, *full(RELEASE))
    await sink.content.prepare(RELEASE)
    await spoil(
        postgres_url,
        "DELETE FROM discogs.release WHERE id = 1",
        "INSERT INTO discogs.release_genre (release_id, sequence, genre) VALUES (77, 1, 'Jazz')",
    )
    found = await checked(sink)
    assert [(part.where, repr(part.found)) for part in found[1]] == [("release", "nothing")]
    assert await sink.reader.ids(RELEASE, 0, 65_536) == [1, 2, 3, 77]
    assert await sink.reader.ids(RELEASE, 65_536, 2**31) == []
    assert await sink.reader.fingerprints(RELEASE, 2, 65_536) == {2: 20, 3: 30}

    assert await sink.content.distrust(headers(), [1, 77]) == 0
    await write(sink, *full(RELEASE), run=2)
    assert await checked(sink) == {}
    assert await sink.reader.ids(RELEASE, 0, 65_536) == [1, 2, 3]


async def test_documents_are_compared_where_they_are_kept(postgres_url: str) -> None:
    async with opened(postgres_url, postgres_document=True) as sink:
        await write(sink, *full(RELEASE))
        assert await checked(sink) == {}
        spoilt = "jsonb_set(document, '{title}', '\"X\"')"
        await spoil(
            postgres_url,
            f"UPDATE discogs.release SET document = {spoilt} WHERE id = 2",  # noqa: S608
            "UPDATE discogs.release SET document = NULL WHERE id = 3",
        )
        # The layout is the database's own, whatever the settings of the one who looks.
        looking = PostgresSink(load_settings(postgres_url=postgres_url).sink("postgres"))
        try:
            assert await looking.look()
            found = await looking.reader.compare(RELEASE, full(RELEASE))
        finally:
            await looking.close()
        assert {number: places(parts) for number, parts in found.items()} == {
            2: {("release", "document")},
            3: {("release", "document")},
        }
