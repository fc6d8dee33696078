"""Paths of any bytes, and outputs that cannot take what is printed, or are not read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import Place, place_on
from tests.servers import ShortLivedArcadeDB, started
from waxline.servers.postgres import Postgres
from waxline.servers.valkey import Valkey

PLAN = Plan(releases=20, seed=28)
DEADLINE = 120.0
ODD = "a 'b' \"c\" \\ d\udcff é"
"""A folder's name; one of its bytes is not UTF-8."""


@pytest.fixture
def place(postgres_url: str, valkey_url: str, tmp_path: Path) -> Place:
    """A place whose dumps lie in a folder with an odd name, each with a dash at its beginning."""
    folder = tmp_path / ODD
    folder.mkdir()
    made = month(PLAN, 1, tmp_path / "dumps")
    dumps = [dump.rename(folder / f"-{dump.name}") for dump in made]
    return place_on(postgres_url, valkey_url, dumps, tmp_path)


def shell(place: Place, line: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of bash in the odd folder, ``$waxline`` being the program."""
    program = f"{sys.executable} -m waxline"
    return subprocess.run(
        ["bash", "-c", f"waxline='{program}'; {line}"],
        cwd=place.dumps[0].parent,
        env={"PATH": os.defpath, **place.settings, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=DEADLINE,
        check=False,
    )


def test_a_path_may_have_any_bytes_and_begin_with_a_dash(place: Place) -> None:
    # One record is set aside, so that its path is written there too.
    artists = place.dumps[0].with_name("-discogs_20260101_artists.xml")
    place.dumps[0].unlink()
    artists.write_text("<artists><artist><id>1</id><name>A</name></artist><artist/></artists>")
    done = shell(place, '$waxline run -- *.xml* "$PWD"/*_labels.xml.gz | cat')
    assert "two files of labels" in done.stderr, done.stdout + done.stderr
    done = shell(place, "$waxline run -- *.xml*")
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    listed = shell(place, "$waxline quarantine list")
    assert "artist" in listed.stdout, listed.stderr


def test_what_an_output_cannot_write_is_written_otherwise(place: Place) -> None:
    done = shell(place, "$waxline generate é… --releases 2", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\xe9\\u2026" in done.stdout


def test_an_output_that_nobody_reads_stops_nothing(place: Place) -> None:
    done = shell(place, '$waxline run -- *.xml.gz | true; echo "code ${PIPESTATUS[0]}"')
    assert "code 0" in done.stdout
    assert "nobody reads what is printed; the work goes on" in done.stderr
    again = shell(place, "$waxline run -- *.xml.gz")
    assert "nothing had changed" in again.stdout


@pytest.mark.parametrize("kind", [Valkey, Postgres, ShortLivedArcadeDB])
def test_a_server_works_in_a_folder_with_an_odd_name(
    kind: "type[Valkey | Postgres | ShortLivedArcadeDB]", tmp_path: Path
) -> None:
    (tmp_path / ODD).mkdir()
    with started(kind("server", tmp_path / ODD)) as server:
        assert server.url()
    assert [path.name for path in tmp_path.iterdir()] == [ODD]
