"""A served catalogue for a test file: ask for ``served``; see `tests.serving.rig.Served`.

Month 1 of a generated catalogue is loaded once for the session, by the command that users run;
each file has a copy of that database (a second or so), a `waxline serve` of its own over it, and a
Valkey that is emptied for it.  ``served.load_month(2)`` loads the next month while it serves.
``month_2_served`` is the same, with month 2 loaded before it is served.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from common.cache.keys import Keys
from tests.acceptance.material import month
from tests.contract.caches import Clock
from tests.isolation import url_of
from tests.serving.access_place import Place
from tests.serving.rig import PLAN, Catalogue, Served, copied, load, made, serving
from waxline.servers.server import Server

STORE, BROKER, CACHE = 5, 6, 7
"""Databases of the Valkey that no other test uses."""


@pytest.fixture(scope="session")
def catalogues(
    postgres_server: Server, valkey_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Catalogue:
    """Where catalogues are loaded, with the dumps of two months."""
    folder = tmp_path_factory.mktemp("catalogue")
    valkey = url_of(valkey_server).rpartition("/")[0]
    return Catalogue(
        postgres=url_of(postgres_server).rpartition("/")[0],
        store=f"{valkey}/{STORE}",
        broker=f"{valkey}/{BROKER}",
        cache=f"{valkey}/{CACHE}",
        folder=folder,
        dumps={number: month(PLAN, number, folder / "dumps") for number in (1, 2)},
        numbers=count(1),
    )


@pytest.fixture(scope="session")
def month_1(catalogues: Catalogue) -> str:
    """Name of a database with month 1, to be copied."""
    name = made(catalogues, "template1")
    load(catalogues, name, 1)
    return name


@pytest.fixture(scope="session")
def month_2(catalogues: Catalogue, month_1: str) -> str:
    """Name of a database with both months, to be copied."""
    name = made(catalogues, month_1)
    load(catalogues, name, 2)
    return name


@pytest.fixture(scope="module")
def served(
    catalogues: Catalogue, month_1: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Month 1, served for the tests of a file."""
    folder: Path = tmp_path_factory.mktemp("served")
    with copied(catalogues, month_1) as name, serving(catalogues, name, folder) as found:
        yield found


@pytest.fixture(scope="module")
def month_2_served(
    catalogues: Catalogue, month_2: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Both months, served for the tests of a file."""
    folder: Path = tmp_path_factory.mktemp("served")
    with copied(catalogues, month_2) as name, serving(catalogues, name, folder) as found:
        yield found


@pytest.fixture
def place(postgres_url: str, valkey_url: str) -> Place:
    return Place(postgres_url, valkey_url, Clock(), Keys("access"))


@pytest.fixture
async def key(place: Place) -> str:
    """A key of the name anna."""
    async with place.tables() as tables:
        return await tables.create("anna", None)
