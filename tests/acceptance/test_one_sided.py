"""What old dumps and parts of dumps say on one side only, or not at all, or twice."""

from pathlib import Path

import asyncpg

from tests.acceptance.rig import Rig
from tests.oracle import Load, after
from tests.oracle.graph import DEADLINE, session_of

ARTISTS = """<artists>
<artist><id>41</id><name>The Pair</name><members><id>42</id><name>One</name><id>43</id>\
<name>Other</name></members></artist>
<artist><id>42</id><name>One</name><groups><name/></groups></artist>
<artist><id>43</id><name>Other</name><groups><name>The Pair</name></groups></artist>
</artists>
"""
LABELS = """<labels>
<label><id>7</id><name>Over</name><sublabels><label id="8">Under</label></sublabels></label>
<label><id>8</id><name>Under</name></label>
</labels>
"""
MASTERS = """<masters>
<master id="10"><main_release>1</main_release><genres><genre>Electronic</genre></genres>\
<genres><genre>Jazz</genre></genres><year>1994</year><title>Thing</title></master>
</masters>
"""
RELEASES = """<releases>
<release id="1"><title>Thing</title><master_id>10</master_id><formats>\
<format name="Vinyl" qty="1" text=""/><format name="Vinyl" qty="1" text=""/></formats>\
<tracklist><track><title>Suite</title><sub_tracks><track><title>Overture</title></track>\
</sub_tracks><sub_tracks><track><title>Air</title></track></sub_tracks></track></tracklist></release>
</releases>
"""
EDGES = """
MATCH (x)-[e]->(y) WHERE type(e) <> 'IS'
RETURN x.id AS x, type(e) AS e, y.id AS y, properties(e) AS p
"""
TRACKS = "SELECT title, parent_sequence FROM discogs.release_track ORDER BY sequence"


def written(folder: Path) -> list[Path]:
    dumps = {"artists": ARTISTS, "labels": LABELS, "masters": MASTERS, "releases": RELEASES}
    for name, xml in dumps.items():
        (folder / f"discogs_20150801_{name}.xml").write_text(xml)
    return [folder / f"discogs_20150801_{name}.xml" for name in dumps]


async def test_what_one_side_says_is_there_and_what_nobody_says_is_not(
    embedded: Rig, tmp_path: Path
) -> None:
    dumps = written(tmp_path)
    await embedded.load(*dumps)
    assert await embedded.differences(after(*map(Load, dumps))) == ""
    async with session_of(embedded.urls.graph) as session:
        found = [tuple(record.values()) async for record in await session.run(EDGES)]
        main = await (await session.run("MATCH (m:Master) RETURN m.main_release AS id")).single()
    assert sorted(found, key=lambda edge: edge[:3]) == [
        (1, "DERIVED_FROM", 10, {}),
        (7, "HAS_SUBLABEL", 8, {}),
        (41, "HAS_MEMBER", 42, {}),
        (41, "HAS_MEMBER", 43, {}),
    ]
    assert main is not None
    assert main["id"] == 1


async def test_no_list_is_lost_where_it_is_given_twice(embedded: Rig, tmp_path: Path) -> None:
    await embedded.load(*written(tmp_path))
    connection = await asyncpg.connect(embedded.urls.postgres, timeout=DEADLINE)
    try:
        tracks = [tuple(row) for row in await connection.fetch(TRACKS)]
        formats = await connection.fetchval("SELECT count(*) FROM discogs.release_format")
        genres = await connection.fetch("SELECT genre FROM discogs.master_genre ORDER BY sequence")
    finally:
        await connection.close(timeout=DEADLINE)
    assert tracks == [("Suite", None), ("Overture", 1), ("Air", 1)]
    assert [row["genre"] for row in genres] == ["Electronic", "Jazz"]
    assert formats == 2
