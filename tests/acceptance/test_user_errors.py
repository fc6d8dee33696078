"""What a user can get wrong: one clear sentence, an exit code, and no password anywhere."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.settings import with_password
from tests.acceptance.material import month
from tests.acceptance.processes import Finished, running
from waxline.generator import Plan
from waxline.servers.state import free_port

CANARY = "canary-5w0rd"
HTML = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"


@dataclass(frozen=True)
class Place:
    """Servers that work, good dumps, and a folder to run in."""

    settings: dict[str, str]
    dumps: list[Path]
    folder: Path

    async def run(self, *command: str, **changes: str) -> Finished:
        """Run a command with some settings changed; an empty one is left out."""
        merged = {name: value for name, value in (self.settings | changes).items() if value}
        async with running(self.folder / "said.log", merged, *command) as process:
            finished = await process.ended()
        self._assert_discreet(finished, merged)
        return finished

    def _assert_discreet(self, finished: Finished, settings: Mapping[str, str]) -> None:
        urls = [urlsplit(value) for name, value in settings.items() if name.endswith("_URL")]
        secrets = {CANARY} | {url.password for url in urls if url.password}
        logs = (self.folder / "data").rglob("*.log")
        everything = finished.said + "".join(log.read_text(encoding="utf-8") for log in logs)
        assert not [secret for secret in secrets if secret in everything]


@pytest.fixture(scope="module")
def good_dumps(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small month."""
    return month(Plan(releases=40, seed=31), 1, tmp_path_factory.mktemp("dumps"))


@pytest.fixture
def place(postgres_url: str, valkey_url: str, good_dumps: list[Path], tmp_path: Path) -> Place:
    """One sink, so that a command that comes to its loader ends soon."""
    settings = {
        "WAXLINE_SINKS": "postgres",
        "WAXLINE_POSTGRES_URL": postgres_url,
        "WAXLINE_STORE_URL": f"{valkey_url}/0",
        "WAXLINE_BROKER_URL": f"{valkey_url}/1",
        "WAXLINE_DATA_FOLDER": str(tmp_path / "data"),
        "WAXLINE_PARSE_PROCESSES": "1",
        "WAXLINE_CONNECT_TIMEOUT": "2",
        "WAXLINE_RETRY_SECONDS": "1",
    }
    return Place(settings, good_dumps, tmp_path)


def assert_said(finished: Finished, code: int, *words: str) -> None:
    """Check the exit code, and that one sentence, and no traceback, says all of this."""
    assert "Traceback" not in finished.said, finished.said
    assert len(finished.sentences) == 1, finished.said
    for word in words:
        assert word in finished.sentences[0]
    assert finished.code == code


# Dumps

Spoil = Callable[[Place], list[Path]]


def written(place: Place, content: bytes, name: str = "discogs_20260101_releases.xml.gz") -> Path:
    path = place.folder / name
    path.write_bytes(content)
    return path


def _cut_short(place: Place) -> list[Path]:
    return [written(place, place.dumps[3].read_bytes()[:-500])]


def _of_another_entity(place: Place) -> list[Path]:
    return [written(place, place.dumps[2].read_bytes())]


def _a_page(place: Place) -> list[Path]:
    return [written(place, HTML)]


def _a_zipped_page(place: Place) -> list[Path]:
    return [written(place, gzip.compress(HTML))]


def _not_the_checksums(place: Place) -> list[Path]:
    path = written(place, place.dumps[3].read_bytes())
    written(place, f"{'0' * 64} {path.name}\n".encode(), "discogs_20260101_CHECKSUM.txt")
    return [path]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_cut_short, ["cut short"]),
        (_of_another_entity, ["masters"]),
        (_a_page, ["DOCTYPE"]),
        (_a_zipped_page, ["DOCTYPE"]),
        (_not_the_checksums, ["SHA-256", "CHECKSUM"]),
        (lambda place: [written(place, b"")], ["empty"]),
    ],
    ids=["cut short", "another entity", "page", "zipped page", "checksum", "empty"],
)
async def test_a_dump_that_is_none(place: Place, spoil: Spoil, words: list[str]) -> None:
    paths = spoil(place)
    finished = await place.run("extractor", *map(str, paths))
    assert_said(finished, 3, str(paths[0]), *words)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda place: [place.folder / "discogs_20260101_labels.xml"], ["no such file"]),
        (lambda place: [place.folder], ["directory"]),
        (lambda place: [written(place, b"", "dump.xml.gz")], ["artists, labels, masters"]),
        (lambda place: [written(place, b"", "releases.xml.gz")], ["--date"]),
        (lambda place: [place.dumps[0], written(place, b"", "artists")], ["date"]),
        (lambda place: [place.dumps[0], place.dumps[0]], ["two files of artists"]),
    ],
    ids=["absent", "directory", "no entity", "no date", "one without a date", "two of a kind"],
)
async def test_files_named_wrongly_are_told_before_anything_starts(
    place: Place, make: Spoil, words: list[str]
) -> None:
    finished = await place.run("waxline", "run", *map(str, make(place)))
    assert_said(finished, 3, *words)
    assert not (place.folder / "data").exists()


# Servers


def closed(url: str) -> str:
    """Return the URL with a port where nobody listens, and the canary as its password."""
    port = urlsplit(url).port
    return with_password(url, CANARY).replace(f":{port}", f":{free_port()}")


def misspelt(url: str) -> str:
    """Return the URL with another password."""
    return with_password(url, CANARY)


@pytest.mark.parametrize("change", [closed, misspelt])
@pytest.mark.parametrize(
    ("server", "command"),
    [
        ("POSTGRES", ("loaders", "postgres")),
        ("BROKER", ("loaders", "postgres")),
        ("STORE", ("waxline", "run")),
        ("BROKER", ("waxline", "run")),
        ("POSTGRES", ("waxline", "run")),
    ],
)
async def test_a_server_that_cannot_be_used(
    place: Place, server: str, command: tuple[str, ...], change: Callable[[str], str]
) -> None:
    name = f"WAXLINE_{server}_URL"
    url = change(place.settings[name])
    dumps = map(str, place.dumps) if "run" in command else ()
    finished = await place.run(*command, *dumps, **{name: url})
    assert_said(finished, 4, f"127.0.0.1:{urlsplit(url).port}")


@pytest.mark.parametrize("change", [closed, misspelt])
async def test_a_graph_that_cannot_be_used(
    place: Place, arcadedb_url: str, change: Callable[[str], str]
) -> None:
    url = change(arcadedb_url)
    finished = await place.run("loaders", "neo4j", WAXLINE_GRAPH_URL=url)
    assert_said(finished, 4, f"127.0.0.1:{urlsplit(url).port}")


@pytest.mark.parametrize(
    ("server", "scheme", "command"),
    [
        ("POSTGRES", "postgresql", ("loaders", "postgres")),
        ("GRAPH", "bolt", ("loaders", "neo4j")),
        ("BROKER", "amqp", ("loaders", "postgres")),
    ],
)
async def test_a_port_where_another_server_listens(
    place: Place, valkey_url: str, server: str, scheme: str, command: tuple[str, ...]
) -> None:
    port = urlsplit(valkey_url).port
    url = f"{scheme}://waxline:{CANARY}@127.0.0.1:{port}/waxline"
    finished = await place.run(*command, **{f"WAXLINE_{server}_URL": url})
    assert_said(finished, 4, f"127.0.0.1:{port}")


# Settings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"WAXLINE_PUBLISH_WINDOW": "many"}, ["WAXLINE_PUBLISH_WINDOW", "integer"]),
        ({"WAXLINE_SINKS": "mysql"}, ["WAXLINE_SINKS", "'postgres' or 'neo4j'"]),
        ({"WAXLINE_POSTGRES_ULR": CANARY}, ["WAXLINE_POSTGRES_ULR", "WAXLINE_POSTGRES_URL"]),
        ({"WAXLINE_STORE_URL": f"http://:{CANARY}@h"}, ["WAXLINE_STORE_URL", "redis://"]),
        ({"WAXLINE_BROKER_URL": f"amqp://u:{CANARY}/x@h"}, ["WAXLINE_BROKER_URL", "encode"]),
        ({"WAXLINE_CONFIG": "nowhere.toml"}, ["WAXLINE_CONFIG", "nowhere.toml"]),
        ({"WAXLINE_STORE_PASSWORD_FILE": "nowhere"}, ["WAXLINE_STORE_PASSWORD_FILE", "nowhere"]),
        ({"WAXLINE_BROKER_URL": ""}, ["WAXLINE_BROKER_URL", "waxline config"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_setting_that_is_wrong(
    place: Place, changes: dict[str, str], words: list[str]
) -> None:
    finished = await place.run("extractor", str(place.dumps[0]), **changes)
    assert_said(finished, 2, *words)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("publish_window = ", ["waxline.toml", "line 1"]),
        ("publish_widow = 3", ["publish_widow in waxline.toml", "no such setting"]),
        ("publish_window = 0", ["publish_window in waxline.toml", "greater than or equal to 1"]),
    ],
)
async def test_a_settings_file_that_is_wrong(place: Place, toml: str, words: list[str]) -> None:
    (place.folder / "waxline.toml").write_text(toml, encoding="utf-8")
    assert_said(await place.run("waxline", "config"), 2, *words)


@pytest.mark.parametrize(("command", "code"), [(("load", "postgres"), 2), (("servers", "urls"), 4)])
async def test_servers_that_do_not_run(place: Place, command: tuple[str, ...], code: int) -> None:
    finished = await place.run("waxline", *command, WAXLINE_POSTGRES_URL="")
    assert_said(finished, code, "waxline servers start", str(place.folder / "data"))


async def test_a_data_folder_that_is_a_file(place: Place) -> None:
    written(place, b"", "data")
    finished = await place.run("waxline", "run", str(place.dumps[0]))
    assert_said(finished, 1, str(place.folder / "data"))
