"""Ways to spoil what a sink holds, each with the words by which a check must name it."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import neo4j

from tests.oracle.graph import DEADLINE, session_of

STRANGER = 999_999
"""An id that no dump has."""

_RELEASES = """
SELECT release_id FROM discogs.release_artist JOIN discogs.release_track USING (release_id)
WHERE artist_id IS NOT NULL GROUP BY release_id ORDER BY release_id LIMIT 8
"""
_ARTISTS = """
SELECT artist_id FROM discogs.artist_name_variation GROUP BY artist_id ORDER BY artist_id LIMIT 2
"""


@dataclass(frozen=True)
class Spoilt:
    """A statement, and what is said about what it does; ``counted`` when fingerprints tell."""

    sink: str
    statement: str
    words: tuple[str, ...]
    counted: bool = False


def in_postgres(releases: Sequence[int], artists: Sequence[int]) -> list[Spoilt]:
    """Return a row changed, rows lost and rows too many."""
    one, two, three = releases[:3]
    return [
        Spoilt(
            "postgres",
            f"UPDATE discogs.release SET title = 'Spoilt' WHERE id = {one}",  # noqa: S608
            (f"postgres, release {one}, release, title:", "found    'Spoilt'"),
        ),
        Spoilt(
            "postgres",
            f"DELETE FROM discogs.release_track WHERE release_id = {two} AND sequence = 1",  # noqa: S608
            (f"postgres, release {two}, release_track sequence 1:", "found    nothing"),
        ),
        Spoilt(
            "postgres",
            f"INSERT INTO discogs.release_genre VALUES ({three}, 99, 'Spoilt')",  # noqa: S608
            (f"postgres, release {three}, release_genre sequence 99:", "found    genre 'Spoilt'"),
        ),
        Spoilt(
            "postgres",
            f"INSERT INTO discogs.release_style VALUES ({STRANGER}, 1, 'Spoilt')",  # noqa: S608
            (f"postgres, release {STRANGER}:", "that the dump has not"),
        ),
        Spoilt(
            "postgres",
            f"DELETE FROM discogs.artist WHERE id = {artists[0]}",  # noqa: S608
            (f"postgres, artist {artists[0]}, artist:", "found    nothing"),
            counted=True,
        ),
        Spoilt(
            "postgres",
            f"INSERT INTO discogs.label VALUES ({STRANGER}, 20260101, 77, 'Spoilt')",  # noqa: S608
            (f"postgres, label {STRANGER}:", "that the dump has not"),
            counted=True,
        ),
    ]


def in_graph(releases: Sequence[int], artists: Sequence[int]) -> list[Spoilt]:
    """Return edges lost and made, a property changed, a node lost and one too many."""
    one, two, three = releases[3:6]
    return [
        Spoilt(
            "arcadedb",
            f"MATCH (:Release {{id: {one}}})-[e:BY]->() DELETE e",
            (f"arcadedb, release {one}, BY to Artist", "found    nothing"),
        ),
        Spoilt(
            "arcadedb",
            f"MATCH (x:Release {{id: {two}}}), (a:Artist {{id: {artists[1]}}}) "
            "CREATE (x)-[:CREDITS {role: 'Spoilt'}]->(a)",
            (f"arcadedb, release {two}, CREDITS to Artist {artists[1]}:", "found    role 'Spoilt'"),
        ),
        Spoilt(
            "arcadedb",
            f"MATCH (x:Artist {{id: {artists[1]}}}) SET x.name = 'Spoilt'",
            (f"arcadedb, artist {artists[1]}, Artist, name:", "found    'Spoilt'"),
        ),
        Spoilt(
            "arcadedb",
            f"MATCH (x:Release {{id: {three}}}) DETACH DELETE x",
            (f"arcadedb, release {three}, Release:", "found    nothing"),
            counted=True,
        ),
        Spoilt(
            "arcadedb",
            f"CREATE (:Label {{id: {STRANGER}, name: 'Spoilt', fingerprint: 77, dump: 20260101}})",
            (f"arcadedb, label {STRANGER}:", "that the dump has not"),
            counted=True,
        ),
    ]


async def spoil(postgres: str, graph: str) -> list[Spoilt]:
    """Spoil both sinks in every way; return what was done."""
    connection = await asyncpg.connect(postgres, timeout=DEADLINE, command_timeout=DEADLINE)
    try:
        releases = [row[0] for row in await connection.fetch(_RELEASES)]
        artists = [row[0] for row in await connection.fetch(_ARTISTS)]
        rows = in_postgres(releases, artists)
        for one in rows:
            await connection.execute(one.statement)
    finally:
        await connection.close(timeout=DEADLINE)
    nodes = in_graph(releases, artists)
    async with session_of(graph) as session:
        for one in nodes:
            await (await session.run(neo4j.Query(one.statement))).consume()
    return [*rows, *nodes]
