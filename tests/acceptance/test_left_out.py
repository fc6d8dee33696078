"""What is in a dump and not in a sink: listed, shown, and loaded after a fix."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import tenacity

from common.broker import Broker, open_broker
from common.entities import Entity
from common.messages import Headers, Kind, Message
from common.reports import State
from config.settings import Settings, load_settings
from config.sinks import SinkName
from generator import Plan
from tests.acceptance.material import month, rewritten
from tests.acceptance.processes import running
from tests.acceptance.rig import SINKS, Rig
from tests.isolation import execute
from tests.oracle import Load, after
from tests.oracle.postgres import DEADLINE
from waxline.quarantine.commands import holders_of
from waxline.quarantine.gathering import Holders, gather
from waxline.quarantine.replaying import put_back as put_letters_back
from waxline.quarantine.showing import lines, raw_of

PLAN = Plan(releases=30, seed=51, changed=0.3)
RELEASE, LABEL = Entity.RELEASE, Entity.LABEL
POISONED = 10
SHOW = ("quarantine", "show")
KEY = re.compile(r"^([0-9a-f]{16})  ", re.MULTILINE)

_REFUSE_LABEL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'label %% is not liked', NEW.id USING ERRCODE = '22000'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON discogs.label FOR EACH ROW
    WHEN (NEW.id = %d) EXECUTE FUNCTION refuse()
"""


async def waxline(rig: Rig, *words: str, code: int = 0, **changes: str) -> str:
    """Run a command; return what it said."""
    settings = rig.settings | changes
    async with running(rig.log("waxline"), settings, "waxline", *words) as process:
        finished = await process.ended()
    assert finished.code == code, finished.said
    return finished.said


def settings_of(rig: Rig) -> Settings:
    named = {name.removeprefix("WAXLINE_").lower(): value for name, value in rig.settings.items()}
    return load_settings(**named)


def holders(rig: Rig, *sinks: SinkName) -> Holders:
    settings = settings_of(rig)
    return holders_of(settings, sinks or settings.sinks)


async def left_out(rig: Rig, *sinks: SinkName, settled: bool = False) -> tuple[list[str], str]:
    """Return the keys of what `quarantine list` lists, and its lines."""
    found = await gather(holders(rig, *sinks))
    assert not found.troubles
    items = [item for item in found.items if settled or not item.settled]
    return [item.key for item in items], "\n".join(lines(items))


@asynccontextmanager
async def broker_of(rig: Rig) -> AsyncIterator[Broker]:
    settings = settings_of(rig)
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    try:
        yield broker
    finally:
        await broker.close()


async def test_records_that_cannot_be_read_or_written(embedded: Rig, tmp_path: Path) -> None:
    _, labels, _, clean = month(PLAN, 1, tmp_path / "dumps")
    whole = after(Load(labels), Load(clean))
    refused, spoilt = next(iter(whole.records[LABEL])), list(whole.records[RELEASE])[POISONED]
    poisoned = rewritten(clean, tmp_path / "poisoned", _poison)
    await execute(embedded.urls.postgres, _REFUSE_LABEL % refused)
    await embedded.load(labels, poisoned)

    rejected, unread = KEY.findall(await waxline(embedded, "quarantine", "list"))
    keys, said = await left_out(embedded)
    assert keys == [rejected, unread]
    assert f"postgres, rejected  label {refused} " in said
    assert f"label {refused} is not liked" in said
    assert f"quarantine          release {spoilt} " in said
    assert (await left_out(embedded, "neo4j"))[0] == [unread]
    assert f'"id": {refused}' not in (shown := await waxline(embedded, *SHOW, rejected))
    assert '"name": "' in shown
    raw = await waxline(embedded, *SHOW, unread, "--raw")
    assert raw.startswith(f'<release id="{spoilt}"')
    assert "this & that" in raw

    poisoned.write_bytes(clean.read_bytes())
    told = await waxline(embedded, "quarantine", "replay", "--all")
    assert "1 of 2 are mended" in told
    assert rejected in told.partition("1 of 2 are mended")[2]
    assert (await left_out(embedded))[0] == [rejected]
    keys, said = await left_out(embedded, settled=True)
    assert keys == [rejected, unread]
    assert "(settled)" in said

    await execute(embedded.urls.postgres, "DROP TRIGGER refuse ON discogs.label")
    assert "1 of 1 are mended" in await waxline(embedded, "quarantine", "replay", rejected)
    assert (await left_out(embedded, settled=True))[0] == [unread]
    assert await embedded.differences(whole) == ""
    _check_history(await waxline(embedded, "runs", "--limit", "3"))


def _check_history(said: str) -> None:
    """Check the lines of two runs of labels with one of releases between them."""
    rows = [line.split() for line in said.splitlines() if not line.startswith("entity")]
    outcomes = [(*row[:2], row[-1]) for row in rows[::2]]
    assert outcomes == [
        ("label", "20260101", "equal"),
        ("release", "20260101", "equal"),
        ("label", "20260101", "rejected)"),
    ]
    assert [row[0] for row in rows[1::2]] == [row[2] for row in rows[::2]], said
    postgres, graph = (
        row[row.index(sink) :] for row, sink in zip(rows, ("postgres", "arcadedb"), strict=False)
    )
    assert postgres[1] == "1"
    assert graph[1] == "0"
    assert int(graph[2]) == int(postgres[2]) + 1 == int(rows[0][rows[0].index("postgres") - 2])


def _poison(records: list[bytes]) -> list[bytes]:
    spoiled = records[POISONED].replace(b"<title>", b"<title>this & that ", 1)
    return [*records[:POISONED], spoiled, *records[POISONED + 1 :]]


@pytest.mark.parametrize("urls", ["installed"], indirect=True)
async def test_messages_that_were_not_loaded(rig: Rig, tmp_path: Path) -> None:
    dump = month(PLAN, 1, tmp_path / "dumps")[-1]
    await rig.stop_loaders()
    read = (await rig.read(dump))[RELEASE]
    run = read["run"]
    async with broker_of(rig) as broker:
        taken = await broker.subscribe("postgres", RELEASE, 1)
        batch = await taken.receive(DEADLINE)
        assert batch is not None
        await taken.reject(batch, "on a bad day")
        await taken.close()
        await publish_nonsense(broker, Headers(Kind.BATCH, RELEASE, run, 20260101, 1))
    for sink in SINKS:
        await rig.start_loader(sink)
    reports = await rig.settled(RELEASE, run)
    assert reports["postgres"]["state"] is State.UNEQUAL
    assert reports["neo4j"]["state"] is State.COMPLETE

    _, said = await left_out(rig)
    assert [said.count(word) for word in ("arcadedb, dead", "postgres, dead")] == [0, 4], said
    for reason in ("on a bad day", "not JSON", "not a list of records", "range is not readable"):
        assert reason in said
    assert len((await left_out(rig, settled=True))[0]) == 7

    assert await put_back(rig, "on a bad day") == [b'[{"id":']
    await until_complete(rig, run)
    assert (await left_out(rig))[0] == []
    # What is settled may be put back as well; nonsense comes again.
    before = (await left_out(rig, settled=True))[0]
    assert len(await put_back(rig)) == 6
    await rig.drained(RELEASE)
    again, _ = await left_out(rig, settled=True)
    assert len(again) == len(before) == 6
    assert not set(again) & set(before)
    assert await rig.differences(after(Load(dump))) == ""


async def publish_nonsense(broker: Broker, headers: Headers) -> None:
    """Send what no loader can read, to every sink."""
    await broker.declare(SINKS)
    ranges = Headers(Kind.RANGE, headers.entity, headers.run, headers.dump, 0)
    for message in (Message(headers, b"{"), Message(headers, b"[1]"), Message(ranges, b"{}")):
        await broker.publish(message)


async def until_complete(rig: Rig, run: int) -> None:
    """Wait until a sink that had called itself unequal has seen that it no longer is."""
    async for attempt in tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(AssertionError),
        wait=tenacity.wait_fixed(0.1),
        stop=tenacity.stop_after_delay(DEADLINE),
        reraise=True,
    ):
        with attempt:
            reports = await rig.settled(RELEASE, run)
            assert {report["state"] for report in reports.values()} == {State.COMPLETE}


async def put_back(rig: Rig, reason: str = "") -> list[bytes]:
    """Replay dead letters, settled or not; return how the body of each begins."""
    found = await gather(holders(rig))
    chosen = [item for item in found.items if reason in item.reason]
    async with broker_of(rig) as broker:
        said = [sentence async for sentence in put_letters_back(chosen, found.rows, broker)]
    sinks = {item.sink for item in chosen}
    assert "\n".join(said).count("back in the queue, for a loader to take") == len(sinks)
    return [raw_of(item)[:7] for item in chosen]


async def test_what_does_not_answer_is_said_and_the_rest_is_listed(
    embedded: Rig, tmp_path: Path
) -> None:
    dump = month(PLAN, 1, tmp_path / "dumps")[-1]
    await embedded.load(rewritten(dump, tmp_path / "poisoned", _poison))
    changes = {f"WAXLINE_{name}": "1" for name in ("CONNECT_TIMEOUT", "RETRY_SECONDS")}
    changes["WAXLINE_GRAPH_URL"] = "bolt://waxline:canary@127.0.0.1:1/waxline"
    changes["WAXLINE_BROKER_URL"] = "redis://:canary@127.0.0.1:1/0"
    said = await waxline(embedded, "quarantine", "list", code=4, **changes)
    assert len(KEY.findall(said)) == 1
    for place in ("neo4j", "the broker"):
        assert f"\n{place} cannot be asked: " in said
    assert "waxline: this is not all" in said
    assert "canary" not in said
