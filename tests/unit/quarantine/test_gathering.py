"""What can be listed without any server, and what is said of those that are not there."""

from pathlib import Path

from common.entities import Entity
from config.settings import load_settings
from extractor.quarantine import Quarantine
from extractor.selecting.selector import BadRecord
from waxline.quarantine.commands import holders_of
from waxline.quarantine.gathering import Gathered, gather
from waxline.quarantine.runs import past_runs

NOWHERE = ("postgres", "neo4j", "the broker")


async def test_what_is_not_there_is_told_and_the_files_are_listed(tmp_path: Path) -> None:
    settings = load_settings(data_folder=tmp_path)
    for number in (7, 8):
        quarantine = Quarantine(tmp_path, Entity.LABEL, 20260101, number)
        quarantine.add(BadRecord(number, 90, b"<label>", "bad"))
    Quarantine(tmp_path, Entity.ARTIST, 20260101, 3).add(BadRecord(1, 5, b"<artist>", "bad"))
    holders = holders_of(settings, settings.sinks)
    found = await gather(holders)
    assert [(item.entity, item.id) for item in found.items] == [
        (Entity.ARTIST, 1),
        (Entity.LABEL, 7),
        (Entity.LABEL, 8),
    ]
    assert not any(item.settled for item in found.items)
    for place, trouble in zip(NOWHERE, found.troubles, strict=True):
        assert trouble.startswith(f"{place} cannot be asked: ")
        assert "_URL is not set" in trouble
    only = await gather(holders, Entity.ARTIST)
    assert [item.id for item in only.items] == [1]


async def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "quarantine" / "20260101-labels-7.jsonl").mkdir(parents=True)
    found = await gather(holders_of(load_settings(data_folder=tmp_path), ()))
    assert any(trouble.startswith("the quarantine cannot be asked") for trouble in found.troubles)


async def test_sinks_that_are_not_there_have_no_history(tmp_path: Path) -> None:
    found, settings = Gathered(), load_settings(data_folder=tmp_path)
    assert await past_runs(holders_of(settings, settings.sinks), 10, found) == {}
    assert len(found.troubles) == 2
