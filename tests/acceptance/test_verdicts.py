"""What is told of a run: nothing is called equal that is not, by none of the commands."""

import re
from pathlib import Path

import pytest

from tests.acceptance.place import Place, place_on
from tests.acceptance.processes import Finished
from tests.acceptance.rig import Rig
from tests.contract.sinks import connected
from tests.servers import graph_driver

NAMELESS = b"<labels>\n" + b"<label><name>Planet E</name></label>\n" * 5 + b"</labels>\n"
NONE_READ = "no record of the dump could be read: 5 quarantined, 5 of them without a readable id"
EXCEPTIONS = f"labels: equal, with exceptions ({NONE_READ})"

TWICE = b"""<labels>
<label><id>1</id><name>One</name></label>
<label><id>1</id><name>Another</name></label>
</labels>
"""


def labels(folder: Path, content: bytes, date: int = 20260101) -> str:
    """Write a dump of labels; return its path."""
    path = folder / f"discogs_{date}_labels.xml"
    path.write_bytes(content)
    return str(path)


@pytest.fixture
def place(postgres_url: str, valkey_url: str, tmp_path: Path) -> Place:
    """A place to run commands in, with PostgreSQL alone."""
    return place_on(postgres_url, valkey_url, [], tmp_path)


async def waxline(place: Place, *words: str, **changes: str) -> Finished:
    """Run a command that ends well."""
    finished = await place.run("waxline", *words, **changes)
    assert finished.code == 0, finished.said
    return finished


async def test_both_sinks_know_of_records_without_a_readable_id(
    embedded: Rig, tmp_path: Path
) -> None:
    await embedded.load(Path(labels(tmp_path, NAMELESS)))
    async with connected(embedded.urls.postgres) as connection:
        rows = await connection.fetch("SELECT detail, exceptions FROM waxline.run")
    assert [tuple(row) for row in rows] == [(NONE_READ, 5)]
    statement = "MATCH (s:WaxlineRun) RETURN s.detail AS detail, s.exceptions AS exceptions"
    url = embedded.urls.graph
    with graph_driver(url) as driver, driver.session(database=url.rpartition("/")[2]) as session:
        assert [found.values() for found in session.run(statement)] == [[NONE_READ, 5]]


async def test_records_without_a_readable_id_are_told_everywhere(
    place: Place, tmp_path: Path
) -> None:
    dump = labels(tmp_path, NAMELESS)
    for _ in range(2):  # the second time nothing is new, and they are no less left out
        said = (await waxline(place, "run", dump)).said
        assert f"postgres, {EXCEPTIONS}" in said
        assert "Every sink equals the dumps, but for the records told of above." in said
        assert "0  equal, with exceptions\n" in said
    runs = (await waxline(place, "runs")).said
    assert runs.count(f"equal, with exceptions ({NONE_READ})") == 2
    audited = (await waxline(place, "audit", "--entity", "labels")).said
    assert f"postgres, {EXCEPTIONS}" in audited
    assert "Every sink equals its last run, but for the records told of above." in audited
    verified = (await waxline(place, "verify", "--all", dump)).said
    assert f"postgres, {EXCEPTIONS}" in verified
    assert "as the dumps have it, but for those told of above" in verified
    sampled = (await waxline(place, "verify", dump)).said
    assert "equal" not in sampled
    listed = (await waxline(place, "quarantine", "list")).said
    assert listed.count("a label without an id") == 5
    elsewhere = str(tmp_path / "elsewhere")
    listed = (await waxline(place, "quarantine", "list", WAXLINE_DATA_FOLDER=elsewhere)).said
    assert "  5 labels  " in listed


async def test_an_id_with_two_contents_is_an_exception(place: Place, tmp_path: Path) -> None:
    dump = labels(tmp_path, TWICE)
    said = (await waxline(place, "run", dump)).said
    assert "postgres, labels: equal, with exceptions (1 quarantined)" in said
    audited = (await waxline(place, "audit", "--entity", "labels")).said
    assert "postgres, labels: equal, with exceptions (1 quarantined)" in audited
    repaired = (await waxline(place, "repair", dump)).said
    assert "Every sink equals its last run, but for the records told of above." in repaired


async def test_the_way_back_to_an_older_dump_needs_one_reading(
    place: Place, tmp_path: Path
) -> None:
    older = labels(tmp_path, plain(range(1, 21)))
    newer = labels(tmp_path, plain(range(1, 22), "changed"), 20260201)
    await waxline(place, "run", newer)
    refused = await place.run("waxline", "run", older)
    assert refused.code == 5, refused.said
    assert "labels: refused (the dump of 20260101 is older" in refused.said
    back = (await waxline(place, "run", "--allow-older", older)).said
    assert re.search(r"^labels +20 +0 +20 +0 ", back, re.MULTILINE), back
    assert re.search(r"^labels +postgres +20 +0 +1 +yes$", back, re.MULTILINE), back


async def test_the_summary_adds_up_all_readings(place: Place, tmp_path: Path) -> None:
    """The first reading deletes, and is unequal by a row that somebody else has changed."""
    await waxline(place, "run", labels(tmp_path, plain(range(1, 22))))
    async with connected(place.settings["WAXLINE_POSTGRES_URL"]) as connection:
        await connection.execute("UPDATE discogs.label SET fingerprint = 5 WHERE id = 7")
    said = (await waxline(place, "run", labels(tmp_path, plain(range(1, 21)), 20260201))).said
    assert "labels: read 2 times, and the counts are of all of them" in said
    assert re.search(r"^labels +40 +20 +20 +0 ", said, re.MULTILINE), said
    assert re.search(r"^labels +postgres +1 +0 +1 +yes$", said, re.MULTILINE), said
    assert "Every sink equals the dumps.\n" in said
    runs = (await waxline(place, "runs")).said.splitlines()
    assert [re.split(r"  +", line)[-1] for line in runs[1:]] == [
        "equal",
        "differs (1 ranges differ from the dump)",
        "equal",
    ]


async def test_an_option_turned_on_after_a_load_is_applied_in_one_reading(
    arcadedb_url: str, valkey_url: str, tmp_path: Path
) -> None:
    place = place_on("", valkey_url, [], tmp_path)
    place.settings.update(WAXLINE_SINKS="neo4j", WAXLINE_GRAPH_URL=arcadedb_url)
    dump = str(releases(tmp_path))
    await waxline(place, "run", dump)
    place.settings["WAXLINE_GRAPH_TRACK_CREDITS"] = "true"
    audited = await place.run("waxline", "audit", "--entity", "releases")
    assert audited.code == 5
    why = "arcadedb, releases: differs (it was loaded without graph_track_credits, which is set"
    assert why in audited.said
    sampled = await place.run("waxline", "verify", "--sample", "1", dump)
    assert sampled.code == 5, sampled.said
    said = (await waxline(place, "run", dump)).said
    assert re.search(r"^releases +2 +0 +2 +0 ", said, re.MULTILINE), said
    assert re.search(r"^releases +arcadedb +2 +0 +0 +yes$", said, re.MULTILINE), said
    await waxline(place, "audit", "--entity", "releases")
    verified = (await waxline(place, "verify", "--all", dump)).said
    assert "Every record compared is as the dumps have it." in verified
    said = (await waxline(place, "run", dump)).said
    assert "nothing had changed" in said


def releases(folder: Path) -> Path:
    """Write a dump of two releases, one with a credit on a track."""
    path = folder / "discogs_20260101_releases.xml"
    path.write_text(
        "<releases>\n"
        '<release id="1"><title>One</title><tracklist><track><position>A1</position>'
        "<title>Blue</title><extraartists><artist><id>3</id><name>Miles</name><role>Mix</role>"
        "</artist></extraartists></track></tracklist></release>\n"
        '<release id="2"><title>Two</title></release>\n'
        "</releases>\n"
    )
    return path


def plain(ids: range, content: str = "") -> bytes:
    """Return a dump of labels with these ids."""
    records = [f"<label><id>{i}</id><name>Label {i} {content}</name></label>\n" for i in ids]
    return f"<labels>\n{''.join(records)}</labels>\n".encode()
