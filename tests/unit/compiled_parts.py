"""Compiled parts, for the tests of what they do."""

import os
from typing import Any

import pytest

from common.compiled import find_compiled


def needed(module: str, name: str) -> Any:
    """Return a compiled part; where it was not built the test is skipped, and fails in CI."""
    found = find_compiled(module, name)
    if found is None:
        give_up = pytest.fail if os.environ.get("WAXTEST_REQUIRE_SERVERS") == "1" else pytest.skip
        give_up(f"{module} was not built")
    return found
