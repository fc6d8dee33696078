"""What is called what, and what is settled: decided from what is at hand."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from common.broker import DeadLetter
from common.entities import Entity
from common.messages import Headers, Kind
from common.reports import State
from extractor.quarantine import Quarantined
from loaders.runs import RunRow
from loaders.sink import Rejection
from waxline.quarantine.items import (
    Item,
    from_file,
    from_letter,
    from_range,
    from_rejection,
    judged,
)

LABEL, RELEASE = Entity.LABEL, Entity.RELEASE
SINKS = ("postgres", "neo4j")
UNREADABLE = {"schema": "?", "run": "-3", "count": "\u0661"}


def put_aside(run: int = 5, record_id: int | None = 7, offset: int = 90) -> Item:
    path = Path("20260101-releases-5.jsonl")
    found = Quarantined(
        RELEASE, record_id, 20260101, run, offset, 12, "/dumps/d.xml", "bad", path, 0
    )
    return from_file(found)


def letter(run: int = 5, key: str = "1-1", fields: Mapping[str, str] | None = None) -> Item:
    headers = Headers(Kind.BATCH, RELEASE, run, 20260101, 3).encode()
    return from_letter("postgres", DeadLetter(key, RELEASE, fields or headers, b"[]", "why", 1))


def rejection(sink: str = "postgres") -> Item:
    return from_rejection(sink, LABEL, Rejection(7, 70, "NUL", run=5, dump=20260101))


def row(complete_run: int, entity: Entity = RELEASE) -> RunRow:
    return RunRow(entity, 9, 20260101, State.LOADING, "", 0, 0, 0, 0, 0, 0, complete_run)


def rows(**complete: int) -> dict[str, dict[Entity, RunRow]]:
    return {sink: {RELEASE: row(run)} for sink, run in complete.items()}


def is_settled(item: Item, **complete: int) -> bool:
    (found,) = judged([item], rows(**complete), SINKS)
    return bool(found.settled)


def test_keys_are_short_stable_and_tell_things_apart() -> None:
    items = [
        put_aside(),
        put_aside(offset=91),
        put_aside(record_id=None),
        letter(),
        letter(key="1-2"),
        rejection(),
        rejection("neo4j"),
        from_range(RELEASE, row(0), 8),
    ]
    keys = [item.key for item in items]
    assert {len(key) for key in keys} == {16}
    assert len(set(keys)) == len(keys)
    assert put_aside(run=6).key == keys[0]
    assert replace(letter(), reason="another").key == keys[3]


@pytest.mark.parametrize(
    ("complete", "settled"),
    [
        ({}, False),
        ({"postgres": 6}, False),
        ({"postgres": 6, "neo4j": 0}, False),
        ({"postgres": 6, "neo4j": 5}, False),
        ({"postgres": 6, "neo4j": 6}, True),
    ],
)
def test_a_record_is_settled_when_every_sink_has_completed_a_later_run(
    complete: dict[str, int], settled: bool
) -> None:
    assert is_settled(put_aside(run=5), **complete) is settled


@pytest.mark.parametrize(
    ("complete", "settled"),
    [({"neo4j": 9}, False), ({"postgres": 4}, False), ({"postgres": 5}, True)],
)
def test_a_letter_is_settled_when_its_sink_has_completed_its_run(
    complete: dict[str, int], settled: bool
) -> None:
    assert is_settled(letter(run=5), **complete) is settled


def test_a_letter_that_nobody_can_read_is_never_settled() -> None:
    unreadable = letter(fields=UNREADABLE)
    assert (unreadable.run, unreadable.dump, unreadable.count) == (0, 0, 0)
    assert not is_settled(unreadable, postgres=9, neo4j=9)
    nowhere = replace(letter(), entity=None)
    assert not is_settled(nowhere, postgres=9, neo4j=9)


def test_a_rejection_is_there_for_as_long_as_it_is_needed() -> None:
    (found,) = judged([rejection()], {"postgres": {LABEL: row(9, LABEL)}}, SINKS)
    assert not found.settled


def test_with_one_sink_only_that_one_counts() -> None:
    (found,) = judged([put_aside(run=5)], rows(postgres=6, neo4j=0), ["postgres"])
    assert found.settled == "run 6 is complete"


def test_the_same_record_again_is_listed_once_as_last_met() -> None:
    found = judged([put_aside(run=6), put_aside(run=5), put_aside(run=4)], {}, SINKS)
    assert [item.run for item in found] == [6]
