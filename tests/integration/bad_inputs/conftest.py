"""One bench for all bad inputs."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.bad_inputs.bench import Bench, Urls, benched
from tests.isolation import empty_graph, execute, url_of
from waxline.servers.server import Server

DATABASE = "bad_inputs"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(
    postgres_server: Server,
    neo4j_server: Server,
    valkey_server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Bench]:
    """The extractor, the broker and both sinks, on real servers, with good records loaded."""
    shared, graph, valkey = map(url_of, (postgres_server, neo4j_server, valkey_server))
    empty_graph(graph)
    await execute(shared, f"CREATE DATABASE {DATABASE}")
    urls = Urls(f"{shared.rpartition('/')[0]}/{DATABASE}", graph, valkey.rpartition("/")[0])
    async with benched(urls, tmp_path_factory.mktemp("bad")) as found:
        yield found
    await execute(shared, f"DROP DATABASE {DATABASE} WITH (FORCE)")
