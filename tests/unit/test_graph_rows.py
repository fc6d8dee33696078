"""What the graph sink decides without a server: rows, targets, statements, addresses, errors."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j.exceptions import IncompleteCommit, Neo4jError, ServiceUnavailable

from common.entities import Entity
from common.errors import (
    DoubtfulError,
    ServerError,
    SettingsError,
    TerminalError,
    TransientError,
    WaxlineError,
)
from common.records import RecordData, Release
from common.records.graph import EDGES
from loaders.neo4j.connection import Address, parse_url
from loaders.neo4j.errors import translate, translated
from loaders.neo4j.rows import Row, make_row, parts, targets
from loaders.neo4j.schema import KEYS
from loaders.neo4j.statements import content_statements, schema, stub_statements
from loaders.neo4j.stubs import Bitmap, KnownStubs

RELEASE: Release = {
    "status": "Accepted",
    "title": "Stockholm",
    "country": "Sweden",
    "released": "1999-03-00",
    "artists": [
        {"id": 1, "name": "The Persuader", "join": "&"},
        {"name": "not linked"},
        {"id": 1, "name": "The Persuader", "anv": "Persuader"},
    ],
    "labels": [
        {"id": 5, "name": "Svek", "catno": "SK032"},
        {"id": 5, "name": "Svek", "catno": "SK032"},
        {"id": 5, "name": "Svek", "catno": "SK 32"},
        {"name": "no id", "catno": "none"},
    ],
    "credits": [
        {"id": 7, "name": "A", "role": "Mixed By"},
        {"id": 7, "name": "A", "anv": "a", "role": "Mixed By"},
        {"id": 7, "name": "A", "role": "Producer", "tracks": "A1 to B2"},
        {"name": "not linked", "role": "Producer"},
    ],
    "formats": [{"name": "Vinyl", "qty": "2"}, {"name": "CD"}, {"name": "Vinyl"}, {"qty": "1"}],
    "genres": ["Electronic"],
    "styles": ["Deep House", "House", "House"],
    "master_id": 9,
    "is_main_release": True,
    "tracks": [
        {
            "position": "A",
            "credits": [{"id": 7, "role": "Mixed By"}],
            "sub_tracks": [{"position": "A.1", "credits": [{"id": 8, "role": "Vocals"}]}],
        },
        {"title": "a heading", "credits": [{"id": 8, "role": "Vocals"}]},
    ],
    "identifiers": [{"type": "Barcode", "value": "0"}, {"type": "Matrix", "value": "SK032A"}],
}


def row(entity: Entity, data: RecordData, **options: bool) -> Row:
    return make_row(entity, {"id": 3, "fingerprint": -4, "data": data}, 20260801, **options)


def test_a_release_has_its_properties() -> None:
    assert row(Entity.RELEASE, RELEASE)["properties"] == {
        "id": 3,
        "fingerprint": -4,
        "dump": 20260801,
        "title": "Stockholm",
        "country": "Sweden",
        "released": "1999-03-00",
        "year": 1999,
        "status": "Accepted",
        "formats": ["Vinyl", "CD"],
        "barcodes": ["0"],
    }


def test_a_release_has_each_edge_once_and_none_without_an_id() -> None:
    found = row(Entity.RELEASE, RELEASE)
    assert {edge.key: found[edge.key] for edge in EDGES[Entity.RELEASE]} == {
        "artists": [(1, 1, None, "&"), (1, 3, "Persuader", None)],
        "credits": [(7, "Mixed By", None, None, None), (7, "Producer", "A1 to B2", None, None)],
        "labels": [(5, "SK032"), (5, "SK 32")],
        "master_id": [(9, True)],
        "genres": [("Electronic",)],
        "styles": [("Deep House",), ("House",)],
    }


def test_credits_of_tracks_are_edges_when_asked_for() -> None:
    found = row(Entity.RELEASE, RELEASE, track_credits=True)
    assert found["credits"][2:] == [
        (7, "Mixed By", None, "A", 1),
        (8, "Vocals", None, "A.1", 2),
        (8, "Vocals", None, None, 3),
    ]


@pytest.mark.parametrize(
    ("entity", "data", "expected"),
    [
        (
            Entity.ARTIST,
            {
                "aliases": [{"id": 3, "name": "itself"}, {"id": 2}, {"id": 2}, {"name": "none"}],
                "groups": [{"id": 8}],
                "members": [{"id": 9}],
            },
            {"aliases": [(3,), (2,)], "groups": [(8,)], "members": [(9,)]},
        ),
        (Entity.ARTIST, {"name": "alone"}, {"aliases": [], "groups": [], "members": []}),
        (
            Entity.LABEL,
            {"parent": {"id": 6}, "sublabels": [{"id": 7}, {"name": "no id"}, {"id": 7}]},
            {"parent": [(6,)], "sublabels": [(7,)]},
        ),
        (Entity.LABEL, {"parent": {"name": "no id"}}, {"parent": [], "sublabels": []}),
        (
            Entity.MASTER,
            {"artists": [{"id": 2, "join": ","}], "genres": ["Rock", "Rock", "Pop"]},
            {"artists": [(2, 1, None, ",")], "genres": [("Rock",), ("Pop",)], "styles": []},
        ),
        (
            Entity.RELEASE,
            {"master_id": 4},
            {"artists": [], "credits": [], "labels": [], "genres": [], "styles": []}
            | {"master_id": [(4, None)]},
        ),
    ],
)
def test_edges_of_an_entity(entity: Entity, data: RecordData, expected: Row) -> None:
    found = row(entity, data)
    assert {edge.key: found[edge.key] for edge in EDGES[entity]} == expected


@pytest.mark.parametrize(
    ("released", "year"),
    [
        ("1999", 1999),
        ("1980s", 1980),
        ("200?", None),
        ("????", None),
        ("0000-00-00", None),
        ("٢٠٠١", None),
        ("20061014", 2006),
    ],
)
def test_a_year_is_four_digits_or_nothing(released: str, year: int | None) -> None:
    assert row(Entity.RELEASE, {"released": released})["properties"].get("year") == year


def test_targets_are_all_that_rows_point_at() -> None:
    assert targets(Entity.RELEASE, [row(Entity.RELEASE, RELEASE)]) == {
        "Artist": {1, 7},
        "Label": {5},
        "Master": {9},
        "Genre": {"Electronic"},
        "Style": {"Deep House", "House"},
    }


def test_targets_hold_the_own_node_where_others_point_at_such() -> None:
    found = targets(Entity.ARTIST, [row(Entity.ARTIST, {"aliases": [{"id": 2}]})])
    assert found == {"Artist": {2, 3}}


def test_a_style_is_part_of_a_genre_only_when_there_is_one() -> None:
    two: Release = {"genres": ["Jazz", "Rock"], "styles": ["Fusion"]}
    none: Release = {"styles": ["Fusion"]}
    rows = [row(Entity.RELEASE, data) for data in (RELEASE, two, none)]
    assert parts([*rows, row(Entity.ARTIST, {})]) == {
        ("Deep House", "Electronic"),
        ("House", "Electronic"),
    }


@given(st.sets(st.integers(0, 2**40)), st.sets(st.integers(0, 2**40)))
def test_a_bitmap_is_a_set(added: set[int], others: set[int]) -> None:
    bitmap = Bitmap()
    for record_id in added:
        bitmap.add(record_id)
    near = {record_id + step for record_id in added for step in (1, 8, 65_536)}
    assert {i for i in added | others | near if i in bitmap} == added


def test_stubs_are_asked_for_until_they_are_committed_and_again_when_forgotten() -> None:
    stubs = KnownStubs()
    needed: dict[str, set[Any]] = {"Artist": {9, 2}, "Style": {"House"}, "Genre": set()}
    pairs = {("House", "Electronic")}
    missing, new = stubs.missing(needed), stubs.missing_parts(pairs)
    assert (missing, new) == ({"Artist": [2, 9], "Style": ["House"]}, [("House", "Electronic")])
    assert stubs.missing(needed) == missing
    stubs.add(missing, new)
    assert (stubs.missing(needed), stubs.missing_parts(pairs)) == ({}, [])
    stubs.forget(["Artist"])
    assert stubs.missing(needed) == {"Artist": [2, 9]}
    stubs.forget(KEYS)
    assert (stubs.missing(needed), stubs.missing_parts(pairs)) == (missing, new)


@pytest.mark.parametrize("entity", list(Entity))
def test_statements_have_all_their_words_put_in(entity: Entity) -> None:
    texts = [*content_statements(entity).values(), *schema()]
    texts += [text for label in KEYS for text in stub_statements(label).values()]
    assert [text for text in texts if re.search(r"<\w+>|//|;", text)] == []


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("bolt://a:b@h:7687/music", Address("bolt://h:7687", ("a", "b"), "music")),
        ("neo4j+s://a:p%40%2F@h/music/", Address("neo4j+s://h", ("a", "p@/"), "music")),
        ("bolt+s://h:1", Address("bolt+s://h:1", None, None)),
        ("neo4j://a:b@[::1]:9?policy=x", Address("neo4j://[::1]:9?policy=x", ("a", "b"), None)),
    ],
)
def test_a_url_is_taken_apart(url: str, address: Address) -> None:
    assert parse_url(url) == address


@pytest.mark.parametrize("url", ["http://a:canary@h/x", "bolt:///x", "h:7687"])
def test_a_url_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_url(url)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Neo.TransientError.Transaction.DeadlockDetected", TransientError),
        ("Neo.ClientError.Transaction.TransactionTimedOut", TransientError),
        ("Neo.ClientError.Schema.ConstraintValidationFailed", TransientError),
        ("Neo.ClientError.Statement.EntityNotFound", TransientError),
        ("Neo.DatabaseError.General.UnknownError", DoubtfulError),
        ("Neo.ClientError.Security.Unauthorized", ServerError),
        ("Neo.ClientError.Security.Forbidden", ServerError),
        ("Neo.ClientError.Database.DatabaseNotFound", ServerError),
        ("Neo.ClientError.Statement.SyntaxError", ServerError),
        ("Neo.ClientError.Statement.TypeError", TerminalError),
        ("Neo.ClientError.Statement.ArgumentError", TerminalError),
    ],
)
def test_an_answer_of_the_server_is_transient_terminal_or_the_set_up(
    code: str, expected: type[WaxlineError]
) -> None:
    error = Neo4jError._hydrate_neo4j(code=code, message="why")
    assert type(translate(error)) is expected
    assert "why" in str(translate(error))


def test_a_value_too_large_for_an_index_is_terminal() -> None:
    code, message = "Neo.DatabaseError.Statement.ExecutionFailed", "value is too large to index"
    error = Neo4jError._hydrate_neo4j(code=code, message=message)
    assert type(translate(error)) is TerminalError


@pytest.mark.parametrize(
    "error", [ServiceUnavailable("gone"), IncompleteCommit("who knows"), TimeoutError()]
)
def test_a_lost_connection_and_an_unknown_outcome_are_transient(error: Exception) -> None:
    with pytest.raises(TransientError) as caught, translated():
        raise error
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("pack", [lambda: (2**70).to_bytes(8), "\ud800".encode])
def test_what_the_driver_cannot_send_is_terminal(pack: Callable[[], bytes]) -> None:
    with pytest.raises(TerminalError), translated():
        pack()
