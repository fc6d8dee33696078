"""What the graph sink makes of records: nodes, edges, and stubs for what is not there."""

from collections import Counter
from typing import Any

import pytest

from common.entities import Entity
from common.errors import RunSupersededError, TerminalError
from common.records import Artist, Label, RecordData, Release, Track
from common.reports import State
from loaders.neo4j.sink import GraphSink
from loaders.sink import Digest, Rejection
from tests.integration.graph.writing import (
    ALL,
    FULL,
    ask,
    edges,
    headers,
    load,
    opened,
    record,
    stubs,
)

MAKE_TWICE = """
MATCH (x:Release {id: 3})-[:ON {catno: 'SK032'}]->(y) CREATE (x)-[:ON {catno: 'SK032'}]->(y)
"""
SPOIL = (
    "MATCH (x:Release {id: 3})-[e:ON]->() DELETE e",
    "MATCH (x:Release {id: 3})-[e:BY {position: 1}]->() SET e.position = 1.0, e.tags = ['a']",
    "MATCH (x:Release {id: 3}), (y:Artist {id: 2}) CREATE (x)-[:CREDITS {role: 'Nobody'}]->(y)",
)
EDGE_IDS = """
MATCH (x:Release)-[e]->(y) RETURN [x.id, type(e), coalesce(y.id, y.name), elementId(e)] AS edge
"""


async def test_a_release_has_the_edges_of_its_record(sink: GraphSink, graph_url: str) -> None:
    await load(sink, Entity.RELEASE, {3: FULL})
    me = ("Release", 3)
    assert edges(graph_url) == {
        (*me, "BY", "Artist", 1, (("join", "&"), ("position", 1))),
        (*me, "BY", "Artist", 2, (("anv", "P"), ("position", 3))),
        (*me, "CREDITS", "Artist", 7, (("role", "Mixed By"), ("tracks", "A1"))),
        (*me, "CREDITS", "Artist", 7, (("role", "Producer"),)),
        (*me, "ON", "Label", 5, (("catno", "SK032"),)),
        (*me, "ON", "Label", 5, ()),
        (*me, "DERIVED_FROM", "Master", 9, (("main", True),)),
        (*me, "IS", "Genre", "Electronic", ()),
        (*me, "IS", "Style", "House", ()),
        ("Style", "House", "PART_OF", "Genre", "Electronic", ()),
    }
    assert stubs(graph_url) == {
        ("Artist", 1),
        ("Artist", 2),
        ("Artist", 7),
        ("Label", 5),
        ("Master", 9),
    }
    row = ask(graph_url, "MATCH (x:Release {id: 3}) RETURN properties(x) AS p")[0]["p"]
    assert row == {
        "id": 3,
        "fingerprint": 1,
        "dump": 20260801,
        "title": "Stockholm",
        "formats": ["Vinyl", "CD"],
    }


async def test_the_other_entities_have_theirs(sink: GraphSink, graph_url: str) -> None:
    groups: Artist = {"aliases": [{"id": 1}, {"id": 2}], "groups": [{"id": 2}]}
    await load(sink, Entity.ARTIST, {1: groups, 2: {"members": [{"id": 1}]}})
    label: Label = {"name": "L", "parent": {"id": 4}, "sublabels": [{"id": 5}]}
    await load(sink, Entity.LABEL, {1: label})
    await load(sink, Entity.MASTER, {1: {"artists": [{"id": 2}], "genres": ["Pop", "Rock"]}})
    assert edges(graph_url) == {
        ("Artist", 1, "ALIAS_OF", "Artist", 1, ()),
        ("Artist", 1, "ALIAS_OF", "Artist", 2, ()),
        ("Artist", 1, "MEMBER_OF", "Artist", 2, ()),
        ("Artist", 2, "HAS_MEMBER", "Artist", 1, ()),
        ("Label", 1, "SUBLABEL_OF", "Label", 4, ()),
        ("Label", 1, "HAS_SUBLABEL", "Label", 5, ()),
        ("Master", 1, "BY", "Artist", 2, (("position", 1),)),
        ("Master", 1, "IS", "Genre", "Pop", ()),
        ("Master", 1, "IS", "Genre", "Rock", ()),
    }
    assert stubs(graph_url) == {("Label", 4), ("Label", 5)}


async def test_a_relation_stays_as_long_as_one_side_says_it(
    sink: GraphSink, graph_url: str
) -> None:
    both: dict[int, RecordData] = {1: {"groups": [{"id": 2}]}, 2: {"members": [{"id": 1}]}}
    member, group = ("Artist", 1, "MEMBER_OF", "Artist", 2, ()), ("Artist", 2, "HAS_MEMBER")
    await load(sink, Entity.ARTIST, both)
    await load(sink, Entity.ARTIST, {2: {"name": "The Pair"}}, fingerprint=2)
    assert edges(graph_url) == {member}
    await load(sink, Entity.ARTIST, {2: both[2], 1: {"name": "One"}}, fingerprint=3)
    assert edges(graph_url) == {(*group, "Artist", 1, ())}
    assert await sink.content.delete(headers(Entity.ARTIST), [1]) == 1
    assert (edges(graph_url), stubs(graph_url)) == ({(*group, "Artist", 1, ())}, {("Artist", 1)})
    assert await sink.content.delete(headers(Entity.ARTIST), [2]) == 1
    assert edges(graph_url) == set()


async def test_what_a_release_does_not_say_of_its_master_is_not_there(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, Entity.MASTER, {9: {"main_release": 1}})
    said: dict[int, RecordData] = {
        1: {"master_id": 9},
        2: {"master_id": 9, "is_main_release": False},
    }
    await load(sink, Entity.RELEASE, said)
    edge = ("DERIVED_FROM", "Master", 9)
    assert edges(graph_url) == {
        ("Release", 1, *edge, ()),
        ("Release", 2, *edge, (("main", False),)),
    }
    named = "MATCH (m:Master)<-[:DERIVED_FROM]-(r {id: m.main_release}) RETURN r.id AS id"
    assert ask(graph_url, named) == [{"id": 1}]


async def test_credits_of_tracks_are_an_option_and_another_identity(graph_url: str) -> None:
    async with opened(graph_url) as sink:
        plain = await sink.identity()
    async with opened(graph_url, graph_track_credits=True) as sink:
        assert await sink.identity() not in ("", plain)
        heading: Track = {"title": "Suite", "credits": [{"id": 8, "role": "Composed By"}]}
        tracks = [*FULL["tracks"], heading, heading]
        await load(sink, Entity.RELEASE, {3: {**FULL, "tracks": tracks}})
    credited = {edge[5] for edge in edges(graph_url) if edge[2:5] == ("CREDITS", "Artist", 8)}
    assert credited == {
        (("role", "Vocals"), ("track", "A"), ("track_sequence", 1)),
        (("role", "Composed By"), ("track_sequence", 2)),
        (("role", "Composed By"), ("track_sequence", 3)),
    }


async def test_a_replaced_record_has_only_its_new_edges(sink: GraphSink, graph_url: str) -> None:
    await load(sink, Entity.ARTIST, {1: {"aliases": [{"id": 2}]}, 2: {"name": "B"}})
    await load(sink, Entity.RELEASE, {3: FULL, 4: {"artists": [{"id": 7}]}})
    await load(sink, Entity.RELEASE, {3: {"artists": [{"id": 1}]}}, fingerprint=2)
    await load(sink, Entity.ARTIST, {1: {"name": "A"}}, fingerprint=2)
    assert edges(graph_url) == {
        ("Release", 3, "BY", "Artist", 1, (("position", 1),)),
        ("Release", 4, "BY", "Artist", 7, (("position", 1),)),
        ("Style", "House", "PART_OF", "Genre", "Electronic", ()),
    }


async def test_a_replaced_record_keeps_the_edges_that_stay(sink: GraphSink, graph_url: str) -> None:
    await load(sink, Entity.RELEASE, {3: FULL, 4: FULL})
    await sink.bookkeeping.declare(headers(), State.COMPLETE, "", 0)
    ask(graph_url, MAKE_TWICE)
    before = edge_ids(graph_url)
    changed: Release = {
        **FULL,
        "styles": ["Techno"],
        "credits": [FULL["credits"][0], {"id": 7, "role": "Remix"}],
    }
    await sink.bookkeeping.advance(headers(run=2))
    await sink.content.write(headers(run=2), [record(3, changed, 2), record(5, changed)])
    after = edge_ids(graph_url)
    assert {edge[:3] for edge in before - after} == {
        (3, "IS", "House"),
        (3, "CREDITS", 7),
        (3, "ON", 5),
    }
    assert sorted(edge[:3] for edge in after - before if edge[0] == 3) == [
        (3, "CREDITS", 7),
        (3, "IS", "Techno"),
    ]
    assert len(edges(graph_url)) == len(after) + 2  # none of them twice; and PART_OF
    assert Counter(edge[1:3] for edge in after if edge[0] == 5) == Counter(
        edge[1:3] for edge in after if edge[0] == 3
    )


async def test_a_distrusted_record_gets_back_what_somebody_has_spoilt(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, Entity.RELEASE, {3: FULL})
    await sink.bookkeeping.declare(headers(), State.COMPLETE, "", 0)
    before = edges(graph_url)
    for spoil in SPOIL:
        ask(graph_url, spoil)
    await sink.bookkeeping.advance(headers(run=2))
    await sink.content.distrust(headers(run=2), [3])
    await sink.content.write(headers(run=2), [record(3, FULL)])
    assert edges(graph_url) == before


def edge_ids(url: str) -> set[tuple[Any, ...]]:
    """Return the edges of releases: whose, type, the target's key, and the server's id."""
    return {tuple(row["edge"]) for row in ask(url, EDGE_IDS)}


async def test_a_sweep_leaves_the_stubs_that_are_pointed_at(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, Entity.RELEASE, {3: FULL})
    await load(sink, Entity.RELEASE, {3: {"artists": [{"id": 7}]}}, fingerprint=2)
    await sink.content.sweep(Entity.RELEASE)
    assert stubs(graph_url) == {("Artist", 7)}
    await load(sink, Entity.RELEASE, {3: FULL}, fingerprint=3)
    assert stubs(graph_url) == {("Artist", i) for i in (1, 2, 7)} | {("Label", 5), ("Master", 9)}


async def test_a_sweep_takes_no_record_without_edges(sink: GraphSink) -> None:
    await load(sink, Entity.ARTIST, {1: {"name": "alone"}, 2: {"name": "B"}})
    await load(sink, Entity.ARTIST, {1: {"name": "alone still"}}, fingerprint=2)
    await sink.content.sweep(Entity.ARTIST)
    assert (await sink.content.digests(Entity.ARTIST, [ALL.span], ()))[0] == Digest(2, 3)


async def test_what_a_rejected_record_would_have_pointed_at_is_swept(
    sink: GraphSink, graph_url: str
) -> None:
    await sink.bookkeeping.advance(headers())
    bad: Any = {"artists": [{"id": 4}], "title": {"not": "text"}}
    with pytest.raises(TerminalError):
        await sink.content.write(headers(), [record(3, bad)])
    await sink.content.write(headers(), [], [Rejection(3, 1, "not text")])
    await sink.content.sweep(Entity.RELEASE)
    assert stubs(graph_url) == set()


async def test_stubs_of_a_run_that_was_given_up_are_swept_by_the_next(
    graph_url: str, sink: GraphSink
) -> None:
    await sink.bookkeeping.advance(headers(run=1))
    async with opened(graph_url) as newer:
        await newer.bookkeeping.advance(headers(run=2))
        with pytest.raises(RunSupersededError):
            await sink.content.write(headers(run=1), [record(3, FULL)])
        await newer.content.write(headers(run=2), [record(3, {"artists": [{"id": 7}]})])
        await newer.content.sweep(Entity.RELEASE)
    assert stubs(graph_url) == {("Artist", 7)}


async def test_a_deleted_record_stays_as_a_stub_where_others_point_at_it(
    sink: GraphSink, graph_url: str
) -> None:
    aliases: dict[int, RecordData] = {
        1: {"name": "A", "aliases": [{"id": 1}, {"id": 2}]},
        2: {"name": "B", "aliases": [{"id": 3}]},
        3: {"name": "C", "profile": "pointed at by a release"},
        4: {"name": "D", "aliases": [{"id": 4}]},
    }
    await load(sink, Entity.ARTIST, aliases)
    await load(sink, Entity.RELEASE, {9: {"artists": [{"id": 3}]}})
    assert await sink.content.delete(headers(Entity.ARTIST), [2, 3, 4]) == 3
    assert stubs(graph_url) == {("Artist", 2), ("Artist", 3)}
    assert await sink.content.rows(Entity.ARTIST) == 1
    assert ask(graph_url, "MATCH (x:Artist {id: 3}) RETURN properties(x) AS p") == [
        {"p": {"id": 3}}
    ]
    await load(sink, Entity.RELEASE, {9: {"artists": [{"id": 4}]}}, fingerprint=2)
    await sink.content.sweep(Entity.RELEASE)
    assert stubs(graph_url) == {("Artist", 2), ("Artist", 4)}


async def test_a_stub_that_somebody_removed_is_made_again(sink: GraphSink, graph_url: str) -> None:
    await load(sink, Entity.RELEASE, {3: FULL})
    expected = edges(graph_url)
    ask(graph_url, "MATCH (x) WHERE x:Artist OR x:Genre OR x:Style DETACH DELETE x")
    await load(sink, Entity.RELEASE, {3: FULL}, fingerprint=2)
    assert edges(graph_url) == expected


async def test_text_comes_back_as_it_was(sink: GraphSink, graph_url: str) -> None:
    names = ["'}) DETACH DELETE x //", "e\u0301 é 🎵 עברית \x00 \x91", "long" * 5_000]
    await load(sink, Entity.ARTIST, {i: {"name": name} for i, name in enumerate(names, 1)})
    rows = ask(graph_url, "MATCH (x:Artist) RETURN x.name AS name ORDER BY x.id")
    assert [row["name"] for row in rows] == names


async def test_a_complete_run_is_declared_with_its_rows(sink: GraphSink) -> None:
    await load(sink, Entity.RELEASE, {1: FULL, 2: FULL})
    await sink.bookkeeping.declare(headers(), State.COMPLETE, "", 0)
    row = (await sink.bookkeeping.run_rows())[Entity.RELEASE]
    assert (row.rows_at_complete, row.complete_run) == (2, 1)
