"""What people make of the catalogue: tables that refer to it, columns, triggers, views."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from loaders.postgres import PostgresSink
from loaders.postgres.encoding import ENCODER
from loaders.run_rows import RunRows
from loaders.settling import Settler
from loaders.sink import KEPT, Digest, Written
from loaders.writer import Writer
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import ALL, RELEASE, ask, headers, opened, record, write
from tests.unit.compiled_parts import needed

COLLECTION = """
    CREATE TABLE public.collection (
        release_id integer NOT NULL REFERENCES discogs.release {rule},
        shelf text NOT NULL
    );
    INSERT INTO public.collection VALUES (2, 'A'), (4, 'B');
"""
TRIGGER = """
    CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.id = 2 OR OLD.id = 4 THEN {act} END IF;
        RETURN OLD;
    END $$;
    CREATE TRIGGER meddle BEFORE DELETE ON discogs.release
    FOR EACH ROW EXECUTE FUNCTION public.meddle();
"""
FORBIDDEN = {
    "restrict": COLLECTION.format(rule="ON DELETE RESTRICT"),
    "no action": COLLECTION.format(rule=""),
    "deferred": COLLECTION.format(rule="DEFERRABLE INITIALLY DEFERRED"),
    "a trigger that raises": TRIGGER.format(act="RAISE EXCEPTION 'it is on my shelf';"),
    "a trigger that says nothing": TRIGGER.format(act="RETURN NULL;"),
}


@pytest.fixture(params=[True, False], ids=["compiled", "plain"])
async def sink(postgres_url: str, request: pytest.FixtureRequest) -> AsyncIterator[PostgresSink]:
    if request.param:
        needed(ENCODER, "rows_of")
    async with opened(postgres_url, compiled=request.param) as sink:
        yield sink


async def loaded(sink: PostgresSink, *ids: int) -> None:
    await write(sink, *(record(number, number, FULL[RELEASE]) for number in ids))
    await sink.content.prepare(RELEASE)


async def do(url: str, statements: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statements)


async def test_a_changed_record_keeps_what_refers_to_it_and_what_was_added(
    sink: PostgresSink, postgres_url: str
) -> None:
    await loaded(sink, 2, 4)
    await do(postgres_url, COLLECTION.format(rule="ON DELETE CASCADE"))
    await do(
        postgres_url,
        "ALTER TABLE discogs.release ADD COLUMN mark text DEFAULT 'none';"
        "ALTER TABLE discogs.release_track ADD COLUMN played integer NOT NULL DEFAULT 0;"
        "CREATE VIEW public.titles AS SELECT id, title FROM discogs.release;"
        "UPDATE discogs.release SET mark = 'mine' WHERE id = 2;",
    )
    changed: Any = copy.deepcopy(FULL[RELEASE])
    changed["title"] = 'Another "title", \\ of 1999\n'
    changed["is_main_release"] = None
    written = [record(2, 20, changed), record(4, 40, {"title": ""}), record(5, 5, changed)]
    assert await write(sink, *written, run=2) == Written(loaded=3)
    assert not await sink.reader.compare(RELEASE, written)
    assert await ask(postgres_url, "SELECT count(*) FROM public.collection") == 2
    marks = await ask(postgres_url, "SELECT array_agg(mark ORDER BY id) FROM discogs.release")
    assert marks == ["mine", "none", "none"]


async def test_who_refers_to_a_row_and_has_not_committed_is_not_in_the_way(
    sink: PostgresSink, postgres_url: str
) -> None:
    await loaded(sink, 2, 4)
    await do(postgres_url, COLLECTION.format(rule=""))
    async with connected(postgres_url) as connection, connection.transaction():
        await connection.execute("INSERT INTO public.collection VALUES (2, 'C')")
        assert await write(sink, record(2, 20, {})) == Written(loaded=1)


@pytest.mark.parametrize("made", FORBIDDEN.values(), ids=FORBIDDEN.keys())
async def test_a_deletion_that_is_forbidden_is_told_and_the_others_go(
    sink: PostgresSink, postgres_url: str, made: str
) -> None:
    await loaded(sink, 1, 2, 3, 4, 5)
    await do(postgres_url, made)
    assert await sink.content.delete(headers(), [1, 2, 3, 4]) == 2
    assert await ask(postgres_url, "SELECT array_agg(id ORDER BY id) FROM discogs.release") == [
        *(2, 4, 5)
    ]
    assert await ask(postgres_url, "SELECT array_agg(id ORDER BY id) FROM discogs.deletion") == [
        *(1, 3)
    ]
    kept = await sink.bookkeeping.rejections(RELEASE)
    assert [(one.id, one.fingerprint, one.kept) for one in kept] == [(2, KEPT, True), (4, 0, True)]
    assert all(one.reason.startswith("not deleted: ") for one in kept)
    assert not await sink.reader.compare(RELEASE, [record(2, 2, FULL[RELEASE])])
    assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(1, 5)
    assert await sink.content.held(RELEASE, [(0, 10)]) == [2, 4, 5]


async def test_the_next_run_tries_again_to_delete(sink: PostgresSink, postgres_url: str) -> None:
    await loaded(sink, 1, 2, 4)
    await do(postgres_url, FORBIDDEN["restrict"])
    assert await sink.content.delete(headers(), [2, 4]) == 0
    await do(postgres_url, "DELETE FROM public.collection WHERE release_id = 2")
    await sink.bookkeeping.advance(headers(run=2))
    assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(3, 7)
    assert await sink.content.delete(headers(run=2), [2, 4]) == 1
    assert [one.id for one in await sink.bookkeeping.rejections(RELEASE)] == [4]


async def test_a_record_that_comes_back_is_kept_no_longer(
    sink: PostgresSink, postgres_url: str
) -> None:
    await loaded(sink, 1, 2, 4)
    await do(postgres_url, FORBIDDEN["restrict"])
    assert await sink.content.delete(headers(), [2, 4]) == 0
    back = [record(2, 2, FULL[RELEASE]), record(4, 44, FULL[RELEASE])]
    assert await write(sink, *back, run=2) == Written(loaded=1, unchanged=1)
    assert await sink.bookkeeping.rejections(RELEASE) == []
    assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(3, 47)


async def test_what_could_not_be_deleted_is_an_exception_of_the_verdict(
    sink: PostgresSink, postgres_url: str
) -> None:
    await loaded(sink, 2, 4, *range(5, 50))
    await do(postgres_url, FORBIDDEN["restrict"])
    await sink.bookkeeping.store_range(headers(), range_of(4, *range(5, 50)))
    writer = Writer(sink, retry_seconds=5)
    row = (await sink.bookkeeping.run_rows())[RELEASE]
    await Settler(sink, RunRows(sink.bookkeeping, writer), writer).settle(row)
    row = (await sink.bookkeeping.run_rows())[RELEASE]
    assert (row.state, row.detail, row.exceptions) == ("complete", "1 not deleted", 1)


def range_of(*ids: int) -> Any:
    bitmap = bytearray(7)
    for number in ids:
        bitmap[number // 8] |= 1 << number % 8
    return ALL.__class__(0, 1, 0, 2**31, bytes(bitmap), len(ids), sum(ids))


@pytest.mark.parametrize("when", ["UPDATE", "INSERT"])
@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("RAISE EXCEPTION 'not in my house'", "not in my house"),
        ("RAISE EXCEPTION 'not in my house' USING ERRCODE = 'MY001'", "not in my house"),
        ("RETURN NULL", "a trigger of the database"),
    ],
)
async def test_what_a_trigger_refuses_is_rejected_alone(
    sink: PostgresSink, postgres_url: str, when: str, act: str, reason: str
) -> None:
    await loaded(sink, *((1, 2, 3) if when == "UPDATE" else ()))
    await do(
        postgres_url,
        f"""
        CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.id = 2 THEN {act}; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER meddle BEFORE {when} ON discogs.release
        FOR EACH ROW EXECUTE FUNCTION public.meddle();
        """,
    )
    await sink.bookkeeping.advance(headers())
    records = [record(number, number + 10, {"title": "new"}) for number in (1, 2, 3)]
    written = await Writer(sink, retry_seconds=5).write(headers(), records)
    assert written == Written(loaded=2, rejected=1)
    (rejected,) = await sink.bookkeeping.rejections(RELEASE)
    assert (rejected.id, rejected.fingerprint, rejected.kept) == (2, 12, False)
    assert reason in rejected.reason


PRICES = """
    CREATE TABLE public.price (master_id integer PRIMARY KEY);
    INSERT INTO public.price VALUES (7);
    ALTER TABLE discogs.release ADD FOREIGN KEY (master_id) REFERENCES public.price {rule};
"""
RULES = {
    "a foreign key": PRICES.format(rule=""),
    "a deferred one": PRICES.format(rule="DEFERRABLE INITIALLY DEFERRED"),
    "a constraint": "ALTER TABLE discogs.release ADD CHECK (master_id < 8);",
    "one of a list": "ALTER TABLE discogs.release_genre ADD CHECK (genre <> 'Polka');",
    "a unique index": "CREATE UNIQUE INDEX mine ON discogs.release (master_id) WHERE master_id = 8;"
    "INSERT INTO discogs.release (id, dump, fingerprint, master_id) VALUES (9, 0, 0, 8);",
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
async def test_what_a_rule_of_other_people_refuses_is_rejected_alone(
    sink: PostgresSink, postgres_url: str, rule: str
) -> None:
    good: Any = {"title": "good", "master_id": 7, "genres": ["Jazz"]}
    bad: Any = {"title": "bad", "master_id": 8, "genres": ["Polka"]}
    await write(sink, *(record(number, number, good) for number in (1, 2, 3)))
    await sink.content.prepare(RELEASE)
    await do(postgres_url, rule)
    updated, inserted = ([record(n, n + 10, good) for n in ids] for ids in ((1, 3), (4, 6)))
    records = [*updated, record(2, 12, bad), *inserted, record(5, 15, bad)]
    written = await Writer(sink, retry_seconds=5).write(headers(), records)
    assert written == Written(loaded=4, rejected=2)
    rejected = await sink.bookkeeping.rejections(RELEASE)
    assert [(one.id, one.fingerprint, one.kept) for one in rejected] == [
        *((2, 12, False), (5, 15, False))
    ]
    assert all(f"release {one.id}: PostgreSQL refuses" in one.reason for one in rejected)
    assert not await sink.reader.compare(RELEASE, [*updated, *inserted, record(2, 2, good)])
