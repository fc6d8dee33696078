"""The graph sink on Neo4j and on ArcadeDB: edges, stubs, races and what servers refuse."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import neo4j
import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from common.entities import Entity
from common.errors import RunSupersededError, ServerError, TerminalError, TransientError
from common.messages import Headers, Kind, Range
from common.records import Artist, Record, RecordData, Release
from common.reports import State
from config.settings import load_settings
from loaders.neo4j import open_sink
from loaders.neo4j.sink import GraphSink
from loaders.neo4j.upsert import content_statements, stub_statements
from loaders.sink import Digest, Rejection
from tests.servers import graph_driver

DEADLINE = 20.0
ALL = Range(index=0, ranges=1, first=0, last=65_536, bitmap=b"", count=0, total=0)
FULL: Release = {
    "title": "Stockholm",
    "artists": [{"id": 1, "join": "&"}, {"name": "not linked"}, {"id": 2, "anv": "P"}],
    "labels": [{"id": 5, "catno": "SK032"}, {"id": 5, "catno": "SK032"}, {"id": 5}],
    "credits": [{"id": 7, "role": "Mixed By", "tracks": "A1"}, {"id": 7, "role": "Producer"}],
    "formats": [{"name": "Vinyl"}, {"name": "CD"}],
    "genres": ["Electronic"],
    "styles": ["House"],
    "master_id": 9,
    "is_main_release": True,
    "tracks": [{"position": "A", "credits": [{"id": 8, "role": "Vocals"}]}],
}


@asynccontextmanager
async def opened(url: str, **settings: object) -> AsyncIterator[GraphSink]:
    sink = open_sink(load_settings(graph_url=url, **settings))
    await sink.open()
    try:
        yield sink
    finally:
        await sink.close()


@pytest.fixture
async def sink(graph_url: str) -> AsyncIterator[GraphSink]:
    async with opened(graph_url) as sink:
        yield sink


def ask(url: str, statement: LiteralString, **parameters: Any) -> list[dict[str, Any]]:
    """Ask the graph beside the sink."""
    with graph_driver(url) as driver:
        database = url.rpartition("/")[2]
        rows = driver.execute_query(statement, parameters, database_=database)[0]
    return [row.data() for row in rows]


def headers(entity: Entity = Entity.RELEASE, run: int = 1) -> Headers:
    return Headers(kind=Kind.BATCH, entity=entity, run=run, dump=20260801, count=0)


def record(record_id: int, data: RecordData, fingerprint: int = 1) -> Record:
    return {"id": record_id, "fingerprint": fingerprint, "data": data}


async def load(
    sink: GraphSink, entity: Entity, records: Mapping[int, RecordData], fingerprint: int = 1
) -> None:
    await sink.advance(headers(entity))
    batch = [record(record_id, data, fingerprint) for record_id, data in records.items()]
    await sink.write(headers(entity), batch)


def edges(url: str) -> set[tuple[Any, ...]]:
    rows = ask(
        url,
        "MATCH (x)-[e]->(y) RETURN labels(x)[0] AS a, coalesce(x.id, x.name) AS x, type(e) AS e,"
        " labels(y)[0] AS b, coalesce(y.id, y.name) AS y, properties(e) AS p",
    )
    found = [(*(row[key] for key in "axeby"), tuple(sorted(row["p"].items()))) for row in rows]
    assert len(found) == len(set(found))
    return set(found)


def stubs(url: str) -> set[tuple[str, int]]:
    rows = ask(
        url,
        "MATCH (x) WHERE x.id IS NOT NULL AND x.fingerprint IS NULL AND x.key IS NULL"
        " RETURN labels(x)[0] AS label, x.id AS id",
    )
    return {(row["label"], row["id"]) for row in rows}


async def test_a_release_has_the_edges_of_its_record(sink: GraphSink, graph_url: str) -> None:
    await load(sink, Entity.RELEASE, {3: FULL})
    me = ("Release", 3)
    assert edges(graph_url) == {
        (*me, "BY", "Artist", 1, (("join", "&"), ("position", 1))),
        (*me, "BY", "Artist", 2, (("anv", "P"), ("position", 3))),
        (*me, "CREDITS", "Artist", 7, (("role", "Mixed By"), ("tracks", "A1"))),
        (*me, "CREDITS", "Artist", 7, (("role", "Producer"),)),
        (*me, "ON", "Label", 5, (("catno", "SK032"),)),
        (*me, "ON", "Label", 5, ()),
        (*me, "DERIVED_FROM", "Master", 9, (("main", True),)),
        (*me, "IS", "Genre", "Electronic", ()),
        (*me, "IS", "Style", "House", ()),
        ("Style", "House", "PART_OF", "Genre", "Electronic", ()),
    }
    assert stubs(graph_url) == {
        ("Artist", 1),
        ("Artist", 2),
        ("Artist", 7),
        ("Label", 5),
        ("Master", 9),
    }
    row = ask(graph_url, "MATCH (x:Release {id: 3}) RETURN properties(x) AS p")[0]["p"]
    assert row == {
        "id": 3,
        "fingerprint": 1,
        "dump": 20260801,
        "title": "Stockholm",
        "formats": ["Vinyl", "CD"],
    }


async def test_the_other_entities_have_theirs(sink: GraphSink, graph_url: str) -> None:
    groups: Artist = {"aliases": [{"id": 1}, {"id": 2}], "groups": [{"id": 2}]}
    await load(sink, Entity.ARTIST, {1: groups, 2: {"members": [{"id": 1}]}})
    await load(sink, Entity.LABEL, {1: {"name": "L", "parent": {"id": 4}}})
    await load(sink, Entity.MASTER, {1: {"artists": [{"id": 2}], "genres": ["Pop", "Rock"]}})
    assert edges(graph_url) == {
        ("Artist", 1, "ALIAS_OF", "Artist", 1, ()),
        ("Artist", 1, "ALIAS_OF", "Artist", 2, ()),
        ("Artist", 1, "MEMBER_OF", "Artist", 2, ()),
        ("Label", 1, "SUBLABEL_OF", "Label", 4, ()),
        ("Master", 1, "BY", "Artist", 2, (("position", 1),)),
        ("Master", 1, "IS", "Genre", "Pop", ()),
        ("Master", 1, "IS", "Genre", "Rock", ()),
    }
    assert stubs(graph_url) == {("Label", 4)}


async def test_credits_of_tracks_are_an_option_and_another_identity(graph_url: str) -> None:
    async with opened(graph_url) as sink:
        plain = await sink.identity()
    async with opened(graph_url, graph_track_credits=True) as sink:
        assert await sink.identity() not in ("", plain)
        await load(sink, Entity.RELEASE, {3: FULL})
    credit = ("Release", 3, "CREDITS", "Artist", 8, (("role", "Vocals"), ("track", "A")))
    assert credit in edges(graph_url)


async def test_a_replaced_record_has_only_its_new_edges(sink: GraphSink, graph_url: str) -> None:
    await load(sink, Entity.ARTIST, {1: {"aliases": [{"id": 2}]}, 2: {"name": "B"}})
    await load(sink, Entity.RELEASE, {3: FULL, 4: {"artists": [{"id": 7}]}})
    await load(sink, Entity.RELEASE, {3: {"artists": [{"id": 1}]}}, fingerprint=2)
    await load(sink, Entity.ARTIST, {1: {"name": "A"}}, fingerprint=2)
    assert edges(graph_url) == {
        ("Release", 3, "BY", "Artist", 1, (("position", 1),)),
        ("Release", 4, "BY", "Artist", 7, (("position", 1),)),
        ("Style", "House", "PART_OF", "Genre", "Electronic", ()),
    }


async def test_a_sweep_leaves_the_stubs_that_are_pointed_at(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, Entity.RELEASE, {3: FULL})
    await load(sink, Entity.RELEASE, {3: {"artists": [{"id": 7}]}}, fingerprint=2)
    await sink.sweep(Entity.RELEASE)
    assert stubs(graph_url) == {("Artist", 7)}
    await load(sink, Entity.RELEASE, {3: FULL}, fingerprint=3)
    assert stubs(graph_url) == {("Artist", i) for i in (1, 2, 7)} | {("Label", 5), ("Master", 9)}


async def test_a_sweep_takes_no_record_without_edges(sink: GraphSink) -> None:
    await load(sink, Entity.ARTIST, {1: {"name": "alone"}, 2: {"name": "B"}})
    await load(sink, Entity.ARTIST, {1: {"name": "alone still"}}, fingerprint=2)
    await sink.sweep(Entity.ARTIST)
    assert await sink.digest(Entity.ARTIST, ALL, ()) == Digest(2, 3)


async def test_what_a_rejected_record_would_have_pointed_at_is_swept(
    sink: GraphSink, graph_url: str
) -> None:
    await sink.advance(headers())
    bad: Any = {"artists": [{"id": 4}], "title": {"not": "text"}}
    with pytest.raises(TerminalError):
        await sink.write(headers(), [record(3, bad)])
    await sink.write(headers(), [], [Rejection(3, 1, "not text")])
    await sink.sweep(Entity.RELEASE)
    assert stubs(graph_url) == set()


async def test_stubs_of_a_run_that_was_given_up_are_swept_by_the_next(
    graph_url: str, sink: GraphSink
) -> None:
    await sink.advance(headers(run=1))
    async with opened(graph_url) as newer:
        await newer.advance(headers(run=2))
        with pytest.raises(RunSupersededError):
            await sink.write(headers(run=1), [record(3, FULL)])
        await newer.write(headers(run=2), [record(3, {"artists": [{"id": 7}]})])
        await newer.sweep(Entity.RELEASE)
    assert stubs(graph_url) == {("Artist", 7)}


async def test_a_deleted_record_stays_as_a_stub_where_others_point_at_it(
    sink: GraphSink, graph_url: str
) -> None:
    aliases: dict[int, RecordData] = {
        1: {"name": "A", "aliases": [{"id": 1}, {"id": 2}]},
        2: {"name": "B", "aliases": [{"id": 3}]},
        3: {"name": "C", "profile": "pointed at by a release"},
        4: {"name": "D", "aliases": [{"id": 4}]},
    }
    await load(sink, Entity.ARTIST, aliases)
    await load(sink, Entity.RELEASE, {9: {"artists": [{"id": 3}]}})
    assert await sink.delete(headers(Entity.ARTIST), [2, 3, 4]) == 3
    assert stubs(graph_url) == {("Artist", 2), ("Artist", 3)}
    assert await sink.rows(Entity.ARTIST) == 1
    assert ask(graph_url, "MATCH (x:Artist {id: 3}) RETURN properties(x) AS p") == [
        {"p": {"id": 3}}
    ]
    await load(sink, Entity.RELEASE, {9: {"artists": [{"id": 4}]}}, fingerprint=2)
    await sink.sweep(Entity.RELEASE)
    assert stubs(graph_url) == {("Artist", 2), ("Artist", 4)}


async def test_a_stub_that_somebody_removed_is_made_again(sink: GraphSink, graph_url: str) -> None:
    await load(sink, Entity.RELEASE, {3: FULL})
    expected = edges(graph_url)
    ask(graph_url, "MATCH (x) WHERE x:Artist OR x:Genre OR x:Style DETACH DELETE x")
    await load(sink, Entity.RELEASE, {3: FULL}, fingerprint=2)
    assert edges(graph_url) == expected


async def test_a_write_that_meets_an_advance_under_way_does_not_get_through(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, Entity.RELEASE, {1: FULL})
    with graph_driver(graph_url) as driver:
        session = driver.session(database=graph_url.rpartition("/")[2])
        with session, session.begin_transaction(timeout=DEADLINE) as advance:
            advance.run("MATCH (s:WaxlineRun {entity: 'release'}) SET s.run = 2").consume()
            write = asyncio.create_task(sink.write(headers(run=1), [record(2, FULL)]))
            await blocked_or_done(driver, write)
            if not write.done():
                advance.commit()
            # ArcadeDB lets the first that commits win: then the advance is the one to repeat.
            elif write.exception() is None:
                with pytest.raises(neo4j.exceptions.TransientError):
                    advance.commit()
                return
    with pytest.raises((RunSupersededError, TransientError)):
        await write
    assert await sink.held(Entity.RELEASE, 0, 65_536) == [1]


async def blocked_or_done(driver: neo4j.Driver, write: "asyncio.Task[Any]") -> None:
    """Wait until the write waits for a lock, or is through."""

    @retry(
        retry=retry_if_result(lambda there: not there),
        stop=stop_after_delay(DEADLINE),
        wait=wait_fixed(0.05),
    )
    async def look() -> bool:
        if write.done():
            return True
        if "ArcadeDB" in driver.get_server_info().agent:
            return False
        states = driver.execute_query("SHOW TRANSACTIONS YIELD status RETURN status")[0]
        return any(row["status"].startswith("Blocked") for row in states)

    await look()


async def test_sessions_that_point_at_each_other_s_records_do_not_deadlock(
    sink: GraphSink, graph_url: str
) -> None:
    await sink.advance(headers(Entity.ARTIST))
    data: dict[int, Artist] = {
        i: {"aliases": [{"id": (i * 7 + step) % 400 + 1} for step in range(3)]}
        for i in range(1, 401)
    }
    batches = [[record(i, data[i]) for i in range(first, 401, 4)] for first in range(1, 5)]
    todo = iter(batches)

    async def session() -> None:
        for batch in todo:
            await sink.write(headers(Entity.ARTIST), batch)

    await asyncio.gather(*(session() for _ in range(sink.sessions)))
    assert await sink.digest(Entity.ARTIST, ALL, ()) == Digest(400, 400)
    assert len(edges(graph_url)) == 1_200


@pytest.mark.parametrize(("server", "sessions"), [("neo4j", 3), ("arcadedb", 1)])
async def test_arcadedb_gets_one_session(
    request: pytest.FixtureRequest, server: str, sessions: int
) -> None:
    async with opened(request.getfixturevalue(f"{server}_url"), graph_sessions=3) as sink:
        assert sink.sessions == sessions


@pytest.mark.parametrize(
    "data",
    [{"artists": [{"id": 2**70}]}, {"title": {"not": "text"}}, {"title": "\ud800"}],
    ids=["number", "map", "surrogate"],
)
async def test_a_value_the_graph_cannot_hold_is_terminal_and_leaves_nothing(
    sink: GraphSink, data: Any
) -> None:
    await sink.advance(headers())
    with pytest.raises(TerminalError):
        await sink.write(headers(), [record(1, FULL), record(2, data)])
    assert await sink.held(Entity.RELEASE, 0, 65_536) == []
    await sink.write(headers(), [record(1, FULL)])
    assert await sink.held(Entity.RELEASE, 0, 65_536) == [1]


async def test_a_style_too_long_for_neo4j_s_index_is_terminal(neo4j_url: str) -> None:
    async with opened(neo4j_url) as sink:
        await sink.advance(headers())
        with pytest.raises(TerminalError):
            await sink.write(headers(), [record(1, {"styles": ["é" * 20_000]})])


async def test_text_comes_back_as_it_was(sink: GraphSink, graph_url: str) -> None:
    names = ["'}) DETACH DELETE x //", "e\u0301 é 🎵 עברית \x00 \x91", "long" * 5_000]
    await load(sink, Entity.ARTIST, {i: {"name": name} for i, name in enumerate(names, 1)})
    rows = ask(graph_url, "MATCH (x:Artist) RETURN x.name AS name ORDER BY x.id")
    assert [row["name"] for row in rows] == names


@pytest.mark.parametrize("wrong", ["password", "database"])
async def test_a_refusal_is_no_transient_failure_and_tells_no_password(
    graph_url: str, wrong: str
) -> None:
    base, _, database = graph_url.rpartition("/")
    url = f"{base}/absent"
    if wrong == "password":
        scheme, _, rest = base.partition("://")
        user, host = rest.partition(":")[0], rest.rpartition("@")[2]
        url = f"{scheme}://{user}:canary@{host}/{database}"
    sink = open_sink(load_settings(graph_url=url))
    with pytest.raises(ServerError) as caught:
        await sink.open()
    await sink.close()
    assert not isinstance(caught.value, TransientError)
    assert "canary" not in str(caught.value)


async def test_a_server_that_is_not_there_is_transient(unused_tcp_port: int) -> None:
    sink = open_sink(load_settings(graph_url=f"bolt://a:b@127.0.0.1:{unused_tcp_port}/x"))
    with pytest.raises(TransientError):
        await sink.open()
    await sink.close()


async def test_a_server_that_never_answers_is_left_after_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"bolt://a:b@127.0.0.1:{silent.getsockname()[1]}/x"
        async with asyncio.timeout(DEADLINE):
            sink = open_sink(load_settings(graph_url=url, connect_timeout=0.2))
            with pytest.raises(TransientError):
                await sink.open()
            await sink.close()


async def test_a_write_past_its_deadline_is_transient_and_can_be_repeated(neo4j_url: str) -> None:
    lock = "MATCH (s:WaxlineRun {entity: 'release'}) SET s.touched = 0"
    async with opened(neo4j_url, graph_timeout=1) as sink:
        await sink.advance(headers())
        with (
            graph_driver(neo4j_url) as driver,
            driver.session() as session,
            session.begin_transaction(timeout=DEADLINE) as holder,
        ):
            holder.run(lock).consume()
            with pytest.raises(TransientError):
                await sink.write(headers(), [record(1, FULL)])
        async with opened(neo4j_url) as patient:
            assert (await patient.write(headers(), [record(1, FULL)])).loaded == 1
        assert (await sink.write(headers(), [record(1, FULL)])).unchanged == 1


async def test_a_complete_run_is_declared_with_its_rows(sink: GraphSink) -> None:
    await load(sink, Entity.RELEASE, {1: FULL, 2: FULL})
    await sink.declare(headers(), State.COMPLETE, "", 0)
    row = (await sink.run_rows())[Entity.RELEASE]
    assert (row.rows_at_complete, row.complete_run) == (2, 1)


@pytest.mark.parametrize("entity", list(Entity))
async def test_neo4j_plans_index_seeks_and_no_scan(neo4j_url: str, entity: Entity) -> None:
    async with opened(neo4j_url) as sink:
        await load(sink, entity, {1: {}})
    texts = content_statements(entity)
    plans = {name: operators(neo4j_url, text) for name, text in texts.items()}
    scanning = {name for name, plan in plans.items() if any("Scan" in step for step in plan)}
    # These look at a whole label, and are asked once per run.
    assert scanning <= {"rows", "orphans"}
    # Two stand between MERGE and what each row replaces, one collects the edges to be deleted:
    # none is in a row's CREATE.
    assert plans["upsert"].count("Eager") <= 3


def test_neo4j_makes_stubs_by_index(neo4j_url: str) -> None:
    for label in ("Artist", "Genre"):
        plan = operators(neo4j_url, stub_statements(label)["stubs"])
        assert plan.count("Merge") == 1


def operators(url: str, statement: str) -> list[str]:
    with graph_driver(url) as driver:
        text: Any = f"EXPLAIN {statement}"
        summary = driver.execute_query(text, database_=url.rpartition("/")[2])[1]
    found: list[str] = []
    todo: list[dict[str, Any]] = [summary.plan or {}]
    while todo:
        step = todo.pop()
        found.append(step["operatorType"].partition("@")[0])
        todo += step.get("children", [])
    return found
