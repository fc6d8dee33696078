"""A dump read again gives the records that a run would send, and counts the others."""

from pathlib import Path

import pytest

from common.dumps import Dump
from common.entities import Entity
from common.errors import DumpError
from common.records import Record
from common.run_rules import as_signed
from extractor.dry_run import DryRun
from extractor.framing.stems import fingerprint_of
from tests.fakes.pool import ParseHere

A = "<label><id>1</id><name>A</name></label>"
B = "<label><id>2</id><name>B</name></label>"


def dump(folder: Path, text: str) -> Dump:
    path = folder / "discogs_20260401_labels.xml"
    path.write_text(text, encoding="utf-8")
    return Dump(path, Entity.LABEL, 20260401, None)


def labels(*records: str) -> str:
    return "\n".join(["<labels>", *records, "</labels>"])


async def read(reread: DryRun) -> list[Record]:
    found: list[Record] = []
    async for block in reread.blocks():
        found += await reread.parse(block, ParseHere())
    return found


async def test_records_come_as_they_travel(tmp_path: Path) -> None:
    reread = DryRun(dump(tmp_path, labels(A, B)), 10_000)
    fingerprint = as_signed(fingerprint_of(A.removesuffix("</label>").encode()))
    assert (await read(reread))[0] == {"id": 1, "fingerprint": fingerprint, "data": {"name": "A"}}
    assert (reread.read, reread.left_out, reread.share) == (2, 0, 1.0)


@pytest.mark.parametrize(
    ("bad", "held", "hold_deletions"),
    [
        (A.replace(">A<", ">again<"), True, False),
        ("<label><id>3</id><name>A &nosuch;</name></label>", True, False),
        ("<label><id>none</id></label>", False, True),
        (f"<label><id>3</id><name>{'x' * 20_000}</name></label>", True, False),
    ],
    ids=["again", "not well-formed", "no id", "too long"],
)
async def test_what_a_run_would_quarantine_is_left_out_and_counted(
    tmp_path: Path, bad: str, held: bool, hold_deletions: bool
) -> None:
    reread = DryRun(dump(tmp_path, labels(A, bad, B)), 10_000)
    assert [record["id"] for record in await read(reread)] == [1, 2]
    assert (reread.read, reread.left_out) == (3, 1)
    (range_, _) = reread.presence.ranges()
    assert range_.hold_deletions is hold_deletions
    assert range_.holds(3) is (held and "again" not in bad)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"<labels>{A}", "cut short"),
        ("<labels></labels>", "holds no labels"),
        (f"<artists>{A}</artists>", "labels"),
    ],
)
async def test_what_is_no_whole_dump_is_an_error_that_names_the_file(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(DumpError, match=f"discogs_20260401_labels.xml: .*{why}"):
        await read(DryRun(dump(tmp_path, text), 10_000))
