"""Both walkers: a test that asks for ``parse`` runs with the compiled one and without."""

import os
from functools import partial

import pytest

from extractor.parsing.groups import parse as parse_with
from extractor.walkers import GroupWalkers, choose_walkers
from tests.unit.extractor.groups import Parse


@pytest.fixture(scope="session")
def regular_walkers() -> GroupWalkers:
    """The compiled walker; where it was not built the test is skipped, and fails in CI."""
    found = choose_walkers(compiled=True)
    if found is None:
        give_up = pytest.fail if os.environ.get("WAXTEST_REQUIRE_SERVERS") == "1" else pytest.skip
        give_up("the compiled walker was not built")
    return found


@pytest.fixture(scope="session", params=["python", "compiled"])
def parse(request: pytest.FixtureRequest) -> Parse:
    """`extractor.parsing.groups.parse`, with each of the walkers."""
    if request.param == "python":
        return parse_with
    return partial(parse_with, regular_walkers=request.getfixturevalue("regular_walkers"))
