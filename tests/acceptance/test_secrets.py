"""No password gets out: with all of them in files, and with failures of every kind."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from common.broker import open_broker
from common.entities import Entity
from common.messages import Headers, Kind, Message
from config.settings import load_settings
from generator import Plan
from tests.acceptance.everything import of_broker, of_files, of_graph, of_postgres, of_store
from tests.acceptance.material import month, rewritten
from tests.acceptance.place import CANARY, Place, appeared, assert_said, command_of, family
from tests.acceptance.rig import SINKS, Urls
from tests.isolation import execute

SERVERS = ("postgres", "graph", "store", "broker")
NONSENSE = Message(Headers(Kind.BATCH, Entity.MASTER, 1, 20260101, 1), b"{")

_REFUSE_LABELS = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'label %% is not liked', NEW.id USING ERRCODE = '22000'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON discogs.label FOR EACH ROW
    WHEN (NEW.id % 2 = 0) EXECUTE FUNCTION refuse()
""".replace("%%", "%")


@dataclass(frozen=True)
class Installation:
    """Servers whose passwords stand in a file each, and a place that knows only the files."""

    urls: Urls
    place: Place
    passwords: frozenset[str] = field(repr=False)

    def told(self, text: str) -> list[str]:
        """Return the passwords that a text has in it, as they are or as URLs have them."""
        forms = ((secret, quote(secret, safe="")) for secret in {CANARY, *self.passwords})
        return [secret for secret, coded in forms if secret in text or coded in text]


@pytest.fixture
def installation(installed_urls: Urls, tmp_path: Path) -> Installation:
    """The installed servers, and a small month."""
    settings = {
        "WAXLINE_DATA_FOLDER": str(tmp_path / "data"),
        "WAXLINE_PARSE_PROCESSES": "1",
        "WAXLINE_CONNECT_TIMEOUT": "2",
        "WAXLINE_RETRY_SECONDS": "2",
    }
    passwords = set()
    for name in SERVERS:
        url = urlsplit(getattr(installed_urls, name))
        assert url.password
        file = tmp_path / f"{name}.password"
        file.write_text(f"{url.password}\n", encoding="utf-8")
        bare = url._replace(netloc=url.netloc.replace(f":{url.password}@", "@"))
        settings[f"WAXLINE_{name.upper()}_URL"] = bare.geturl()
        settings[f"WAXLINE_{name.upper()}_PASSWORD_FILE"] = str(file)
        passwords.add(url.password)
    dumps = month(Plan(releases=30, seed=45), 1, tmp_path / "dumps")
    return Installation(installed_urls, Place(settings, dumps, tmp_path), frozenset(passwords))


async def test_no_password_gets_out(installation: Installation) -> None:
    place, urls = installation.place, installation.urls
    said = [text async for text in of_a_bad_month(installation)]
    said += [text async for text in of_looks(place)]
    said += [text async for text in of_servers_that_refuse(place)]
    left = [
        *of_files(place.folder / "data"),
        *of_store(urls.store),
        *await of_postgres(urls.postgres),
        *await of_graph(urls.graph),
        *await of_broker(urls.broker, SINKS),
    ]
    everything = "\n".join([*said, *left])
    # It has been looked at the right places, and what went wrong stands there.
    for words in ("this & that", "is not liked", "not JSON", "WaxlineRun", "waxline:progress"):
        assert words in everything, words
    assert installation.told(everything) == []


async def of_a_bad_month(installation: Installation) -> AsyncIterator[str]:
    """Load what is rejected, quarantined and a dead letter; yield command lines and words."""
    place = installation.place
    artists, labels, _, releases = place.dumps
    first = await place.run("waxline", "run", str(artists))
    assert first.code == 0, first.said
    await execute(installation.urls.postgres, _REFUSE_LABELS)
    await publish_nonsense(installation.urls.broker)
    poisoned = rewritten(releases, place.folder / "poisoned", _poison)
    async with place.running("waxline", "run", str(labels), str(poisoned)) as process:
        for module in ("extractor", "loaders"):
            await appeared(process, module)
        commands = [" ".join(command_of(one)) for one in family(process)]
        finished = await place.ended(process)
    assert finished.code == 0, finished.said
    for module in ("extractor", "loaders"):
        assert any(f" {module} " in command for command in commands), module
    for text in (first.said, finished.said, *commands):
        yield text


async def of_looks(place: Place) -> AsyncIterator[str]:
    """Yield what the commands say that look at all this."""
    listed = await place.run("waxline", "quarantine", "list")
    assert listed.code == 0, listed.said
    for words in ("rejected", "dead letter", "quarantine"):
        assert words in listed.said, listed.said
    yield listed.said
    key = listed.said.split("\n")[1].split()[0]
    for command in (("quarantine", "show", key), ("audit",), ("config",)):
        yield (await place.run("waxline", *command)).said


async def of_servers_that_refuse(place: Place) -> AsyncIterator[str]:
    """Yield what the programs say whose passwords are wrong."""
    wrong = place.folder / "wrong.password"
    wrong.write_text(CANARY, encoding="utf-8")
    for server, command in (("GRAPH", ("loaders", "neo4j")), ("BROKER", ("loaders", "postgres"))):
        changed = {f"WAXLINE_{server}_PASSWORD_FILE": str(wrong)}
        finished = await place.run(*command, **changed)
        assert_said(finished, 4, "refuses us")
        yield finished.said


async def publish_nonsense(url: str) -> None:
    """Send what no loader can read, to every sink."""
    settings = load_settings(broker_url=url)
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    try:
        await broker.declare(SINKS)
        await broker.publish(NONSENSE)
    finally:
        await broker.close()


def _poison(records: list[bytes]) -> list[bytes]:
    return [records[0].replace(b"<title>", b"<title>this & that ", 1), *records[1:]]
