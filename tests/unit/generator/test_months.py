"""A month is the month before it with some records changed, added, deleted and returned."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from common.entities import Entity
from generator import Changes, Plan, changes, truth

At = Callable[[int, Entity], dict[int, Any]]
Lines = Callable[[Plan, Entity], dict[int, bytes]]

LIVELY = Plan(releases=600, seed=3, changed=0.2, added=0.05, deleted=0.05, returned=0.06)


@pytest.fixture(scope="module")
def at() -> At:
    """Return all records of an entity in a month of the lively catalogue."""

    @cache
    def records(month: int, entity: Entity) -> dict[int, Any]:
        return dict(truth(replace(LIVELY, month=month), entity))

    return records


@pytest.mark.parametrize("entity", list(Entity))
@pytest.mark.parametrize("month", [2, 4])
def test_a_month_differs_from_the_last_only_in_its_changes(
    lines: Lines, entity: Entity, month: int
) -> None:
    plan = replace(LIVELY, month=month)
    stated = changes(plan, entity)
    before, after = lines(replace(plan, month=month - 1), entity), lines(plan, entity)
    common = before.keys() & after.keys()
    assert stated.added == after.keys() - before.keys()
    assert stated.deleted == before.keys() - after.keys()
    assert stated.changed == {number for number in common if before[number] != after[number]}
    assert stated.added
    assert stated.deleted
    assert stated.changed


@pytest.mark.parametrize("entity", [Entity.ARTIST, Entity.RELEASE])
def test_a_month_states_what_came_back_and_what_became_of_the_merged(
    at: At, entity: Entity
) -> None:
    plan = replace(LIVELY, month=3)
    stated = changes(plan, entity)
    one, two, three = (at(month, entity) for month in (1, 2, 3))
    assert stated.sent == stated.added | stated.changed
    assert stated.returned == (one.keys() & three.keys()) - two.keys()
    assert stated.reverted == {
        number for number in stated.changed if one.get(number) == three[number]
    }
    assert stated.returned < stated.added
    assert stated.reverted < stated.changed
    assert stated.merged.keys() < stated.deleted
    assert set(stated.merged.values()) <= three.keys()
    assert stated.reverted
    assert stated.merged


def test_a_release_by_a_merged_artist_is_by_the_survivor(at: At) -> None:
    merged = changes(replace(LIVELY, month=2), Entity.ARTIST).merged
    one, two = at(1, Entity.RELEASE), at(2, Entity.RELEASE)
    followed = 0
    for number in one.keys() & two.keys():
        gone = merged.keys() & {artist.get("id") for artist in one[number]["artists"]}
        now = {artist.get("id") for artist in two[number]["artists"]}
        assert not gone & now
        followed += any(merged[artist] in now for artist in gone)
    assert followed > 5


def test_month_one_adds_everything() -> None:
    plan = Plan(releases=60)
    stated = changes(plan, Entity.RELEASE)
    assert stated.added == {number for number, _ in truth(plan, Entity.RELEASE)}
    assert stated == Changes(stated.added)


def test_the_stated_shares_are_kept() -> None:
    plan = Plan(releases=3000, month=2, changed=0.1, added=0.02, deleted=0.04)
    stated = changes(plan, Entity.MASTER)
    assert 0.06 < len(stated.changed) / 400 < 0.14
    assert len(stated.added) == 8
    assert 0.02 < len(stated.deleted) / 400 < 0.07


def test_without_changes_two_months_are_equal() -> None:
    plan = Plan(releases=200, month=5, changed=0, added=0, deleted=0, returned=0)
    for entity in Entity:
        stated = changes(plan, entity)
        assert not stated.added | stated.changed | stated.deleted


def test_content_returns_to_what_it_was_two_months_ago(at: At) -> None:
    one, two, three = (at(month, Entity.RELEASE) for month in (1, 2, 3))
    returned = [
        number
        for number in one.keys() & two.keys() & three.keys()
        if one[number] == three[number] != two[number]
    ]
    assert len(returned) > 5


def test_deleted_ids_come_back(at: At) -> None:
    one, two, three = (at(month, Entity.RELEASE).keys() for month in (1, 2, 3))
    assert len((one & three) - two) > 5


def test_artists_merge_into_others_under_their_old_names(at: At) -> None:
    one, two = at(1, Entity.RELEASE), at(2, Entity.RELEASE)
    gone = at(1, Entity.ARTIST).keys() - at(2, Entity.ARTIST).keys()
    kept = at(2, Entity.ARTIST).keys()
    moved = [
        (before, after)
        for number in one.keys() & two.keys()
        for before, after in zip(one[number]["artists"], two[number]["artists"], strict=False)
        if before.get("id") in gone and after.get("id") in kept
    ]
    assert moved
    assert any(after.get("anv") == before["name"] for before, after in moved)


def test_releases_move_to_other_masters_and_labels(at: At) -> None:
    one, two = at(1, Entity.RELEASE), at(2, Entity.RELEASE)
    both = one.keys() & two.keys()
    assert any(one[n].get("master_id") != two[n].get("master_id") for n in both)
    assert any(one[n]["labels"][0]["id"] != two[n]["labels"][0]["id"] for n in both)


def test_labels_lose_their_parent_at_both_ends() -> None:
    plan = Plan(releases=2500, changed=0.3)
    one, two = dict(truth(plan, Entity.LABEL)), dict(truth(replace(plan, month=2), Entity.LABEL))
    lost = {n: one[n]["parent"]["id"] for n in one.keys() & two.keys()  # type: ignore[typeddict-item]
            if "parent" in one[n] and "parent" not in two[n]}  # fmt: skip
    assert lost
    for child, parent in lost.items():
        assert child in {label["id"] for label in one[parent]["sublabels"]}  # type: ignore[typeddict-item]
        assert child not in {label["id"] for label in two[parent].get("sublabels", [])}  # type: ignore[attr-defined]


def test_a_later_month_needs_no_earlier_one() -> None:
    plan = Plan(releases=40, month=30)
    assert plan.dump_date == 20280601
    assert 30 <= len(list(truth(plan, Entity.RELEASE))) <= 60
