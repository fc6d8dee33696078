"""``waxline cache`` on real servers: it tells what works, and touches nothing but ours."""

from collections.abc import Sequence

import pytest
import redis

from common.cache import open_values
from common.cache.catalogue import CatalogueCache
from common.cache.compression import Codec
from common.cache.keys import DerivedPlace, Keys, Kind, RecordPlace
from common.cache.manager import CacheManager
from common.cache.statistics import Hits
from common.entities import Entity
from common.errors import ServerError, SettingsError
from config.settings import load_settings
from tests.contract.caches import PATIENCE, cache_at
from tests.peer import peer
from waxline.__main__ import make_parser
from waxline.cache.commands import NO_SHARES, act
from waxline.cache.operations import OPERATIONS
from waxline.console import make_console


@pytest.fixture
def cache_url(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty server of the cache, which the settings name."""
    monkeypatch.setenv("WAXLINE_CACHE_URL", valkey_url)
    return valkey_url


async def said(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Do what the command does; return the lines that it printed."""
    line = ["cache", *words]
    await act(make_parser(line).parse_args(line), load_settings(), make_console())
    return capsys.readouterr().out.splitlines()


def cell(lines: Sequence[str], operation: str) -> list[str]:
    """Return the cells of an operation's line."""
    (line,) = [one for one in lines if one.startswith(f"{operation}  ")]
    return line.removeprefix(operation).split()


async def test_every_operation_is_tried_and_leaves_nothing(
    cache_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = await said(capsys, "check")
    for operation in ("connect", *OPERATIONS, "clean up"):
        numbers = cell(lines, operation)
        assert numbers[1::2] == ["ms", "ms"], operation
    assert any(line.startswith("cache: Valkey 9") for line in lines)
    assert any("let it evict" in line for line in lines)  # as our Valkey does not
    assert any("WAXLINE_STORE_URL is not set" in line for line in lines)
    with redis.Redis.from_url(cache_url, socket_timeout=PATIENCE) as client:
        assert client.dbsize() == 0


async def test_a_server_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], valkey_url: str
) -> None:
    monkeypatch.setenv("WAXLINE_CACHE_URL", "redis://:canary@127.0.0.1:1/0")
    monkeypatch.setenv("WAXLINE_STORE_URL", valkey_url)
    with pytest.raises(ServerError, match="1 operation failed") as caught:
        await said(capsys, "check")
    assert caught.value.exit_code == 4
    lines = capsys.readouterr().out.splitlines()
    assert cell(lines, "connect")[0] == "fails"
    assert cell(lines, "guarded fill")[0] == "-"
    assert any(line.startswith("cache, connect: the cache at redis://:***@") for line in lines)
    assert "canary" not in "".join(lines)


async def test_an_operation_that_the_server_does_not_know_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = b"-ERR unknown command 'EVALSHA'\r\n"
    counts = {name: [b":1\r\n"] for name in ("EXISTS", "UNLINK", "PEXPIRE", "PTTL")}
    others = {
        "GET": [b"$-1\r\n"],
        "MGET": [b"*2\r\n$-1\r\n$-1\r\n"],
        "SCAN": [b"*2\r\n:0\r\n*0\r\n"],
    }
    async with peer(EVALSHA=[unknown], **counts, **others) as server:
        monkeypatch.setenv("WAXLINE_CACHE_URL", server.url)
        with pytest.raises(ServerError):
            await said(capsys, "check")
    lines = capsys.readouterr().out.splitlines()
    assert cell(lines, "connect")[1] == "ms"
    for operation in ("incr", "lock, with fence", "guarded fill"):
        assert cell(lines, operation)[0] == "fails"
    assert any("lock, with fence: the cache" in line and "EVALSHA" in line for line in lines)


async def test_what_is_held_and_how_often_it_was_hit_is_told(
    cache_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await said(capsys, "stats"))[1:] == ["", "Nothing is cached.", "", NO_SHARES]
    await fill(cache_url)
    lines = await said(capsys, "stats")
    assert ["record", "2"] in map(str.split, lines)
    assert ["search", "1"] in map(str.split, lines)
    assert ["cache", "record", "2", "1", "50.0%"] in map(str.split, lines)
    assert not any("tombstone" in line for line in lines)


async def fill(url: str) -> None:
    values, hits = open_values(cache_at(url)), Hits()
    answers = CatalogueCache(values, "12345678-9", Codec(None), hits)
    answers.follow(Entity.RELEASE, 1)
    for number in (1, 2):
        await answers.fill(RecordPlace(Entity.RELEASE, number, "v1"), b"1", 1)
    for number in (1, 3):
        await answers.get(RecordPlace(Entity.RELEASE, number, "v1"))
    await answers.fill(DerivedPlace(Kind.SEARCH, "g", "d"), b"1", 1)
    await values.set("mine", b"1", 60)
    await values.set(Keys("waxline").of(Kind.SESSION, "ann"), b"1", 60)
    manager = CacheManager({"cache": values}, Keys("waxline"), hits, published_in="cache")
    await manager.publish()
    await values.close()


@pytest.mark.parametrize(
    ("words", "deleted"),
    [
        ([], "4 keys deleted."),
        (["--kind", "record"], "2 keys deleted."),
        (["--kind", "search"], "1 key deleted."),
        (["--pattern", "d:release:1:*"], "1 key deleted."),
        (["--pattern", "mine"], "0 keys deleted."),
    ],
)
async def test_only_answers_are_cleared(
    cache_url: str, capsys: pytest.CaptureFixture[str], words: list[str], deleted: str
) -> None:
    await fill(cache_url)
    assert await said(capsys, "clear", *words) == [deleted]
    with redis.Redis.from_url(cache_url, socket_timeout=PATIENCE) as client:
        assert client.exists("mine", "waxline:session:ann") == 2


async def test_without_a_server_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("stats", "clear"):
        with pytest.raises(SettingsError, match="WAXLINE_CACHE_URL is not set"):
            await said(capsys, action)
    lines = await said(capsys, "check")
    assert sum("is not set" in line for line in lines) == 2
