"""Excerpts of real dumps, of nine years: month after month, and cut off in the middle."""

import re
from collections.abc import Collection
from pathlib import Path

import pytest

from common.dumps import find_dumps
from common.entities import Entity
from common.errors import DumpError
from common.reports import State
from config.settings import load_settings
from extractor.dry_run import DryRun
from extractor.parsing.pool import open_pool
from loaders import open_sink
from tests.acceptance.rig import Rig
from tests.oracle import Difference, Load, Truth, after
from waxline.check.findings import Findings
from waxline.check.subjects import opened
from waxline.check.verifying import compare_contents

SMALL = 300_000
"""Bytes of a month of excerpts that is loaded in seconds."""

WHOLE = re.compile(r"discogs_\d{8}_[a-z]+\.xml\.gz")


def months(excerpts: Path, most: int | None) -> list[str]:
    """Return the months there are excerpts of, of ``most`` bytes each, the oldest first."""
    sizes = {
        folder.name: sum(dump.stat().st_size for dump in wholes(folder))
        for folder in excerpts.glob("20*")
    }
    return sorted(name for name, size in sizes.items() if most is None or size <= most)


def wholes(month: Path) -> list[Path]:
    """Return a month's excerpts that end as a dump does."""
    return sorted(path for path in month.iterdir() if WHOLE.fullmatch(path.name))


@pytest.mark.parametrize("most", [SMALL, pytest.param(None, marks=pytest.mark.long)])
async def test_every_excerpt_loads_in_the_order_of_the_years(
    rig: Rig, excerpts: Path, most: int | None
) -> None:
    loaded: list[Load] = []
    for month in months(excerpts, most):
        dumps = wholes(excerpts / month)
        # Each is the head of its dump, not the whole: the later ones have fewer records.
        read = await rig.load(*dumps, flags=["--allow-deletions"])
        assert sum(progress["quarantined"] for progress in read.values()) == 0
        loaded += map(Load, dumps)
        assert await rig.differences(after(*loaded)) == "", month
    assert len(loaded) > 1
    await assert_verified(rig, {load.entity: load.path for load in loaded}.values())


async def assert_verified(rig: Rig, latest: Collection[Path]) -> None:
    """The product's own comparison finds nothing either."""
    settings = load_settings(postgres_url=rig.urls.postgres, graph_url=rig.urls.graph)
    findings = Findings(limit=5)
    dry_runs = [DryRun(dump, settings.record_limit, compiled=True) for dump in find_dumps(latest)]
    sinks = [open_sink(settings.sink(name)) for name in settings.sinks]
    async with opened(sinks, retry_seconds=60) as subjects, open_pool(1) as pool:
        await compare_contents(dry_runs, subjects, pool, findings, summary_seconds=5)
    assert list(map(str, findings.shown)) == []
    assert sum(tally.compared for tally in findings.tallies.values()) > 0


@pytest.mark.long
async def test_a_truncated_dump_fails_cleanly_and_deletes_nothing(
    embedded: Rig, excerpts: Path
) -> None:
    before = after(*map(Load, wholes(excerpts / "20200901")))
    now = wholes(excerpts / "20260401")
    truncated = [dump.with_name(dump.name.replace(".xml", "_truncated.xml")) for dump in now]
    await embedded.load(*wholes(excerpts / "20200901"))
    for dump in truncated:
        await assert_refused(embedded, dump)
    # What came whole before the cut may be there by now; nothing that was there is gone.
    for report in (await embedded.drained(Entity.ARTIST)).values():
        assert (report["state"], report["deleted"]) == (State.LOADING, 0)
    assert lost(await embedded.compare(before), before) == []

    await embedded.load(*now, flags=["--allow-deletions"])
    for dump in truncated:
        await assert_refused(embedded, dump)
    await embedded.drained(Entity.ARTIST)
    loads = map(Load, [*wholes(excerpts / "20200901"), *now])
    assert await embedded.differences(after(*loads)) == ""


async def assert_refused(rig: Rig, dump: Path) -> None:
    """The extractor ends with the code of a bad dump and one sentence that names it."""
    finished = await rig.extract(dump)
    assert finished.code == DumpError.exit_code == 3, finished.said
    assert len(finished.sentences) == 1, finished.said
    assert dump.name in finished.sentences[0]
    assert "Traceback" not in finished.said


def lost(compared: dict[str, list[Difference]], held: Truth) -> list[Difference]:
    """Return the records that are held no more."""
    tables = tuple(Entity)
    records = {(e.value.capitalize(), i) for e, found in held.records.items() for i in found}
    rows = [one for one in compared["postgres"] if one.where in tables]
    nodes = [one for one in compared["neo4j"] if one.where == "node" and one.key in records]
    gone = [one for one in (*rows, *nodes) if one.found == "nothing" and not one.column]
    turned = [one for one in nodes if one.column == "fingerprint"]
    return [*gone, *turned]
