"""Eighty queries, each with its right answer among the first three: made up and real catalogues."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from common.entities import Entity
from tests.serving.rig import Catalogue, Served, copied, load, made, serving

FIRST = 3
OF_EACH = 8
"""Queries of each way to ask."""

Asked = Iterator[tuple[str, int]]
"""A query and the id of its right answer."""


def answers(served: Served, path: str, q: str, kind: str) -> list[tuple[str, int]]:
    asked = {"q": q, "limit": str(FIRST), **({"type": kind} if kind else {})}
    answer = served.client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return [(one["type"], one["id"]) for one in answer.json()["results"]]


def named(served: Served, entity: Entity, path: str) -> Iterator[tuple[int, str]]:
    """Yield records that nobody else of their kind is called like, and that are called by words."""
    held = {
        id_: one.element.findtext(path) or ""
        for id_, one in sorted(served.truth(1).records[entity].items())
    }
    times = Counter(map(str.lower, held.values()))
    return (
        (id_, name)
        for id_, name in held.items()
        if times[name.lower()] == 1 and not name.endswith(")") and name.isprintable() and name
    )


def artists(served: Served) -> Asked:
    return ((name.swapcase(), id_) for id_, name in named(served, Entity.ARTIST, "name"))


def labels(served: Served) -> Asked:
    return ((name, id_) for id_, name in named(served, Entity.LABEL, "name"))


def masters(served: Served) -> Asked:
    records = served.truth(1).records[Entity.MASTER]
    for id_, title in named(served, Entity.MASTER, "title"):
        artist = records[id_].element.findtext("artists/artist/name")
        yield f"{artist} {title}", id_


def releases(served: Served) -> Asked:
    records = served.truth(1).records[Entity.RELEASE]
    for id_, title in named(served, Entity.RELEASE, "title"):
        artist = records[id_].element.findtext("artists/artist/name")
        yield f"{title} {artist}".lower(), id_


def misspelt(served: Served) -> Asked:
    """Leave a letter out of the longest word."""
    for id_, name in named(served, Entity.ARTIST, "name"):
        word = max(name.split(), key=len)
        if len(word) > 6 and name.isascii() and word.isalpha():
            yield name.replace(word, word[:3] + word[4:]), id_


@pytest.mark.parametrize(
    ("kind", "ask"),
    [
        ("artist", artists),
        ("label", labels),
        ("master", masters),
        ("release", releases),
        ("artist", misspelt),
    ],
    ids=["artists", "labels", "masters", "releases", "misspelt"],
)
def test_what_is_named_is_found_first(
    served: Served, kind: str, ask: Callable[[Served], Asked]
) -> None:
    asked = list(islice(ask(served), OF_EACH))
    assert len(asked) == OF_EACH
    missed = {
        q: id_ for q, id_ in asked if (kind, id_) not in answers(served, "/v1/search", q, kind)
    }
    assert not missed


def test_what_is_begun_is_suggested(served: Served) -> None:
    asked = islice(named(served, Entity.ARTIST, "name"), OF_EACH)
    begun = [(name[: max(4, len(name) - 2)], id_) for id_, name in asked]
    missed = {
        q: id_
        for q, id_ in begun
        if ("artist", id_) not in answers(served, "/v1/suggest", q, "artist")
    }
    assert not missed


@pytest.fixture(scope="module")
def real(
    catalogues: Catalogue, excerpts: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Heads of the dumps of April 2026, served."""
    of = Entity.ARTIST, Entity.MASTER, Entity.RELEASE
    paths = [excerpts / "20260401" / f"discogs_20260401_{one.plural}.xml.gz" for one in of]
    dumped = replace(catalogues, dumps={1: paths})
    folder, name = tmp_path_factory.mktemp("real"), made(dumped, "template1")
    load(dumped, name, 1)
    with copied(dumped, name) as copy, serving(dumped, copy, folder) as found:
        yield found


@pytest.mark.parametrize(
    ("q", "kind", "id_"),
    [
        ("bjork", "artist", 1373),
        ("BJÖRK", "artist", 1373),
        ("dj rasoul", "artist", 55),
        ("pepe bradock", "artist", 81),
        ("hakan lidbo", "artist", 96),
        ("kenny dixon jr", "artist", 126),
        ("v/vm", "artist", 505),
        ("vvm", "artist", 505),
        ("si cut db", "artist", 396),
        ("bjorn torske", "artist", 679),
        ("mr oizo", "artist", 791),
        ("sven vath", "artist", 1328),
        ("kruder and dorfmeister", "artist", 1434),
        ("mateo & matos", "artist", 77),
        ("steve osullivan", "artist", 91),
        ("funkstorung", "artist", 414),
        ("sebastian tellier", "artist", 2280),
        ("funkstroung", "artist", 414),
        ("krudder dorfmeister", "artist", 1434),
        ("k.a.b.", "artist", 6),
        ("kab", "artist", 6),
        ("cybotron clear", "master", 130),
        ("clear cybotron", "master", 130),
        ("cybotrn clear", "master", 130),
        ("art brut emily kane", "master", 165),
        ("max duley storyteller", "master", 146),
        ("alleys of your mind", "master", 129),
        ("lene marlin playing my game", "master", 234),
        ("its a bit complicated", "master", 156),
        ("γιωργος παπασιδερης", "master", 207),
        ("the persuader stockholm", "release", 1),
        ("sk032", "release", 1),
        ("hangable auto bulb", "release", 136),
        ("aphex twin hangable auto bulb ep 2", "release", 137),
        ("blue six pure", "release", 9),
        ("knockin boots vol 1", "release", 6),
        ("why u wanna", "release", 102),
        ("robert rich stalker", "release", 48),
        ("tetsu inoue world receiver", "release", 60),
        ("dont cry toka", "release", 64),
    ],
)
def test_real_queries_find_what_is_meant(real: Served, q: str, kind: str, id_: int) -> None:
    assert (kind, id_) in answers(real, "/v1/search", q, "")


@pytest.mark.parametrize(
    ("q", "kind", "id_"),
    [("bjö", "artist", 1373), ("the persua", "artist", 1), ("hangable a", "release", 136)],
)
def test_beginnings_are_suggested_as_people_type(real: Served, q: str, kind: str, id_: int) -> None:
    assert (kind, id_) in answers(real, "/v1/suggest", q, "")
