"""The catalogue that is served, as the oracle has it."""

import pytest

from tests.serving.discogs.expected import Records, records_of
from tests.serving.rig import Catalogue


@pytest.fixture(scope="session")
def held(catalogues: Catalogue) -> Records:
    """The records of month 1."""
    return records_of(catalogues.truth(1))
