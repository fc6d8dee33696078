"""Every command and every query in README and docs does what the page says."""

import tomllib
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from config.settings import Settings
from tests.acceptance.documents import LANGUAGES, Block, Command, blocks, commands, documents
from tests.acceptance.following import Reader
from tests.isolation import wipe_graph
from tests.servers import REPOSITORY, Neo4j, graph_driver

RELEASES = 600
DEADLINE = 30.0
QUICK_START = "docs/quick-start.md"
STOP = "waxline servers stop"

DOCUMENTS = [str(path.relative_to(REPOSITORY)) for path in documents()]
LONG = {"docs/operating.md": pytest.mark.long}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody who has followed the quick start: its catalogue is loaded, its servers run."""
    reader = Reader(tmp_path_factory.mktemp("reader"), RELEASES)
    followed = commands(QUICK_START)
    assert followed[-1].text == STOP
    try:
        reader.follow(followed[:-1])
        yield reader
    finally:
        reader.run(followed[-1])
        # Those of `make run`, which are left up.
        reader.run(Command("test", f"WAXLINE_DATA_FOLDER=../checkout/.waxline {STOP}"))


@pytest.fixture(scope="module")
def urls(reader: Reader) -> dict[str, str]:
    """The URLs of the reader's servers, by the names of their settings."""
    lines = reader.run(Command("test", "waxline servers urls")).splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def neo4j_copy(reader: Reader, neo4j_server: Neo4j) -> str:
    """URL of a Neo4j that holds the same catalogue as the reader's graph."""
    url = neo4j_server.url()
    assert url is not None
    wipe_graph(url)
    settings = f"WAXLINE_GRAPH_URL={url} WAXLINE_SINKS=neo4j WAXLINE_DATA_FOLDER=copy"
    reader.run(Command("test", f"{settings} waxline run dumps/discogs_20260201_*.xml.gz"))
    return url


@pytest.fixture
async def connection(urls: dict[str, str]) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to the reader's PostgreSQL."""
    url = urls["WAXLINE_POSTGRES_URL"]
    connection = await asyncpg.connect(url, timeout=DEADLINE, command_timeout=DEADLINE)
    yield connection
    await connection.close(timeout=DEADLINE)


def test_every_block_says_what_it_is() -> None:
    assert blocks()
    assert [str(block) for block in blocks() if block.language not in LANGUAGES] == []


def test_every_command_is_run_or_left_out_for_a_reason() -> None:
    found = [command for document in DOCUMENTS for command in commands(document)]
    assert any(command.run for command in found)
    silent = [c for c in found if not (c.run or c.started or c.left_out)]
    assert [f"{command.where}: {command.text}" for command in silent] == []


@pytest.mark.parametrize(
    "document",
    [pytest.param(name, marks=LONG.get(name, ())) for name in DOCUMENTS if name != QUICK_START],
)
def test_the_commands_of_a_document_run(reader: Reader, document: str) -> None:
    reader.follow(commands(document))


def test_what_a_run_prints_at_its_end_can_be_pasted(reader: Reader) -> None:
    said = reader.run(Command("test", "waxline run dumps/discogs_20260201_*.xml.gz"))
    lines = said.partition("\n# PostgreSQL:\n")[2].partition("\nThe servers in ")[0]
    answers = reader.run(Command("test", f"set -e\n{lines}"))
    for words in ("Electronic |", "The Glecapoboss 2", "Every sink equals its last run."):
        assert words in answers


def test_a_query_by_psql_needs_no_schema(reader: Reader) -> None:
    psql = 'psql "$(waxline servers urls postgres)" --command "TABLE release_genre LIMIT 1"'
    assert "(1 row)" in reader.run(Command("test", psql))


@pytest.mark.parametrize("block", blocks("sql"), ids=str)
async def test_a_query_finds_something_by_the_indexes_it_names(
    connection: "asyncpg.Connection[asyncpg.Record]", block: Block
) -> None:
    assert await connection.fetch(block.text)
    # So small a catalogue is read whole otherwise.
    await connection.execute("SET enable_seqscan = off")
    plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {block.text}"))
    assert [name for name in block.indexes if f" {name}" not in plan] == [], plan


@pytest.mark.parametrize("server", ["arcadedb", pytest.param("neo4j", marks=pytest.mark.long)])
@pytest.mark.parametrize("block", blocks("cypher"), ids=str)
def test_a_query_of_the_graph_finds_something(
    request: pytest.FixtureRequest, urls: dict[str, str], block: Block, server: str
) -> None:
    url = urls["WAXLINE_GRAPH_URL"]
    if server == "neo4j":
        url = request.getfixturevalue("neo4j_copy")
    with graph_driver(url) as driver:
        found = driver.execute_query(block.text, database_=urlsplit(url).path.lstrip("/"))
    assert found.records


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_a_settings_file_is_valid(block: Block) -> None:
    given = tomllib.loads(block.text)
    assert given
    assert Settings(**given).model_fields_set >= given.keys()
