"""The graph sink when a value is refused, and when servers refuse, are silent or absent."""

import asyncio
import socket
from typing import Any

import pytest

from common.entities import Entity
from common.errors import ServerError, TerminalError, TransientError
from config.settings import load_settings
from loaders.neo4j import GraphSink
from tests.integration.graph.writing import DEADLINE, FULL, headers, opened, record
from tests.servers import graph_driver


@pytest.mark.parametrize(
    "data",
    [{"artists": [{"id": 2**70}]}, {"title": {"not": "text"}}, {"title": "\ud800"}],
    ids=["number", "map", "surrogate"],
)
async def test_a_value_the_graph_cannot_hold_is_terminal_and_leaves_nothing(
    sink: GraphSink, data: Any
) -> None:
    await sink.bookkeeping.advance(headers())
    with pytest.raises(TerminalError):
        await sink.content.write(headers(), [record(1, FULL), record(2, data)])
    assert await sink.content.held(Entity.RELEASE, [(0, 65_536)]) == []
    await sink.content.write(headers(), [record(1, FULL)])
    assert await sink.content.held(Entity.RELEASE, [(0, 65_536)]) == [1]


async def test_a_style_too_long_for_neo4j_s_index_is_terminal(neo4j_url: str) -> None:
    async with opened(neo4j_url) as sink:
        await sink.bookkeeping.advance(headers())
        with pytest.raises(TerminalError):
            await sink.content.write(headers(), [record(1, {"styles": ["é" * 20_000]})])


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
    sink = GraphSink(load_settings(graph_url=url).sink("neo4j"))
    with pytest.raises(ServerError) as caught:
        await sink.open()
    await sink.close()
    assert not isinstance(caught.value, TransientError)
    assert "canary" not in str(caught.value)


async def test_a_server_that_is_not_there_is_transient(unused_tcp_port: int) -> None:
    sink = GraphSink(
        load_settings(graph_url=f"bolt://a:b@127.0.0.1:{unused_tcp_port}/x").sink("neo4j")
    )
    with pytest.raises(TransientError):
        await sink.open()
    await sink.close()


async def test_a_server_that_never_answers_is_left_after_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"bolt://a:b@127.0.0.1:{silent.getsockname()[1]}/x"
        async with asyncio.timeout(DEADLINE):
            sink = GraphSink(load_settings(graph_url=url, connect_timeout=0.2).sink("neo4j"))
            with pytest.raises(TransientError):
                await sink.open()
            await sink.close()


async def test_a_write_past_its_deadline_is_transient_and_can_be_repeated(neo4j_url: str) -> None:
    lock = "MATCH (s:WaxlineRun {entity: 'release'}) SET s.touched = 0"
    async with opened(neo4j_url, graph_timeout=4) as sink:
        await sink.bookkeeping.advance(headers())
        with (
            graph_driver(neo4j_url) as driver,
            driver.session() as session,
            session.begin_transaction(timeout=DEADLINE) as holder,
        ):
            holder.run(lock).consume()
            with pytest.raises(TransientError):
                await sink.content.write(headers(), [record(1, FULL)])
        async with opened(neo4j_url) as patient:
            assert (await patient.content.write(headers(), [record(1, FULL)])).loaded == 1
        assert (await sink.content.write(headers(), [record(1, FULL)])).unchanged == 1
