"""What a user can get wrong: one clear sentence, an exit code, and no password anywhere."""

import gzip
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.servers import with_password
from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import CANARY, Place, assert_said, place_on
from tests.isolation import execute
from tests.oracle import Load, after, compare_postgres
from waxline.servers.state import free_port

HTML = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"


@pytest.fixture(scope="module")
def good_dumps(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small month."""
    return month(Plan(releases=40, seed=31), 1, tmp_path_factory.mktemp("dumps"))


@pytest.fixture
def place(postgres_url: str, valkey_url: str, good_dumps: list[Path], tmp_path: Path) -> Place:
    """Servers that work, and good dumps."""
    return place_on(postgres_url, valkey_url, good_dumps, tmp_path)


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
        (_not_the_checksums, ["SHA-256", "CHECKSUM"]),
    ],
    ids=["cut short", "another entity", "page", "checksum"],
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
        (lambda place: [place.dumps[0], written(place, b"", "labels.xml")], ["--date"]),
    ],
    ids=["absent", "directory", "no date"],
)
async def test_files_named_wrongly_are_told_before_anything_starts(
    place: Place, make: Spoil, words: list[str]
) -> None:
    finished = await place.run("waxline", "run", *map(str, make(place)))
    assert_said(finished, 3, *words)
    assert not (place.folder / "data").exists()


async def test_what_was_loaded_before_a_bad_dump_stays(place: Place) -> None:
    loaded = await place.run("waxline", "run", *map(str, place.dumps))
    assert loaded.code == 0, loaded.said
    assert "Every sink equals the dumps." in loaded.said
    again = await place.run("waxline", "run", *map(str, place.dumps))
    assert again.code == 0, again.said
    assert "Every sink equals the dumps; nothing had changed." in again.said

    (bad,) = _cut_short(place)
    finished = await place.run("waxline", "run", str(place.dumps[0]), str(bad))
    assert_said(finished, 3, f"extractor: {bad}", "cut short")
    truth = after(*map(Load, place.dumps))
    assert not await compare_postgres(place.settings["WAXLINE_POSTGRES_URL"], truth)


# Servers


def closed(url: str) -> str:
    """Return the URL with a port where nobody listens, and the canary as its password."""
    port = urlsplit(url).port
    return with_password(url, CANARY).replace(f":{port}", f":{free_port()}")


def misspelt(url: str) -> str:
    """Return the URL with another password."""
    return with_password(url, CANARY)


@pytest.mark.parametrize(
    ("server", "change", "command"),
    [
        ("STORE", closed, ("waxline", "run")),
        ("STORE", misspelt, ("extractor",)),
        ("BROKER", closed, ("extractor",)),
        ("BROKER", misspelt, ("loaders", "postgres")),
        ("POSTGRES", closed, ("loaders", "postgres")),
        ("POSTGRES", misspelt, ("waxline", "run")),
    ],
)
async def test_a_server_that_cannot_be_used(
    place: Place, server: str, change: Callable[[str], str], command: tuple[str, ...]
) -> None:
    name = f"WAXLINE_{server}_URL"
    url = change(place.settings[name])
    dumps = () if "loaders" in command else map(str, place.dumps)
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


async def test_a_database_that_cannot_hold_the_catalogue_is_told_before_anything_is_read(
    place: Place,
) -> None:
    url = place.settings["WAXLINE_POSTGRES_URL"]
    await execute(
        url, f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on"
    )
    finished = await place.run("waxline", "run", *map(str, place.dumps))
    assert_said(finished, 4, "loader-postgres", "default_transaction_read_only")
    logs = (place.folder / "data" / "logs").glob("extractor.log")
    assert not [log for log in logs if "reading_begins" in log.read_text(encoding="utf-8")]


# Settings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"WAXLINE_PUBLISH_WINDOW": "many"}, ["WAXLINE_PUBLISH_WINDOW", "integer"]),
        ({"WAXLINE_POSTGRES_ULR": CANARY}, ["WAXLINE_POSTGRES_ULR", "WAXLINE_POSTGRES_URL"]),
        ({"WAXLINE_STORE_PASSWORD_FILE": "nowhere"}, ["WAXLINE_STORE_PASSWORD_FILE", "nowhere"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_setting_that_is_wrong(
    place: Place, changes: dict[str, str], words: list[str]
) -> None:
    finished = await place.run("extractor", str(place.dumps[0]), **changes)
    assert_said(finished, 2, *words)


async def test_a_settings_file_that_is_wrong(place: Place) -> None:
    (place.folder / "waxline.toml").write_text("publish_widow = 3", encoding="utf-8")
    finished = await place.run("waxline", "config")
    assert_said(finished, 2, "publish_widow in waxline.toml", "no such setting")


@pytest.mark.parametrize(("command", "code"), [(("load", "postgres"), 2), (("servers", "urls"), 4)])
async def test_servers_that_do_not_run(place: Place, command: tuple[str, ...], code: int) -> None:
    finished = await place.run("waxline", *command, WAXLINE_POSTGRES_URL="")
    assert_said(finished, code, "waxline servers start", str(place.folder / "data"))


async def test_a_data_folder_that_is_a_file(place: Place) -> None:
    written(place, b"", "data")
    finished = await place.run("waxline", "run", str(place.dumps[0]))
    assert_said(finished, 1, str(place.folder / "data"))
