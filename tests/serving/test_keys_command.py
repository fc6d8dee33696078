"""`waxline keys`, as it is used."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SECONDS = 60.0
KEY = re.compile(r"^(wx_\S{20,})$", re.MULTILINE)

Keys = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def keys(postgres_url: str, valkey_url: str, tmp_path: Path) -> Keys:
    """Run the command on a database that nothing was loaded into."""
    settings = {
        "WAXLINE_READING_URL": postgres_url,
        "WAXLINE_CACHE_URL": valkey_url,
        "WAXLINE_DATA_FOLDER": str(tmp_path),
    }

    def run(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "waxline", "keys", *words],
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env={**os.environ, **settings, **more},
            cwd=tmp_path,
        )

    return run


def test_a_key_is_shown_once_listed_and_revoked(keys: Keys) -> None:
    made = keys("create", "anna's tagger", "--limit", "120")
    assert made.returncode == 0, made.stderr
    (key,) = KEY.findall(made.stdout)
    listed = keys("list").stdout
    assert key not in listed
    assert re.search(r"^anna's tagger +120 +\d{4}-\d\d-\d\d +0 +0$", listed, re.MULTILINE)
    revoked = keys("revoke", "anna's tagger")
    assert "from now on" in revoked.stdout, revoked.stderr
    assert re.search(
        r"^anna's tagger +120( +\d{4}-\d\d-\d\d){2}", keys("list").stdout, re.MULTILINE
    )
    late = keys("revoke", "anna's tagger", WAXLINE_CACHE_URL="redis://127.0.0.1:1/0")
    assert "within five minutes" in late.stdout, late.stderr


@pytest.mark.parametrize(
    "words", [("create",), ("create", ""), ("create", "a", "--limit", "-1"), ("end", "a")]
)
def test_what_cannot_be_meant_is_told(keys: Keys, words: tuple[str, ...]) -> None:
    assert keys(*words).returncode == 2
