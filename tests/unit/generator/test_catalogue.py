"""Shares, sizes, long tails and references of a catalogue on a fixed seed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pytest

from common.entities import Entity
from generator import Plan, truth
from generator.dumps import record_xml
from generator.xml import Shape

PLAN = Plan(releases=2000, seed=11)


@dataclass(frozen=True)
class World:
    """All records of a catalogue, and the size of each in bytes of XML."""

    records: dict[Entity, dict[int, Any]]
    sizes: dict[Entity, dict[int, int]]

    def share(self, entity: Entity, key: str) -> float:
        records = self.records[entity].values()
        return sum(key in data for data in records) / len(records)

    def mean(self, entity: Entity, key: str) -> float:
        records = self.records[entity].values()
        return sum(len(data.get(key, ())) for data in records) / len(records)


@pytest.fixture(scope="module")
def world() -> World:
    shape = Shape(old=False)
    records: dict[Entity, dict[int, Any]] = {e: dict(truth(PLAN, e)) for e in Entity}
    sizes = {
        e: {n: len(record_xml(shape, e, n, d).encode()) for n, d in records[e].items()}
        for e in Entity
    }
    return World(records, sizes)


def _tracks(release: Any) -> Iterator[Any]:
    for track in release["tracks"]:
        yield track
        yield from track.get("sub_tracks", ())


def _credits(release: Any) -> Iterator[Any]:
    for holder in chain([release], _tracks(release)):
        yield from holder.get("artists", ())
        yield from holder.get("credits", ())


@pytest.mark.parametrize(
    ("entity", "low", "high"),
    [
        (Entity.ARTIST, 190, 300),
        (Entity.LABEL, 160, 250),
        (Entity.MASTER, 800, 1250),
        (Entity.RELEASE, 3000, 4500),
    ],
)
def test_mean_record_sizes(world: World, entity: Entity, low: int, high: int) -> None:
    sizes = world.sizes[entity].values()
    assert low < sum(sizes) / len(sizes) < high


def test_records_per_release(world: World) -> None:
    counts = {entity: len(records) for entity, records in world.records.items()}
    assert counts == {
        Entity.ARTIST: 1050,
        Entity.LABEL: 248,
        Entity.MASTER: 266,
        Entity.RELEASE: 2000,
    }


@pytest.mark.parametrize(
    ("entity", "key", "share"),
    [
        (Entity.ARTIST, "real_name", 0.099),
        (Entity.ARTIST, "profile", 0.185),
        (Entity.ARTIST, "urls", 0.12),
        (Entity.ARTIST, "name_variations", 0.233),
        (Entity.ARTIST, "aliases", 0.078),
        (Entity.ARTIST, "groups", 0.109),
        (Entity.ARTIST, "members", 0.067),
        (Entity.LABEL, "profile", 0.212),
        (Entity.LABEL, "contact_info", 0.092),
        (Entity.LABEL, "parent", 0.07),
        (Entity.LABEL, "urls", 0.12),
        (Entity.MASTER, "styles", 0.893),
        (Entity.MASTER, "videos", 0.558),
        (Entity.MASTER, "year", 0.96),
        (Entity.RELEASE, "credits", 0.576),
        (Entity.RELEASE, "styles", 0.846),
        (Entity.RELEASE, "country", 0.969),
        (Entity.RELEASE, "released", 0.867),
        (Entity.RELEASE, "notes", 0.626),
        (Entity.RELEASE, "master_id", 0.6),
        (Entity.RELEASE, "identifiers", 0.514),
        (Entity.RELEASE, "videos", 0.505),
        (Entity.RELEASE, "companies", 0.438),
        (Entity.RELEASE, "series", 0.05),
    ],
)
def test_shares_of_elements(world: World, entity: Entity, key: str, share: float) -> None:
    assert world.share(entity, key) == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(
    ("key", "mean"),
    [("tracks", 9.4), ("identifiers", 1.67), ("videos", 2.17), ("companies", 1.64)],
)
def test_counts_per_release(world: World, key: str, mean: float) -> None:
    assert world.mean(Entity.RELEASE, key) == pytest.approx(mean, rel=0.15)


def test_credits_per_release(world: World) -> None:
    # The giant release has as many credits as 200 others; in a catalogue this small it shows.
    ordinary = [d for n, d in world.records[Entity.RELEASE].items() if len(d["tracks"]) < 300]
    credits_of_all = [credit for release in ordinary for credit in _credits(release)]
    assert len(credits_of_all) / len(ordinary) == pytest.approx(11.5, rel=0.1)
    varied = sum("anv" in credit for credit in credits_of_all)
    assert varied / len(credits_of_all) == pytest.approx(0.27, abs=0.05)


def test_tracks_without_position_or_duration(world: World) -> None:
    tracks = [t for release in world.records[Entity.RELEASE].values() for t in release["tracks"]]
    assert sum("position" not in t for t in tracks) / len(tracks) == pytest.approx(0.025, abs=0.01)
    assert sum("duration" not in t for t in tracks) / len(tracks) == pytest.approx(0.48, abs=0.05)
    assert any("title" not in t for t in tracks)


def test_various_is_credited_but_has_no_record(world: World) -> None:
    releases = world.records[Entity.RELEASE].values()
    various = [r for r in releases if r["artists"][0].get("id") == 194]
    assert len(various) / len(releases) == pytest.approx(0.1, abs=0.02)
    assert world.records[Entity.ARTIST].keys().isdisjoint({194, 355, 118760})


def test_the_largest_release(world: World) -> None:
    number = max(world.sizes[Entity.RELEASE], key=world.sizes[Entity.RELEASE].__getitem__)
    assert 250_000 < world.sizes[Entity.RELEASE][number] < 400_000
    release = world.records[Entity.RELEASE][number]
    assert len(list(_credits(release))) > 2400
    assert max(len(track.get("sub_tracks", ())) for track in release["tracks"]) == 300


def test_the_largest_artists_and_labels(world: World) -> None:
    artists = world.records[Entity.ARTIST].values()
    assert max(len(artist.get("name_variations", ())) for artist in artists) == 1700
    assert max(len(artist.get("members", ())) for artist in artists) > 25
    releases = world.records[Entity.RELEASE].values()
    labels = Counter(label["id"] for release in releases for label in release["labels"])
    assert labels.most_common(1)[0][1] > len(releases) * 0.03


def test_unlinked_credits_are_spelt_in_three_ways(world: World) -> None:
    shape = Shape(old=False)
    releases = world.records[Entity.RELEASE]
    xml = "".join(record_xml(shape, Entity.RELEASE, n, d) for n, d in releases.items())
    for spelling in ("<artist><name>", "<artist><id>0</id><name>", "<artist><id/><name>"):
        assert spelling in xml
    unlinked = sum("id" not in c for release in releases.values() for c in _credits(release))
    assert unlinked == sum(
        xml.count(f"<{tag}>{identity}<name>")
        for tag in ("artist",)
        for identity in ("", "<id>0</id>", "<id/>")
    )


def test_references_dangle_now_and_then(world: World) -> None:
    known = world.records[Entity.ARTIST].keys() | {194, 355, 118760}
    ids = [
        credit["id"]
        for release in world.records[Entity.RELEASE].values()
        for credit in _credits(release)
        if "id" in credit
    ]
    dangling = sum(number not in known for number in ids)
    assert 0 < dangling < len(ids) * 0.005


def test_masters_and_main_releases_agree(world: World) -> None:
    releases = world.records[Entity.RELEASE]
    masters = world.records[Entity.MASTER]
    main = {data["master_id"]: n for n, data in releases.items() if data["is_main_release"]}
    assert main == {number: data["main_release"] for number, data in masters.items()}
    for number, master in masters.items():
        assert releases[main[number]]["title"] == master["title"]
        assert releases[main[number]]["genres"] == master["genres"]


def test_groups_and_aliases_read_the_same_from_both_ends(world: World) -> None:
    artists = world.records[Entity.ARTIST]

    def pairs(key: str) -> set[tuple[int, int]]:
        return {(n, r["id"]) for n, data in artists.items() for r in data.get(key, ())}

    assert pairs("members") == {(group, member) for member, group in pairs("groups")}
    assert pairs("aliases") == {(b, a) for a, b in pairs("aliases")}
    for data in artists.values():
        for reference in chain.from_iterable(data.get(k, ()) for k in ("aliases", "members")):
            assert artists[reference["id"]].get("name") == reference.get("name")


def test_sublabels_name_their_parents(world: World) -> None:
    labels = world.records[Entity.LABEL]
    down = {(n, r["id"]) for n, data in labels.items() for r in data.get("sublabels", ())}
    up = {(data["parent"]["id"], n) for n, data in labels.items() if "parent" in data}
    assert down == up
    assert sum("name" not in data for data in labels.values()) == 1


def test_text_holds_what_real_text_holds(world: World) -> None:
    text = repr(world.records)
    for needle in ("\\x91", "\\xa0", "\\u200e", "\ufffd", "🎧", "\\r\\n", "[url=", "[b]", "[a="):
        assert needle in text, needle
    for low, high in (("а", "я"), ("ァ", "ン"), ("א", "ת"), ("ء", "ي")):  # noqa: RUF001
        assert any(low <= character <= high for character in text), low


def test_names_carry_suffixes(world: World) -> None:
    names = [data.get("name", "") for data in world.records[Entity.ARTIST].values()]
    suffixed = sum(name.endswith(")") and name[-3:-1].strip("(").isdigit() for name in names)
    assert suffixed / len(names) == pytest.approx(0.17, abs=0.05)


def test_the_same_label_twice_and_numbers_that_are_none(world: World) -> None:
    releases = world.records[Entity.RELEASE].values()
    twice = sum(
        len({label["id"] for label in release["labels"]}) < len(release["labels"])
        for release in releases
    )
    assert twice / len(releases) == pytest.approx(0.06, abs=0.03)
    assert any(label["catno"] == "none" for release in releases for label in release["labels"])
