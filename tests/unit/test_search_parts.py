"""Search, purely: what may be asked, cursors, and which word is meant."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.entities import Entity
from serving.search.correcting import Candidate, best_of, distance
from serving.search.hits import (
    Cursor,
    CursorError,
    Place,
    Step,
    decode_cursor,
    encode_cursor,
)
from serving.search.query import (
    LONGEST,
    MOST_WORDS,
    Query,
    QueryError,
    barcodes_of,
    digits_of,
    id_of,
)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"text": "  "},
        {"country": "US"},
        {"year_from": 1999},
        {"credit": "Bill Evans"},
        {"text": "x" * (LONGEST + 1)},
        {"text": "a\0b"},
        {"text": "blue", "genre": "x" * 10_000_000},
        {"text": " ".join("a" * (MOST_WORDS + 1))},
    ],
    ids=lambda asked: str(asked)[:40],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(asked: dict[str, str]) -> None:
    with pytest.raises(QueryError, match=r"\w"):
        Query(**asked)  # type: ignore[arg-type]  # a year among them


def test_a_record_is_looked_for_where_it_has_what_is_asked() -> None:
    assert Query(text="blue").asked_of == tuple(Entity)
    assert Query(text="blue", genre="Jazz").asked_of == (Entity.MASTER, Entity.RELEASE)
    assert Query(title="blue", country="US").asked_of == (Entity.RELEASE,)
    assert Query(text="a", entities=(Entity.ARTIST,), label="b").asked_of == ()


@pytest.mark.parametrize(
    ("query", "words", "name", "source"),
    [
        (Query(text=" Kind of Blue "), "Kind of Blue", "Kind of Blue", "words"),
        (Query(artist="Davis", title="Blue"), "Davis Blue", "Blue", "words"),
        (Query(artist="Davis", country="US"), "Davis", "Davis", "words"),
        (Query(catno="CL 1355"), "CL 1355", "", "words"),
        (Query(barcode="0724349532724", style="Modal"), "", "", "barcode"),
        (Query(style="Modal", genre="Jazz"), "", "", "style"),
        (Query(genre="Jazz"), "", "", "genre"),
    ],
    ids=str,
)
def test_what_is_looked_for_and_by_which_index(
    query: Query, words: str, name: str, source: str
) -> None:
    assert (query.words, query.name, query.source) == (words, name, source)


@pytest.mark.parametrize(
    ("text", "digits"),
    [("7 24349-53272 4", "724349532724"), (" 99 ", "99"), ("1999a", ""), ("-1", ""), ("", "")],
)
def test_digits_are_digits_however_they_are_set_apart(text: str, digits: str) -> None:
    assert digits_of(text) == digits


@pytest.mark.parametrize(
    ("text", "barcodes"),
    [
        ("724349532724", ["724349532724", "0724349532724"]),
        ("0 724349 532724", ["0724349532724", "724349532724"]),
        ("4988002123456", ["4988002123456"]),
        ("12345", []),
        ("", []),
    ],
)
def test_a_barcode_is_itself_with_and_without_its_zero(text: str, barcodes: list[str]) -> None:
    assert barcodes_of(text) == barcodes


@pytest.mark.parametrize(
    ("digits", "id_"),
    [("7", 7), ("2147483647", 2**31 - 1), ("2147483648", None), ("0", None), ("9" * 999, None)],
)
def test_an_id_is_one_that_a_record_may_have(digits: str, id_: int | None) -> None:
    assert id_of(digits) == id_


@given(
    st.tuples(
        st.integers(0, 9),
        st.integers(-99, 0),
        st.integers(0, 2**16 - 1),
        st.integers(0, 3),
        st.integers(1, 2**31 - 1),
    )
)
def test_a_cursor_stands_for_its_place(place: Place) -> None:
    for step in Step:
        assert decode_cursor(encode_cursor(Cursor(step, place))) == Cursor(step, place)


@given(st.text())
def test_any_other_text_is_no_cursor(text: str) -> None:
    with suppress(CursorError):
        assert decode_cursor(text).step in Step


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [
        ("nirvna", "nirvana", 1),
        ("bjrok", "bjork", 1),
        ("beetles", "beatles", 1),
        ("kitten", "sitting", 3),
        ("", "abc", 3),
        ("same", "same", 0),
    ],
)
def test_how_many_letters_differ(one: str, other: str, changes: int) -> None:
    assert distance(one, other) == distance(other, one) == changes


def test_the_word_meant_is_the_nearest_then_the_most_frequent() -> None:
    found = [
        Candidate("beagles", 9, 0.5),
        Candidate("beatles", 500, 0.5),
        Candidate("needles", 1_000, 0.3),
    ]
    assert best_of("beetles", found) == "beatles"
    assert best_of("xylophone", found) == ""
    assert best_of("beetles", []) == ""
