"""Answers are kept without the host that was asked; each client has its own put in."""

from typing import Any

import orjson
import pytest

from common.cache.keys import DerivedPlace, Kind, RecordPlace
from common.entities import Entity
from serving.answers import Answer
from serving.discogs.addresses import Addresses
from serving.discogs.bases import finish_of
from serving.discogs.places import placing_of


def scope(path: str, host: bytes = b"music:8080", query: bytes = b"") -> Any:
    """Return a request's scope as the server gives it."""
    return {
        "path": path,
        "query_string": query,
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "headers": [(b"host", host)],
    }


ODD = '"\\u0000 and \\\\u0000'
"""A text that looks like what is replaced."""


def kept() -> Answer:
    url = Addresses().resource(Entity.ARTIST, 1)
    body = orjson.dumps({"resource_url": url, "profile": ODD, ODD: [url]})
    return Answer(body, headers={"Link": f'<{url}>; rel="next"'})


def filled(host: bytes, public_address: str | None = None) -> Any:
    answer = finish_of("/discogs", public_address)(scope("/discogs/artists/1", host), kept())
    assert answer.headers["Link"] == f'<{orjson.loads(answer.body)["resource_url"]}>; rel="next"'
    return orjson.loads(answer.body)


def test_addresses_begin_with_the_host_that_was_asked() -> None:
    said = filled(b"music:8080")
    assert said["resource_url"] == "http://music:8080/discogs/artists/1"
    assert said[ODD] == ["http://music:8080/discogs/artists/1"]
    assert said["profile"] == ODD


def test_addresses_begin_with_the_public_address_where_there_is_one() -> None:
    said = filled(b"inside", "https://music.example.org")
    assert said["resource_url"] == "https://music.example.org/discogs/artists/1"


@pytest.mark.parametrize("host", [b'music", "a": "', b"", b"a b", b"host:port", b"[::1", b"\xff"])
def test_a_host_that_cannot_be_one_is_not_repeated(host: bytes) -> None:
    assert filled(host)["resource_url"] == "http://127.0.0.1:80/discogs/artists/1"


@pytest.mark.parametrize("host", [b"[::1]:8080", b"my-host.local", b"10.0.0.1:1"])
def test_hosts_of_all_kinds_are_repeated(host: bytes) -> None:
    assert filled(host)["resource_url"] == f"http://{host.decode()}/discogs/artists/1"


def test_other_answers_stay_as_they_are() -> None:
    answer = kept()
    assert finish_of("/discogs", None)(scope("/v1/artists/1"), answer) is answer
    plain = Answer(b'{"id": 1}')
    assert finish_of("/discogs", None)(scope("/discogs/artists/1"), plain) is plain


def test_records_are_kept_whoever_asks() -> None:
    place_of = placing_of("/discogs")
    asked = scope("/discogs/releases/7", query=b"token=secret&curr_abbr=EUR")
    assert place_of(asked, "g") == RecordPlace(Entity.RELEASE, 7, "discogs")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/masters/1", Kind.LIST),
        ("/masters/1/versions", Kind.LIST),
        ("/artists/1/releases", Kind.LIST),
        ("/database/search", Kind.SEARCH),
    ],
)
def test_what_depends_on_several_records_is_kept_for_a_generation(path: str, kind: Kind) -> None:
    place_of = placing_of("")
    one, same, other, later = (
        place_of(scope(path, query=query), generation)
        for query, generation in (
            (b"page=2", "g"),
            (b"token=any&page=2", "g"),
            (b"page=3", "g"),
            (b"page=2", "h"),
        )
    )
    assert isinstance(one, DerivedPlace)
    assert one.kind is kind
    assert one == same
    assert one not in (other, later)


@pytest.mark.parametrize("path", ["/", "/oauth/identity", "/releases/x", "/releases/1/stats"])
def test_other_paths_are_not_kept(path: str) -> None:
    assert placing_of("")(scope(path), "g") is None
