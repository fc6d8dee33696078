"""What differs between a record and what is held of it, and how it reads."""

from typing import Any

import pytest

from common.entities import Entity
from loaders.differences import (
    NOTHING,
    Difference,
    Edge,
    Fields,
    Part,
    compare_bags,
    compare_fields,
    compare_rows,
    in_words,
)


def rows(*numbered: tuple[int, str]) -> list[Fields]:
    return [{"sequence": number, "title": title} for number, title in numbered]


@pytest.mark.parametrize(
    ("expected", "found", "parts"),
    [
        ({"a": 1, "b": None}, {"a": 1, "b": None}, []),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": 1}, {"a": 1.0}, [("a", 1, 1.0)]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, [("a", ["x", "y"], ["y", "x"])]),
        ({"a": 1}, {"b": 2}, [("a", 1, NOTHING), ("b", NOTHING, 2)]),
        ({"a": "e\u0301"}, {"a": "\u00e9"}, [("a", "e\u0301", "\u00e9")]),
    ],
)
def test_fields_differ_by_value_and_type(
    expected: Fields, found: Fields, parts: list[tuple[str, Any, Any]]
) -> None:
    assert list(compare_fields("t", "p", expected, found)) == [
        Part("t", "p", name, one, other) for name, one, other in parts
    ]


def test_rows_are_matched_by_their_key_whatever_their_order() -> None:
    one, other = rows((1, "A"), (2, "B"), (3, "C")), rows((3, "C"), (4, "D"), (2, "X"))
    assert list(compare_rows("track", ["sequence"], one, other)) == [
        Part("track", "sequence 1", "", "title 'A'", NOTHING),
        Part("track", "sequence 2", "title", "B", "X"),
        Part("track", "sequence 4", "", NOTHING, "title 'D'"),
    ]


def test_a_row_that_is_there_twice_is_one_too_many() -> None:
    one, other = rows((1, "A")), rows((1, "A"), (1, "A"))
    assert list(compare_rows("track", ["sequence"], one, other)) == [
        Part("track", "sequence 1", "", NOTHING, "title 'A'")
    ]


def test_a_row_of_a_table_without_places_has_no_place() -> None:
    parts = list(
        compare_rows(
            "artist", [], [{"name": "A", "profile": None, "dump": 0, "fingerprint": 5}], []
        )
    )
    assert parts == [Part("artist", "", "", "name 'A'", NOTHING)]


def test_edges_have_no_order_but_a_number() -> None:
    twice: list[Edge] = [("BY", "to Artist 1", {"position": 1, "anv": None})] * 2
    once: list[Edge] = [("BY", "to Artist 1", {"position": 1})]
    other: list[Edge] = [("IS", "to Genre 'Jazz'", {})]
    assert list(compare_bags([*once, *other], [*other, *once])) == []
    assert [(p.where, p.place, repr(p.expected), p.found) for p in compare_bags(twice, once)] == [
        ("BY", "to Artist 1", "position 1", NOTHING)
    ]
    assert [(p.where, p.expected, repr(p.found)) for p in compare_bags([], other)] == [
        ("IS", NOTHING, "one")
    ]


def test_edges_differ_by_the_type_of_a_property() -> None:
    one: list[Edge] = [("DERIVED_FROM", "to Master 1", {"main": True})]
    other: list[Edge] = [("DERIVED_FROM", "to Master 1", {"main": 1})]
    assert [(repr(p.expected), repr(p.found)) for p in compare_bags(one, other)] == [
        ("main True", "nothing"),
        ("nothing", "main 1"),
    ]


def text_of(part: Part) -> list[str]:
    return str(Difference("postgres", Entity.RELEASE, 17, part)).splitlines()


def test_a_difference_reads_from_sink_to_value() -> None:
    assert text_of(Part("release_track", "sequence 3", "title", "Venus", "Mars")) == [
        "postgres, release 17, release_track sequence 3, title:",
        "    expected 'Venus'",
        "    found    'Mars'",
    ]
    assert text_of(Part("release", "", "", in_words({"title": "T"}), NOTHING)) == [
        "postgres, release 17, release:",
        "    expected title 'T'",
        "    found    nothing",
    ]


def test_of_long_values_the_place_is_shown_where_they_part() -> None:
    one, other = "x" * 500 + "A" + "y" * 500, "x" * 500 + "B" + "y" * 500
    _, expected, found = text_of(Part("artist", "", "profile", one, other))
    assert max(len(expected), len(found)) < 140
    assert "xxA" in expected
    assert "xxB" in found
