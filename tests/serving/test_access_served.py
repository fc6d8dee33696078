"""Keys and limits as a client meets them, on a served catalogue."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import tenacity

from tests.serving.rig import SECONDS, Catalogue, Served, copied, serving


@pytest.fixture(scope="module")
def guarded(
    catalogues: Catalogue, month_1: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A catalogue that is served to those with a key alone, by two processes."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    with (
        copied(catalogues, month_1) as name,
        serving(catalogues, name, folder, "--processes", "2", WAXLINE_ANONYMOUS="false") as found,
    ):
        yield found


def keys(served: Served, *words: str) -> str:
    """Run `waxline keys`, and return its first word."""
    settings = {
        "WAXLINE_READING_URL": served.postgres_url,
        "WAXLINE_CACHE_URL": served.catalogue.cache,
    }
    done = subprocess.run(
        [sys.executable, "-m", "waxline", "keys", *words],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
        env={**os.environ, **settings},
        cwd=served.log.parent,
    )
    return done.stdout.split()[0]


def asked(served: Served, path: str, key: str = "") -> httpx.Response:
    """Ask on a connection of its own, so that either process may answer."""
    headers = {"Authorization": f"Discogs token={key}"} if key else {}
    return httpx.get(f"{served.url}{path}", headers=headers, timeout=SECONDS)


def test_who_has_no_key_is_told_as_discogs_does(guarded: Served) -> None:
    for path in ("/v1/releases/1", "/discogs/releases/1", "/discogs/database/search?q=x", "/no"):
        refused = asked(guarded, path)
        assert refused.status_code == 401
        assert refused.json() == {"message": "You must authenticate to access this resource."}
    assert asked(guarded, "/livez").status_code == 200


def test_a_key_is_answered_until_its_limit_and_its_end(guarded: Served) -> None:
    wide, narrow = (
        keys(guarded, "create", "wide"),
        keys(guarded, "create", "narrow", "--limit", "20"),
    )
    for path in ("/v1/releases/1", f"/discogs/releases/1?token={wide}"):
        answer = asked(guarded, path, "" if "token" in path else wide)
        assert answer.status_code == 200, answer.text
        assert "ratelimit-limit" not in answer.headers
    answers = [asked(guarded, "/v1/releases/1", narrow) for _ in range(45)]
    given = sum(answer.status_code == 200 for answer in answers)
    assert 20 <= given <= 44, "in a minute, or two that the calls fell into"
    (refused, *_) = [answer for answer in answers if answer.status_code != 200]
    assert refused.status_code == 429
    assert refused.json() == {"message": "You are making requests too quickly."}
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-limit"] == refused.headers["x-discogs-ratelimit"] == "20"
    keys(guarded, "revoke", "wide")
    until_refused(guarded, wide)


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(AssertionError),
    wait=tenacity.wait_fixed(0.1),
    stop=tenacity.stop_after_delay(SECONDS),
    reraise=True,
)
def until_refused(served: Served, key: str) -> None:
    """Both processes refuse it, having looked."""
    answers = [asked(served, "/v1/releases/1", key) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].json() == {"message": "Invalid key: it is unknown, or was revoked."}
