"""The search tables: what words a record has, and that they are kept by what writes it."""

import asyncio
from collections.abc import Mapping

import pytest

from common.entities import Entity
from common.records import Credit, RecordData, Release
from loaders.postgres import PostgresSink
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import (
    RELEASE,
    ask,
    headers,
    index_names,
    opened,
    record,
    write,
)

KIND_OF_BLUE: Release = {
    "title": "Kind Of Blue",
    "artists": [{"id": 1, "name": "Miles Davis", "anv": "M. Davis"}],
    "labels": [{"id": 2, "name": "Columbia", "catno": "CL 1355"}],
}
OF_KIND_OF_BLUE = {
    *("kind", "of", "blue", "miles", "davis", "m", "columbia", "cl", "1355", "cl1355"),
}
DATA: Mapping[Entity, RecordData] = {
    Entity.ARTIST: {"name": "AC/DC", "real_name": "Élan", "name_variations": ["Acca Dacca"]},
    Entity.LABEL: {"name": "Blå Records"},
    Entity.MASTER: {"title": "Kind Of Blue", "artists": [{"id": 1, "name": "Miles", "anv": "M"}]},
    RELEASE: KIND_OF_BLUE,
}
WORDS = {
    Entity.ARTIST: {"ac", "dc", "acdc", "elan", "acca", "dacca"},
    Entity.LABEL: {"bla", "records"},
    Entity.MASTER: {"kind", "of", "blue", "miles", "m"},
    RELEASE: OF_KIND_OF_BLUE,
}


LONG = "\ufdfa" * 50
"""Each of these letters is folded into 18."""


async def words_of(url: str, entity: Entity = RELEASE, record_id: int = 1) -> set[str]:
    query = f"SELECT tsvector_to_array(words) FROM discogs.{entity}_search WHERE id = $1"  # noqa: S608
    return set(await ask(url, query, record_id) or ())


async def vocabulary(url: str, entity: Entity = RELEASE) -> set[str]:
    return set(await ask(url, f"SELECT array_agg(word) FROM discogs.{entity}_word") or ())  # noqa: S608


@pytest.mark.parametrize("entity", list(Entity))
async def test_a_first_load_s_words_are_there_once_it_is_prepared(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    await write(sink, record(1, 10, DATA[entity]), record(2, 20, {}), entity=entity)
    assert await words_of(postgres_url, entity) == set()
    await sink.content.prepare(entity)
    assert await words_of(postgres_url, entity) == WORDS[entity]
    assert await words_of(postgres_url, entity, 2) == set()


@pytest.mark.parametrize("entity", list(Entity))
async def test_a_later_record_s_words_are_there_when_it_is(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    await sink.content.prepare(entity)
    await write(sink, record(1, 10, FULL[entity]), record(2, 20, DATA[entity]), entity=entity)
    assert await words_of(postgres_url, entity, 2) == WORDS[entity]
    await write(sink, record(1, 11, DATA[entity]), record(2, 21, {}), entity=entity)
    assert await words_of(postgres_url, entity, 1) == WORDS[entity]
    assert await words_of(postgres_url, entity, 2) == set()


async def test_words_go_with_their_record(sink: PostgresSink, postgres_url: str) -> None:
    await write(sink, record(1, 10, KIND_OF_BLUE), record(2, 20, KIND_OF_BLUE))
    await sink.content.delete(headers(), [1])
    assert await ask(postgres_url, "SELECT array_agg(id) FROM discogs.release_search") == [2]


async def test_words_that_stay_are_not_written_again(sink: PostgresSink, postgres_url: str) -> None:
    await write(sink, record(1, 10, KIND_OF_BLUE))
    await sink.content.prepare(RELEASE)
    place = "SELECT format('%s %s', ctid, xmin) FROM discogs.release_search"
    before = await ask(postgres_url, place)
    await write(sink, record(1, 11, {**KIND_OF_BLUE, "country": "US"}))
    assert await ask(postgres_url, place) == before
    assert await ask(postgres_url, "SELECT country FROM discogs.release") == "US"


async def test_the_vocabulary_counts_words_once_and_learns_new_ones(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 10, KIND_OF_BLUE), record(2, 20, {"title": "Blue Train"}))
    await sink.content.prepare(RELEASE)
    blue = "SELECT records FROM discogs.release_word WHERE word = 'blue'"
    assert await ask(postgres_url, blue) == 2
    await write(sink, record(3, 30, {"title": "Blue Monday"}))
    assert await vocabulary(postgres_url) == {
        *("kind", "blue", "miles", "davis", "columbia", "train", "monday"),
    }
    assert await ask(postgres_url, blue) == 2


async def test_words_that_are_like_another_are_found_wherever_trigrams_are(
    sink: PostgresSink, postgres_url: str
) -> None:
    await ask(postgres_url, "CREATE SCHEMA elsewhere")
    await ask(postgres_url, "CREATE EXTENSION pg_trgm SCHEMA elsewhere")
    await write(sink, record(1, 10, KIND_OF_BLUE))
    await sink.content.prepare(RELEASE)
    await write(sink, record(2, 20, {"title": "Monday"}))
    like = "SELECT array_agg(word) FROM discogs.release_similar($1)"
    assert await ask(postgres_url, like, "columba") == ["columbia"]
    assert await ask(postgres_url, like, "mondya") == ["monday"]


async def test_a_transaction_under_way_is_waited_for(sink: PostgresSink, postgres_url: str) -> None:
    """Its records have their words from who fills the table, who cannot see them before."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'ShareLock'"
    async with connected(postgres_url) as other:
        async with other.transaction():
            await other.execute(
                "INSERT INTO discogs.release (id, dump, fingerprint, title) VALUES (7, 1, 1, 'Sky')"
            )
            preparing = asyncio.create_task(sink.content.prepare(RELEASE))
            async with asyncio.timeout(20):
                while not await ask(postgres_url, waiting):
                    assert not preparing.done()
        await preparing
    assert await words_of(postgres_url, record_id=7) == {"sky"}


LACKS_IT_ALL = """
    DROP TABLE waxline.search;
    DROP FUNCTION discogs.folded, discogs.words, discogs.search_query, discogs.format_words,
        discogs.artist_similar, discogs.label_similar, discogs.master_similar,
        discogs.release_similar CASCADE;
    DROP INDEX discogs.release_artist_artist_id;
    CREATE INDEX release_artist_artist_id ON discogs.release_artist (artist_id);
"""


async def test_a_database_of_an_earlier_waxline_is_given_its_words(postgres_url: str) -> None:
    async with opened(postgres_url) as sink:
        for entity in Entity:
            await write(sink, record(1, 10, DATA[entity]), entity=entity)
            await sink.content.prepare(entity)
        indexes, identity = await index_names(postgres_url), await sink.identity()
    async with connected(postgres_url) as connection:
        await connection.execute(LACKS_IT_ALL)
        for entity in Entity:
            await connection.execute(f"DROP TABLE discogs.{entity}_search, discogs.{entity}_word")
    async with opened(postgres_url) as sink:
        assert await sink.identity() == identity
        await write(sink, record(2, 20, KIND_OF_BLUE), run=2)
        for entity in Entity:
            await sink.content.prepare(entity)
            assert await words_of(postgres_url, entity) == WORDS[entity]
        assert await words_of(postgres_url, record_id=2) == OF_KIND_OF_BLUE
    assert await index_names(postgres_url) == indexes
    definition = "SELECT pg_get_indexdef('discogs.release_artist_artist_id'::regclass)"
    assert "(artist_id, release_id)" in await ask(postgres_url, definition)


async def test_a_record_of_any_number_of_words_can_be_searched(
    sink: PostgresSink, postgres_url: str
) -> None:
    """A tsvector takes a megabyte."""
    many: list[Credit] = [{"id": n, "name": f"Name{n} {LONG}"} for n in range(1, 40_000)]
    await sink.content.prepare(RELEASE)
    await write(sink, record(1, 10, {"title": "First", "artists": many}))
    found = await words_of(postgres_url)
    assert {"first", "name1", "name100"} <= found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AC/DC", "ac dc acdc"),
        ("P!nk", "p nk pnk"),
        ("Guns N' Roses", "guns n roses"),
        ("R.E.M. \u2013 Don\u2019t", "r e m don t rem dont"),
        ("Björk Ångström Øre Łódź Þór", "bjork angstrom ore lodz thor"),
        ("Weiß Ægir Œuvre", "weiss aegir oeuvre"),
        ("КИНО Ёлка ΣΊΣΥΦΟΣ", "кино елка σισυφοσ"),
        ("北の街「あ」・\uff26\uff35\uff2c\uff2c", "北の街 あ full 北の街あfull"),
        ("a\tb\nc\u00a0d\u3000e", "a b c d e"),
        ("!!!", "!!!"),
        ("★", "★"),
        ("…", "..."),
        ("  \t", ""),
        ("", ""),
        ("x" * 150, "x" * 100),
    ],
)
async def test_the_words_of_a_text(postgres_url: str, text: str, words: str) -> None:
    found = await ask(postgres_url, "SELECT discogs.words($1)", text)
    assert list(dict.fromkeys(found)) == words.split()


@pytest.mark.parametrize(
    ("asked", "begins", "question"),
    [
        ("Kind of Blue", False, "'kind' & 'of' & 'blue'"),
        ("Kind of Bl", True, "'kind' & 'of' & 'bl':*"),
        ("AC/DC live", False, "( 'ac' & 'dc' | 'acdc' ) & 'live'"),
        ("live AC/D", True, "'live' & ( 'ac' & 'd':* | 'acd':* )"),
        ("Simon & Garfunkel", False, "'simon' & 'garfunkel'"),
        ("Kruder and Dorfmeister", False, "'kruder' & 'dorfmeister'"),
        ("And", False, "'and'"),
        ("and and", False, None),
        ("!!!", False, "'!!!'"),
        (r"it's \ 'x", False, r"( 'it' & 's' | 'its' ) & 'x'"),
        (" ", False, None),
        ("", True, None),
    ],
)
async def test_what_is_asked_of_words(
    postgres_url: str, asked: str, question: str | None, *, begins: bool
) -> None:
    query = "SELECT discogs.search_query($1, $2)::text"
    assert await ask(postgres_url, query, asked, begins) == question


@pytest.mark.parametrize("text", ["КИНО ΣΊΣΥΦΟΣ", "BJÖRK ØRE Ångström"])
async def test_a_locale_without_letters_folds_the_same(postgres_url: str, text: str) -> None:
    query = 'SELECT discogs.folded($1) = discogs.folded($1 COLLATE "C")'
    assert await ask(postgres_url, query, text)
