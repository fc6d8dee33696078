"""Clients that are written for Discogs' API work here when their base URL is changed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import discogs_sdk
import pytest

from common.entities import Entity
from tests.acceptance.documents import Block, blocks
from tests.servers import REPOSITORY
from tests.serving.discogs.expected import Records, all_tracks, discography, of_label, year
from tests.serving.rig import SECONDS, Served

discogs_client: Any = import_module("discogs_client")  # it has no types


@pytest.fixture
def client(served: Served) -> Any:
    """python3-discogs-client, for what is served."""
    made = discogs_client.Client("waxline-tests/1.0", user_token="any")  # noqa: S106 - any will do
    made._base_url = f"{served.url}/discogs"
    made.set_timeout(SECONDS, SECONDS)
    made.backoff_enabled = False
    return made


@pytest.fixture
def sdk(served: Served) -> Iterator[discogs_sdk.Discogs]:
    """discogs-sdk, for what is served."""
    url = f"{served.url}/discogs"
    with discogs_sdk.Discogs(base_url=url, timeout=SECONDS, max_retries=0) as made:
        yield made


@pytest.fixture(scope="module")
def full(held: Records) -> tuple[int, dict[str, Any]]:
    """A release with a master, credits, videos and a title that can be searched for."""
    return next(
        (id_, one)
        for id_, one in held[Entity.RELEASE].items()
        if {"credits", "tracks", "videos"} <= one.keys()
        and one.get("master_id") in held[Entity.MASTER]
        and one["title"].isascii()
        and all(artist["name"].isascii() and "id" in artist for artist in one["artists"])
    )


def busiest(held: Records) -> int:
    """Return the artist with the longest list."""
    return max(held[Entity.ARTIST], key=lambda id_: len(discography(held, id_)))


def test_python3_discogs_client_looks_up(
    client: Any, held: Records, full: tuple[int, dict[str, Any]]
) -> None:
    id_, record = full
    release = client.release(id_)
    assert (release.title, release.year) == (record["title"], year(record) or 0)
    assert (release.genres, release.styles) == (record["genres"], record.get("styles", []))
    assert [one.name for one in release.artists] == [one["name"] for one in record["artists"]]
    assert [one.role for one in release.credits] == [one.get("role") for one in record["credits"]]
    assert [one.title for one in release.tracklist] == [one["title"] for one in record["tracks"]]
    assert [one.url for one in release.videos] == [one["src"] for one in record["videos"]]
    assert [one.catno for one in release.labels] == [one["catno"] for one in record["labels"]]
    assert (release.community.have, release.community.submitter.username) == (0, "")
    assert release.marketplace_stats.num_for_sale == 0
    master = held[Entity.MASTER][record["master_id"]]
    assert release.master.title == master["title"]
    assert release.master.main_release.id == master["main_release"]
    assert client.identity().username == "waxline"


def test_python3_discogs_client_follows(client: Any, held: Records) -> None:
    artist = busiest(held)
    record = held[Entity.ARTIST][artist]
    found = client.artist(artist)
    assert (found.name, found.real_name) == (record["name"], record.get("real_name"))
    assert [one.name for one in found.members] == [one["name"] for one in record.get("members", [])]
    releases = found.releases
    listed = {(type(one).__name__.lower(), one.id, one.data["role"]) for one in releases}
    assert listed == discography(held, artist)
    assert len(releases) == len(listed)
    assert releases[len(releases) - 1].id
    years = [one.data.get("year", 9999) for one in found.releases.sort("year") if _is_main(one)]
    assert years == sorted(years)


def _is_main(one: Any) -> bool:
    return bool(one.data["role"] == "Main")


def test_python3_discogs_client_lists_a_label_and_versions(
    client: Any, held: Records, full: tuple[int, dict[str, Any]]
) -> None:
    label = next(one["id"] for one in full[1]["labels"] if one.get("id") in held[Entity.LABEL])
    found = client.label(label)
    assert found.name == held[Entity.LABEL][label]["name"]
    assert {one.id for one in found.releases} == of_label(held, label).keys()
    if parent := held[Entity.LABEL][label].get("parent"):
        assert found.parent_label.id == parent["id"]
    master = full[1]["master_id"]
    versions = {i for i, one in held[Entity.RELEASE].items() if one.get("master_id") == master}
    assert {one.id for one in client.master(master).versions} == versions


def test_python3_discogs_client_searches(client: Any, full: tuple[int, dict[str, Any]]) -> None:
    id_, record = full
    by_words = client.search(record["title"], type="release")
    assert id_ in {one.id for one in by_words}
    by_parts = client.search(
        artist=record["artists"][0]["name"], release_title=record["title"], type="release"
    )
    assert id_ in {one.id for one in by_parts.page(1)}
    assert by_parts.page(1)[0].title.endswith(record["title"])
    with pytest.raises(IndexError):
        by_parts[10_000]


def test_python3_discogs_client_hears_what_is_not_there(client: Any) -> None:
    with pytest.raises(
        discogs_client.exceptions.HTTPError, match="404: Release not found"
    ) as raised:
        client.release(999_999_999).refresh()
    assert raised.value.status_code == 404


def test_discogs_sdk_looks_up(
    sdk: discogs_sdk.Discogs, held: Records, full: tuple[int, dict[str, Any]]
) -> None:
    id_, record = full
    release = sdk.releases.get(id_, curr_abbr="EUR")
    assert (release.title, release.country) == (record["title"], record.get("country"))
    assert [one.name for one in release.labels or ()] == [one["name"] for one in record["labels"]]
    tracks = [
        one for track in release.tracklist or () for one in (track, *(track.sub_tracks or ()))
    ]
    assert [one.title for one in tracks] == [one.get("title", "") for one in all_tracks(record)]
    credits_ = release.extra_artists or ()
    assert [one.role for one in credits_] == [one.get("role", "") for one in record["credits"]]
    assert release.rating.get().rating.count == 0
    assert release.stats.get().num_have == 0
    assert release.marketplace_stats.get().num_for_sale == 0
    master = held[Entity.MASTER][record["master_id"]]
    assert sdk.masters.get(record["master_id"]).title == master["title"]
    with pytest.raises(discogs_sdk.NotFoundError, match="Artist not found"):
        sdk.artists.get(999_999_999).name  # noqa: B018 - reading it asks


def test_discogs_sdk_pages(
    sdk: discogs_sdk.Discogs, held: Records, full: tuple[int, dict[str, Any]]
) -> None:
    artist = busiest(held)
    releases = sdk.artists.get(artist).releases.list(per_page=10, sort="title")
    assert {(one.type, one.id, one.role) for one in releases} == discography(held, artist)
    master = full[1]["master_id"]
    versions = {i for i, one in held[Entity.RELEASE].items() if one.get("master_id") == master}
    assert {one.id for one in sdk.masters.get(master).versions.list(per_page=1)} == versions
    label = full[1]["labels"][0]["id"]
    assert {one.id for one in sdk.labels.get(label).releases.list(per_page=2)} == set(
        of_label(held, label)
    )


def test_discogs_sdk_searches(
    sdk: discogs_sdk.Discogs, held: Records, full: tuple[int, dict[str, Any]]
) -> None:
    id_, record = full
    by_words = {one.id: one for one in sdk.search(query=record["title"], type="release")}
    assert by_words[id_].country == record.get("country", "")
    assert (by_words[id_].uri or "").startswith(f"https://www.discogs.com/release/{id_}-")
    style = next(one["styles"][0] for one in held[Entity.RELEASE].values() if "styles" in one)
    found = {one.id for one in sdk.search(style=style, type="release", per_page=20)}
    releases = held[Entity.RELEASE].items()
    assert found == {id_ for id_, one in releases if style in one.get("styles", [])}


def test_beets_tags_with_it(
    served: Served, full: tuple[int, dict[str, Any]], held: Records, tmp_path: Path
) -> None:
    id_, record = full
    said = beets(served, tmp_path, str(id_), record["artists"][0]["name"], record["title"])
    found = said["found"]
    assert (found["album_id"], found["album"]) == (id_, " ".join(record["title"].split()))
    assert found["year"] == (year(record) or 0)
    assert found["country"] == record.get("country")
    assert found["media"] == record["formats"][0]["name"]
    assert found["releasegroup_id"] == record["master_id"]
    assert found["original_year"] == held[Entity.MASTER][record["master_id"]].get("year", 0)
    assert found["data_url"].startswith(f"https://www.discogs.com/release/{id_}-")
    assert sorted(record.get("styles", [])) == found["genres"]
    assert found["titles"]
    assert {title for title in found["titles"] if "/" not in title} <= {
        one.get("title", "") for one in all_tracks(record)
    }
    assert id_ in {one["album_id"] for one in said["searched"]}


def beets(served: Served, folder: Path, *words: str) -> Mapping[str, Any]:
    """Return what beets' plugin says."""
    command = (sys.executable, "-m", "tests.serving.discogs.beets_client")
    done = subprocess.run(
        [*command, f"{served.url}/discogs", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=REPOSITORY,
        env={**os.environ, "BEETSDIR": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    said: Mapping[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_the_lines_in_the_documents_work(served: Served, held: Records, block: Block) -> None:
    lines = block.text.replace("http://127.0.0.1:8080", served.url)
    done = subprocess.run(
        [sys.executable, "-c", lines],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    release, artist = held[Entity.RELEASE][1], held[Entity.ARTIST][1]
    assert done.stdout.strip() in (release["title"], artist["name"])
