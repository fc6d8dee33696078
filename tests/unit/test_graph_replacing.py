"""Of the edges held, those that stand as they must are kept; the others go, and are made."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.entities import Entity
from common.records.graph import EDGES
from loaders.neo4j.replacing import keep_equal
from loaders.neo4j.rows import Row

_TEXTS = st.sampled_from(("a", "b", None))


@st.composite
def rows(draw: st.DrawFn, entity: Entity, record_id: int) -> Row:
    """Draw a row of distinct edges to a few nodes, with few properties."""
    row: Row = {"id": record_id, "fingerprint": draw(st.integers(1, 3))}
    for edge in EDGES[entity]:
        values = st.tuples(st.integers(1, 3), *(_TEXTS for _ in edge.properties))
        row[edge.key] = draw(st.lists(values, max_size=4, unique=True))
    return row


def as_held(entity: Entity, row: Row) -> list[list[Any]]:
    """Return a row's edges as the graph tells of them, without ids."""
    return [
        [row["id"], edge.type, [edge.target], values[0], _there(edge.properties, values[1:])]
        for edge in EDGES[entity]
        for values in row[edge.key]
    ]


def _there(names: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _spelt(edges: list[list[Any]]) -> Counter[str]:
    return Counter(map(repr, edges))


@given(st.data(), st.sampled_from(Entity))
def test_what_is_kept_and_made_is_what_is_wanted(data: st.DataObject, entity: Entity) -> None:
    before = [data.draw(rows(entity, record_id)) for record_id in (1, 2)]
    wanted = [data.draw(rows(entity, record_id)) for record_id in (1, 2, 3)]
    edges = [edge for row in before for edge in as_held(entity, row)]
    edges += data.draw(st.lists(st.sampled_from(edges), max_size=3)) if edges else []
    held = {str(number): edge for number, edge in enumerate(edges)}
    made, going = keep_equal(
        entity, wanted, [[edge[0], number, *edge[1:]] for number, edge in held.items()]
    )
    stale = {number for _, numbers in going for number in numbers}
    assert all(held[number][0] == record_id for record_id, some in going for number in some)
    kept = [edge for number, edge in held.items() if number not in stale]
    new = [edge for row in made for edge in as_held(entity, row)]
    asked = [edge for row in wanted for edge in as_held(entity, row)]
    assert _spelt(kept) + _spelt(new) == _spelt(asked)
    assert not _spelt(new) & _spelt([held[number] for number in stale])
    for row, one in zip(made, wanted, strict=True):
        assert (row["id"], row["fingerprint"]) == (one["id"], one["fingerprint"])


def test_a_genre_is_no_style_of_the_same_name() -> None:
    row: Row = {"id": 1, "artists": [], "genres": [("Pop",)], "styles": []}
    held = [[1, "4", "IS", ["Style"], "Pop", {}]]
    assert keep_equal(Entity.MASTER, [row], held) == ([row], [(1, ["4"])])


@pytest.mark.parametrize(
    "properties", [{"main": 1}, {"main": "True"}, {"main": True, "tags": ["a"]}, {}]
)
def test_an_edge_that_somebody_has_changed_is_made_again(properties: dict[str, Any]) -> None:
    row: Row = {"id": 1, **{edge.key: [] for edge in EDGES[Entity.RELEASE]}}
    row["master_id"] = [(9, True)]
    held = [[1, "4", "DERIVED_FROM", ["Master"], 9, properties]]
    assert keep_equal(Entity.RELEASE, [row], held) == ([row], [(1, ["4"])])


def test_an_edge_is_not_kept_for_another_value_of_the_same_text() -> None:
    row: Row = {"id": 1, "artists": [(5, 1, None, "&")], "genres": [], "styles": []}
    held = [[1, "4", "BY", ["Artist"], 5, {"position": 1, "anv": "&"}]]
    assert keep_equal(Entity.MASTER, [row], held) == ([row], [(1, ["4"])])
