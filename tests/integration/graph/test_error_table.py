"""What each error of the graph servers is taken for: passing, doubtful, of a record, of the set-up.

Every row is provoked on the real server, and decided where the loader has it decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import pytest

from common.errors import (
    DoubtfulError,
    ServerError,
    TerminalError,
    TransientError,
    WaxlineError,
)
from common.store import open_store
from config.settings import load_settings
from generator import Plan
from loaders.neo4j import GraphSink
from loaders.neo4j.connection import Graph
from tests.acceptance.material import month
from tests.acceptance.processes import running
from tests.deadlock import deadlock
from tests.integration.graph.writing import ask

UNIQUE = "CREATE CONSTRAINT genre_name IF NOT EXISTS FOR (x:Genre) REQUIRE x.name IS UNIQUE"
BOTH = ("neo4j", "arcadedb")
LONG = "g" * 300_000
"""Characters: more than a page of an index of either server."""


@dataclass(frozen=True)
class Row:
    """A statement that fails, in a transaction of the loader's."""

    statement: str
    taken_for: type[WaxlineError]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    servers: tuple[str, ...] = BOTH
    first: LiteralString = ""


ROWS = {
    "a map": Row("CREATE (:X {v: $v})", TerminalError, {"v": {"a": 1}}),
    "beyond 64 bits": Row("CREATE (:X {v: $v})", TerminalError, {"v": 2**63}),
    "a lone surrogate": Row("CREATE (:X {v: $v})", TerminalError, {"v": "\ud800"}),
    "arithmetic": Row("RETURN $v / 0", TerminalError, {"v": 1}),
    "too long for the index": Row(
        "MERGE (:Genre {name: $v})", TerminalError, {"v": LONG}, ("neo4j",), UNIQUE
    ),
    "too long for the index, which the server does not say": Row(
        "MERGE (:Genre {name: $v})", DoubtfulError, {"v": LONG}, ("arcadedb",), UNIQUE
    ),
    "a key that is there": Row(
        "CREATE (:Genre {name: 'a'}), (:Genre {name: 'a'})", TransientError, first=UNIQUE
    ),
    "a node with edges": Row(
        "CREATE (x:X)-[:T]->(:X) WITH x DELETE x", TransientError, servers=("neo4j",)
    ),
    "out of time": Row(
        "UNWIND range(1, 1000000000) AS x RETURN sum(x)", TransientError, servers=("neo4j",)
    ),
    "bad Cypher": Row("CRATE (:X)", ServerError),
    "a procedure that is not there": Row("CALL of.nobody()", ServerError, servers=("neo4j",)),
}
CASES = [(server, name) for name, row in ROWS.items() for server in row.servers]


@pytest.mark.parametrize(("server", "name"), CASES)
async def test_an_error_at_work_is_taken_for_what_it_is(
    request: pytest.FixtureRequest, server: str, name: str
) -> None:
    url: str = request.getfixturevalue(f"{server}_url")
    row = ROWS[name]
    if row.first:
        ask(url, row.first)
    settings = load_settings(graph_url=url, graph_timeout=0.5 if name == "out of time" else 60)
    graph = Graph(settings.server("graph"), sessions=2)
    await graph.open()
    try:
        with pytest.raises(WaxlineError) as caught:
            async with graph.transaction() as transaction:
                await transaction.run(row.statement, **row.parameters)
    finally:
        await graph.close()
    assert type(caught.value) is row.taken_for, caught.value


async def test_of_two_that_wait_for_each_other_one_passes(neo4j_url: str) -> None:
    ask(neo4j_url, "CREATE (:X {id: 1}), (:X {id: 2})")
    graph = Graph(load_settings(graph_url=neo4j_url).server("graph"), sessions=2)
    await graph.open()
    try:
        ends = await deadlock(
            graph.transaction,
            lambda transaction, i: transaction.run("MATCH (x:X {id: $i}) SET x.v = 1", i=i),
        )
    finally:
        await graph.close()
    assert [type(end) for end in ends] == [TransientError]


OTHERS = (
    "SHOW TRANSACTIONS YIELD transactionId AS id, currentQuery "
    "WHERE NOT currentQuery STARTS WITH 'SHOW' RETURN id"
)


async def test_a_transaction_that_somebody_ends_passes(neo4j_url: str) -> None:
    graph = Graph(load_settings(graph_url=neo4j_url).server("graph"), sessions=2)
    await graph.open()

    async def write() -> None:
        async with graph.transaction() as transaction:
            await transaction.run("CREATE (:X)")
            for row in ask(neo4j_url, OTHERS):
                ask(neo4j_url, "TERMINATE TRANSACTION $id", id=row["id"])
            await transaction.run("CREATE (:X)")

    try:
        with pytest.raises(TransientError) as caught:
            await write()
    finally:
        await graph.close()
    assert type(caught.value) is TransientError


@dataclass(frozen=True)
class SetUp:
    """What stands in a graph before a loader opens it, and what is said of it then."""

    first: LiteralString
    told: str
    servers: tuple[str, ...] = ("bare_neo4j",)


SET_UPS = {
    "an index": SetUp("CREATE INDEX mine FOR (x:Artist) ON (x.id)", r"index \(:Artist \{id\}\)"),
    "an index with our name": SetUp(
        "CREATE INDEX artist_id FOR (x:Mine) ON (x.number)", "called 'artist_id'"
    ),
    "a constraint with our name": SetUp(
        "CREATE CONSTRAINT artist_id FOR (x:Mine) REQUIRE x.number IS UNIQUE",
        r"constraint artist_id on :Artist\(id\): another one has its name",
        ("bare_neo4j", "bare_arcadedb"),
    ),
    "nodes with one id": SetUp(
        "CREATE (:Artist {id: 1}), (:Artist {id: 1})",
        r"(`Artist` and property `id` = 1|several nodes :Artist with one id)",
        ("bare_neo4j", "bare_arcadedb"),
    ),
}
OPENINGS = [(server, name) for name, one in SET_UPS.items() for server in one.servers]


@pytest.mark.parametrize(("server", "name"), OPENINGS)
async def test_a_graph_that_is_not_ours_alone_is_told_at_its_opening(
    request: pytest.FixtureRequest, server: str, name: str
) -> None:
    url: str = request.getfixturevalue(f"{server}_url")
    ask(url, SET_UPS[name].first)
    sink = GraphSink(load_settings(graph_url=url).sink("neo4j"))
    with pytest.raises(ServerError, match=SET_UPS[name].told) as caught:
        await sink.open()
    await sink.close()
    assert type(caught.value) is ServerError
    assert "waxline needs a graph of its own" in str(caught.value)


async def test_a_run_ends_before_it_reads_anything(
    bare_arcadedb_url: str, valkey_url: str, tmp_path: Path
) -> None:
    ask(bare_arcadedb_url, SET_UPS["nodes with one id"].first)
    settings = {
        "WAXLINE_GRAPH_URL": bare_arcadedb_url,
        "WAXLINE_STORE_URL": f"{valkey_url}/0",
        "WAXLINE_BROKER_URL": f"{valkey_url}/1",
        "WAXLINE_SINKS": "neo4j",
        "WAXLINE_DATA_FOLDER": str(tmp_path / "data"),
    }
    dump = month(Plan(releases=5, seed=1), 1, tmp_path / "dumps")[0]
    async with running(tmp_path / "run.log", settings, "waxline", "run", str(dump)) as process:
        finished = await process.ended()
    assert finished.code == 4, finished.said
    assert "several nodes :Artist with one id" in finished.said
    store = open_store(load_settings(store_url=settings["WAXLINE_STORE_URL"]).server("store"))
    try:
        assert await store.progress() == []
    finally:
        await store.close()
