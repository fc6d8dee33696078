"""The benchmark of search, at a size that shows only that it works."""

import pytest

from benchmarks.searching import measure


@pytest.fixture
def postgres_template(made_postgres: str) -> str:
    """A copy has the loader's schema, and nothing in it."""
    return made_postgres


async def test_each_kind_of_question_is_asked_and_told(postgres_url: str) -> None:
    found = await measure(postgres_url, count=400, asked=3)
    assert list(found) == [
        "scan: title % text",
        "words",
        "a frequent word",
        "beginnings",
        "corrected",
    ]
    assert all(told["asked"] == 3 and told["of_the_scan"] > 0 for told in found.values())
