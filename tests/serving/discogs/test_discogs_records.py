"""Every record of two months, at Discogs' paths and in its shape."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from common.entities import Entity
from common.records import Master
from serving.discogs.addresses import Addresses
from serving.discogs.artist import artist_of
from serving.discogs.label import label_of
from serving.discogs.master import master_of
from serving.discogs.release import release_of
from tests.serving.discogs.expected import Records, records_of, year
from tests.serving.rig import Served, serving

SHAPES: Mapping[Entity, Any] = {
    Entity.ARTIST: artist_of,
    Entity.LABEL: label_of,
    Entity.RELEASE: release_of,
}


def here(served: Served) -> Addresses:
    """Return the addresses of what is served."""
    return Addresses(f"{served.url}/discogs")


@pytest.mark.parametrize("entity", list(SHAPES))
def test_records_are_those_of_the_dumps(month_2_served: Served, entity: Entity) -> None:
    records = records_of(month_2_served.truth(2))[entity]
    assert records
    for id_, record in records.items():
        shaped = SHAPES[entity](id_, record, here(month_2_served))
        for _layer in ("database", "memory"):
            answer = month_2_served.client.get(f"/discogs/{entity.plural}/{id_}")
            assert answer.json() == shaped


def test_what_one_holds_is_not_sent_again(served: Served) -> None:
    answer = served.client.get("/discogs/releases/1")
    held = {"If-None-Match": answer.headers["etag"]}
    again = served.client.get("/discogs/releases/1?token=any", headers=held)
    assert (again.status_code, again.content) == (304, b"")


def test_records_out_of_the_cache_are_the_same(month_2_served: Served, tmp_path: Path) -> None:
    paths = ["releases/1", "artists/1", "labels/1", "masters/1", "artists/1/releases"]
    bodies = {path: month_2_served.client.get(f"/discogs/{path}").json() for path in paths}
    catalogue, name = month_2_served.catalogue, month_2_served.database
    with serving(
        catalogue,
        name,
        tmp_path,
        emptied=False,
        WAXLINE_DISCOGS_PREFIX="/",
        WAXLINE_PUBLIC_ADDRESS=month_2_served.url,
    ) as other:
        for path in paths:
            there = str(bodies[path]).replace(f"{month_2_served.url}/discogs", month_2_served.url)
            assert str(other.client.get(f"/{path}").json()) == there
        assert other.client.get("/discogs/releases/1").status_code == 404


def test_addresses_are_at_the_host_that_was_asked(served: Served) -> None:
    for host in ("music:8080", "other.example.org"):
        answer = served.client.get("/discogs/labels/1/releases?per_page=1", headers={"Host": host})
        base = f"http://{host}/discogs"
        assert answer.json()["releases"][0]["resource_url"].startswith(f"{base}/releases/")
        assert answer.json()["pagination"]["urls"]["next"].startswith(f"{base}/labels/1/")
        assert answer.links["next"]["url"] == answer.json()["pagination"]["urls"]["next"]


def test_masters_have_the_tracks_of_their_main_releases(month_2_served: Served) -> None:
    records = records_of(month_2_served.truth(2))
    for id_, master in records[Entity.MASTER].items():
        main = records[Entity.RELEASE].get(master.get("main_release", 0), {})
        recent = latest(records, id_)
        shaped = master_of(
            id_, cast("Master", master), main.get("tracks", []), recent, here(month_2_served)
        )
        assert month_2_served.client.get(f"/discogs/masters/{id_}").json() == shaped


def latest(records: Records, master: int) -> int | None:
    """Return the version with the latest date."""
    of_it = {i: one for i, one in records[Entity.RELEASE].items() if one.get("master_id") == master}
    ranks = {i: (year(one) or 0, one.get("released", ""), i) for i, one in of_it.items()}
    return max(ranks, key=lambda id_: ranks[id_]) if ranks else None


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/releases/999999999", "Release not found."),
        ("/masters/999999999", "Master Release not found."),
        ("/artists/999999999", "Artist not found."),
        ("/labels/999999999", "Label not found."),
        ("/artists/194", "Artist not found."),
        ("/releases/0", "Release not found."),
        ("/releases/99999999999", "Release not found."),
        ("/masters/999999999/versions", "Master Release not found."),
        ("/artists/99999999999/releases", "Artist not found."),
        ("/labels/999999999/releases", "Label not found."),
        ("/releases/999999999/stats", "Release not found."),
        ("/users/somebody", "User does not exist or may have been deleted."),
    ],
)
def test_what_is_not_there_is_told_in_discogs_words(
    served: Served, path: str, message: str
) -> None:
    answer = served.client.get(f"/discogs{path}", params={"curr_abbr": "EUR"})
    assert (answer.status_code, answer.json()) == (404, {"message": message})


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/", {"hello", "api_version", "documentation_url", "statistics"}),
        ("/oauth/identity", {"id", "username", "resource_url", "consumer_name"}),
        ("/users/waxline", {"id", "username", "resource_url", "num_collection", "num_wantlist"}),
        ("/releases/1/rating", {"release_id", "rating"}),
        ("/releases/1/rating/waxline", {"release_id", "username", "rating"}),
        ("/releases/1/stats", {"num_have", "num_want", "is_offensive"}),
        ("/marketplace/stats/1", {"lowest_price", "num_for_sale", "blocked_from_sale"}),
        ("/marketplace/price_suggestions/1", set()),
    ],
)
def test_what_clients_begin_with_is_answered(served: Served, path: str, keys: set[str]) -> None:
    answer = served.client.get(f"/discogs{path}")
    assert answer.status_code == 200
    assert set(answer.json()) == keys


def test_statistics_count_records(served: Served, held: Records) -> None:
    counts = served.client.get("/discogs/").json()["statistics"]
    assert counts == {entity.plural: len(records) for entity, records in held.items()}


def test_nothing_can_be_written(served: Served) -> None:
    assert served.client.post("/discogs/releases/1").status_code == 405
