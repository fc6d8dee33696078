"""Artists, labels and masters as Discogs' API has them, and all excerpts as a client takes them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from discogs_sdk import models
from pydantic import BaseModel

from common.entities import Entity
from common.records import Master
from serving.discogs.addresses import Addresses
from serving.discogs.artist import artist_of
from serving.discogs.label import label_of
from serving.discogs.master import master_of
from serving.discogs.release import release_of
from tests.full_records import ARTIST, LABEL, MASTER, RELEASE
from tests.oracle.history import cut, unpacked
from tests.unit.extractor.naive import read

BASE = "http://here:8080/discogs"
ADDRESSES = Addresses(BASE)


def test_an_artist() -> None:
    shaped = artist_of(1, ARTIST, ADDRESSES)
    assert (shaped["id"], shaped["name"], shaped["realname"]) == (1, "A", "R")
    assert shaped["resource_url"] == f"{BASE}/artists/1"
    assert shaped["releases_url"] == f"{BASE}/artists/1/releases"
    assert shaped["uri"] == "https://www.discogs.com/artist/1-A"
    assert shaped["namevariations"] == ["v1", "v2"]
    assert shaped["aliases"] == [{"id": 2, "name": "B", "resource_url": f"{BASE}/artists/2"}]
    [group] = shaped["groups"]
    assert group == {
        "id": 3,
        "name": "C",
        "resource_url": f"{BASE}/artists/3",
        "active": True,
    }
    assert [member["id"] for member in shaped["members"]] == [4, 0]


def test_an_artist_of_whom_nothing_is_known_has_no_empty_lists() -> None:
    assert set(artist_of(1, {"name": "A"}, ADDRESSES)) == {
        *("id", "name", "resource_url", "uri", "releases_url", "profile", "data_quality"),
    }


def test_a_label() -> None:
    shaped = label_of(1, LABEL, ADDRESSES)
    assert (shaped["name"], shaped["contact_info"], shaped["profile"]) == ("L", "C", "P")
    assert shaped["parent_label"] == {
        "id": 2,
        "name": "Parent",
        "resource_url": f"{BASE}/labels/2",
    }
    assert [one["name"] for one in shaped["sublabels"]] == ["S", "T"]
    assert shaped["releases_url"] == f"{BASE}/labels/1/releases"
    assert label_of(212, {}, ADDRESSES)["name"] == ""


def test_a_master_has_its_main_releases_tracks() -> None:
    shaped = master_of(6, MASTER, RELEASE["tracks"], 12, ADDRESSES)
    assert (shaped["main_release"], shaped["most_recent_release"]) == (9, 12)
    assert shaped["main_release_url"] == f"{BASE}/releases/9"
    assert shaped["most_recent_release_url"] == f"{BASE}/releases/12"
    assert shaped["versions_url"] == f"{BASE}/masters/6/versions"
    assert [track["type_"] for track in shaped["tracklist"]] == ["heading", "index", "track"]
    assert (shaped["year"], shaped["title"], shaped["notes"]) == (1959, "T", "N")
    assert [one["uri"] for one in shaped["videos"]] == ["s"]


def test_a_comma_behind_a_masters_last_artist_joins_nobody() -> None:
    master: Master = {"artists": [{"name": "A", "join": ","}, {"name": "B", "join": ","}]}
    shaped = master_of(1, master, [], None, ADDRESSES)
    assert [one["join"] for one in shaped["artists"]] == [",", ""]
    assert not {"main_release", "main_release_url", "most_recent_release"} & shaped.keys()


SHAPES: Mapping[Entity, Callable[[int, Any], dict[str, Any]]] = {
    Entity.ARTIST: lambda id_, record: artist_of(id_, record, ADDRESSES),
    Entity.LABEL: lambda id_, record: label_of(id_, record, ADDRESSES),
    Entity.MASTER: lambda id_, record: master_of(id_, record, [], None, ADDRESSES),
    Entity.RELEASE: lambda id_, record: release_of(id_, record, ADDRESSES),
}
MODELS: Mapping[Entity, type[BaseModel]] = {
    Entity.ARTIST: models.Artist,
    Entity.LABEL: models.Label,
    Entity.MASTER: models.Master,
    Entity.RELEASE: models.Release,
}


@pytest.mark.parametrize(
    ("dump", "entity"),
    [
        (20170401, Entity.ARTIST),
        (20200901, Entity.LABEL),
        (20200901, Entity.MASTER),
        (20200901, Entity.RELEASE),
        (20250201, Entity.RELEASE),
        (20260401, Entity.MASTER),
    ],
)
def test_a_typed_client_takes_all_excerpts(excerpts: Path, dump: int, entity: Entity) -> None:
    path = excerpts / str(dump) / f"discogs_{dump}_{entity.plural}.xml.gz"
    for raw in cut(unpacked(path)):
        id_, record = read(raw, entity)
        taken = MODELS[entity].model_validate(SHAPES[entity](id_, record))
        name = "name" if entity in (Entity.ARTIST, Entity.LABEL) else "title"
        assert getattr(taken, name) == record.get(name, "")
