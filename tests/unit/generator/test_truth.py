"""What the generator says it wrote is what a reader finds."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest

from common.entities import Entity
from generator import Plan, truth

Read = Callable[[Plan, Entity], Iterator[tuple[int, dict[str, Any]]]]


@pytest.mark.parametrize("shape", ["current", "old"])
@pytest.mark.parametrize("entity", list(Entity))
def test_a_naive_walk_equals_the_truth(
    read: Read, entity: Entity, shape: Literal["current", "old"]
) -> None:
    plan = Plan(releases=720, seed=7, month=3, shape=shape, changed=0.2, deleted=0.02)
    stated = list(truth(plan, entity))
    assert len(stated) > 50
    for found, expected in zip(read(plan, entity), stated, strict=True):
        assert found == expected


@pytest.mark.parametrize("entity", list(Entity))
def test_ids_ascend_with_gaps(entity: Entity) -> None:
    ids = [number for number, _ in truth(Plan(releases=600), entity)]
    assert ids[0] == 1
    assert ids == sorted(set(ids))
    assert 0.5 < len(ids) / ids[-1] < 0.75


def test_masters_of_the_old_shape_are_not_sorted() -> None:
    ids = [number for number, _ in truth(Plan(releases=600, shape="old"), Entity.MASTER)]
    assert len(ids) == len(set(ids))
    assert ids != sorted(ids)


def test_nothing_empty_is_stated() -> None:
    for entity in Entity:
        for _, data in truth(Plan(releases=400, month=2), entity):
            assert all(value not in (None, "", []) for value in data.values())


def test_the_shapes_differ_as_the_dumps_do() -> None:
    current = dict(truth(Plan(releases=300), Entity.RELEASE))
    old = dict(truth(Plan(releases=300, shape="old"), Entity.RELEASE))
    assert current.keys() == old.keys()
    assert any("series" in data for data in current.values())
    assert all("status" not in data and "images" not in data for data in current.values())
    assert all("status" in data and "series" not in data for data in old.values())
    assert any("images" in data for data in old.values())
