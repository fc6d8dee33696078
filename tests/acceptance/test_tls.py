"""TLS to every server, by certificates of a throw-away authority: checked, and end to end."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from common.broker import open_broker
from common.entities import Entity
from common.errors import ServerError, TransientError
from common.messages import Headers, Kind, Message
from common.postgres.database import Database
from common.store import open_store
from config.settings import Settings, load_settings
from generator import Plan
from loaders.neo4j.connection import Graph
from tests.acceptance.material import month
from tests.acceptance.place import Place, assert_said
from tests.certificates import (
    CERTIFIED,
    Certificates,
    SecureNeo4j,
    SecurePostgres,
    SecureRabbitMQ,
    SecureRedis,
)
from tests.oracle import Load, after, compare_graph, compare_postgres
from tests.servers import started
from waxline.servers.state import HOST

DEADLINE = 20.0
MESSAGE = Message(Headers(Kind.BATCH, Entity.ARTIST, 7, 20260101, 1), b"[]")

Use = Callable[[Settings], Awaitable[None]]

# One loop for all: a driver that closes does not wait for the server's half of TLS's good-bye.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority that has signed nothing."""
    certificates = Certificates(tmp_path_factory.mktemp("stranger"))
    certificates.make()
    return certificates.authority


@pytest.fixture(scope="module")
def servers(
    rabbitmq_server: SecureRabbitMQ,
    neo4j_server: SecureNeo4j,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    """URLs that ask for TLS, by setting, and the file of the authorities."""
    folder = tmp_path_factory.mktemp("secure")
    with (
        started(SecurePostgres("postgres", folder)) as postgres,
        started(SecureRedis("redis", folder)) as cache,
    ):
        signed = (rabbitmq_server, neo4j_server, postgres, cache)
        together = folder / "authorities.crt"
        together.write_bytes(b"".join(s.certificates.authority.read_bytes() for s in signed))
        amqp, bolt = map(urlsplit, filter(None, (rabbitmq_server.url(), neo4j_server.url())))
        yield {
            "authority": str(together),
            "postgres_url": postgres.url() or "",
            "store_url": cache.url() or "",
            "graph_url": f"bolt+s://neo4j:{bolt.password}@{CERTIFIED}:{bolt.port}{bolt.path}",
            "broker_url": f"amqps://{amqp.username}:{amqp.password}"
            f"@{CERTIFIED}:{rabbitmq_server.tls_port}/",
        }


async def use_store(settings: Settings) -> None:
    store = open_store(settings.server("store"))
    try:
        await store.check()  # as programs do at their start; later all that fails is passing
        await store.put_fingerprints(Entity.ARTIST, {})
        await store.reports()
    finally:
        await store.close()


async def use_broker(settings: Settings) -> None:
    """Have a message published and consumed."""
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    try:
        await broker.declare(["postgres"])
        await broker.publish(MESSAGE)
        subscription = await broker.subscribe("postgres", Entity.ARTIST, prefetch=1)
        delivery = await subscription.receive(DEADLINE)
        assert delivery is not None
        await subscription.ack([delivery])
    finally:
        await broker.close()


async def use_postgres(settings: Settings) -> None:
    database = Database(settings.server("postgres"), sessions=1)
    try:
        await database.open()
        async with database.session() as session:
            query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            assert await session.fetchval(query)
    finally:
        await database.close()


async def use_graph(settings: Settings) -> None:
    graph = Graph(settings.server("graph"), sessions=1)
    try:
        await graph.open()
        assert await graph.read("RETURN 1 AS one") == [{"one": 1}]
    finally:
        await graph.close()


def plainly(name: str) -> Callable[[Mapping[str, str]], str]:
    return lambda servers: servers[name]


def as_broker(servers: Mapping[str, str]) -> str:
    return servers["store_url"].removesuffix("/0") + "/1"


def routed(servers: Mapping[str, str]) -> str:
    return servers["graph_url"].replace("bolt+s", "neo4j+s")


USES = [
    pytest.param(use_store, "store_url", plainly("store_url"), id="store"),
    pytest.param(use_broker, "broker_url", plainly("broker_url"), id="rabbitmq"),
    pytest.param(use_broker, "broker_url", as_broker, id="streams"),
    pytest.param(use_postgres, "postgres_url", plainly("postgres_url"), id="postgres"),
    pytest.param(use_graph, "graph_url", plainly("graph_url"), id="bolt"),
    pytest.param(use_graph, "graph_url", routed, id="neo4j"),
]


@pytest.mark.parametrize(("use", "name", "made"), USES)
async def test_a_server_of_this_authority_is_used(
    servers: dict[str, str], use: Use, name: str, made: Callable[..., str]
) -> None:
    await use(load_settings(**{name: made(servers), "ca_file": servers["authority"]}))


@pytest.mark.parametrize(("use", "name", "made"), USES)
@pytest.mark.parametrize("case", ["another authority", "no authority", "another name"])
async def test_a_certificate_that_is_not_right_is_refused(
    servers: dict[str, str],
    stranger: Path,
    use: Use,
    name: str,
    made: Callable[..., str],
    case: str,
) -> None:
    url = made(servers)
    ca_file: str | None = servers["authority"]
    if case == "another name":
        url = url.replace(CERTIFIED, HOST)
    else:
        ca_file = str(stranger) if case == "another authority" else None
    with pytest.raises(ServerError, match="certificate") as caught:
        await use(load_settings(**{name: url, "ca_file": ca_file}))
    sentence = str(caught.value)
    # Not for the loop to repeat: time does not mend a certificate.
    assert not isinstance(caught.value, TransientError)
    assert "\n" not in sentence
    assert str(urlsplit(url).password) not in sentence
    assert f"{urlsplit(url).hostname}:{urlsplit(url).port}" in sentence
    assert ("not valid for" in sentence) == (case == "another name")


async def test_a_server_without_tls_is_not_used_instead(
    servers: dict[str, str], valkey_url: str
) -> None:
    """A URL that asks for TLS never falls back."""
    plain = valkey_url.replace("redis://", "rediss://").replace(HOST, CERTIFIED)
    settings = load_settings(store_url=plain, ca_file=servers["authority"], store_timeout=1)
    with pytest.raises(ServerError, match="does not answer"):
        await use_store(settings)


@pytest.fixture
def place(servers: dict[str, str], neo4j_url: str, tmp_path: Path) -> Place:
    """The installed servers by TLS, and a small month."""
    assert neo4j_url  # it is empty now
    dumps = month(Plan(releases=40, seed=44), 1, tmp_path / "dumps")
    settings = {f"WAXLINE_{name.upper()}": url for name, url in servers.items() if "url" in name}
    own = {
        "WAXLINE_CA_FILE": servers["authority"],
        "WAXLINE_DATA_FOLDER": str(tmp_path / "data"),
        "WAXLINE_PARSE_PROCESSES": "1",
    }
    return Place(settings | own, dumps, tmp_path)


async def test_a_run_by_tls_alone(place: Place, servers: dict[str, str], neo4j_url: str) -> None:
    finished = await place.run("waxline", "run", *map(str, place.dumps))
    assert finished.code == 0, finished.said
    assert "Every sink equals the dumps." in finished.said
    truth = after(*map(Load, place.dumps))
    root = f"&sslrootcert={servers['authority']}"
    assert not await compare_postgres(servers["postgres_url"] + root, truth)
    assert not await compare_graph(neo4j_url, truth)
    with redis.Redis.from_url(
        servers["store_url"], ssl_ca_certs=servers["authority"], socket_timeout=DEADLINE
    ) as store:
        assert list(store.scan_iter("waxline:fingerprints:release:*"))


async def test_a_program_says_whose_certificate_it_refuses(place: Place, stranger: Path) -> None:
    url = place.settings["WAXLINE_POSTGRES_URL"]
    finished = await place.run("loaders", "postgres", WAXLINE_CA_FILE=str(stranger))
    assert_said(finished, 4, f"{CERTIFIED}:", "its certificate is refused")
    wrong = url.replace(CERTIFIED, HOST)
    finished = await place.run("loaders", "postgres", WAXLINE_POSTGRES_URL=wrong)
    assert_said(finished, 4, f"{HOST}:{urlsplit(url).port}", "not valid for '127.0.0.1'")


async def test_every_program_refuses_the_store_for_its_certificate(place: Place) -> None:
    """It is told at the start: later the store is a hint, and all that is wrong with it passing."""
    url = place.settings["WAXLINE_STORE_URL"]
    wrong = url.replace(CERTIFIED, HOST)
    dump = str(place.dumps[0])
    for command in (("loaders", "postgres"), ("extractor", dump), ("waxline", "run", dump)):
        finished = await place.run(*command, WAXLINE_STORE_URL=wrong)
        assert_said(finished, 4, f"{HOST}:{urlsplit(url).port}", "not valid for '127.0.0.1'")
