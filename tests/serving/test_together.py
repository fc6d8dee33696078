"""Several processes at once, and a cache that comes and goes."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from common.entities import Entity
from tests.servers import started
from tests.serving.rig import SECONDS, Catalogue, Served, in_thread, serving
from waxline.servers.valkey import Valkey

REQUESTS, PROCESSES, CONNECTIONS = 600, 3, 150


@pytest.fixture(scope="module")
def processes(
    catalogues: Catalogue, month_1: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Served]]:
    """Processes over one database and one cache."""
    folder = tmp_path_factory.mktemp("together")
    with ExitStack() as stack:
        yield [stack.enter_context(serving(catalogues, month_1, folder)) for _ in range(PROCESSES)]


async def _ask(urls: list[str], path: str) -> Counter[bytes]:
    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(timeout=SECONDS, limits=limits) as client:
        asked = [client.get(f"{urls[n % len(urls)]}{path}") for n in range(REQUESTS)]
        answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {200}
    return Counter(answer.content for answer in answers)


def test_what_hundreds_ask_for_at_once_is_made_once(processes: list[Served]) -> None:
    truth = processes[0].truth(1)
    path = f"/v1/releases/{max(truth.records[Entity.RELEASE])}"
    answers = in_thread(_ask([one.url for one in processes], path))
    assert list(answers.values()) == [REQUESTS]
    assert sum(one.asked("routes")["asked"] for one in processes) == 1


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of the test's own, to be killed."""
    with started(Valkey("cache", tmp_path)) as server:
        yield server


def test_a_cache_that_freezes_or_dies_only_makes_answers_slower(
    catalogues: Catalogue, month_1: str, cache: Valkey, tmp_path: Path
) -> None:
    url = cache.url()
    assert url
    with serving(catalogues, month_1, tmp_path, WAXLINE_CACHE_URL=url) as served:
        labels = iter(served.truth(1).records[Entity.LABEL])

        def asked(number: int) -> set[int]:
            """Ask for so many that nobody has asked for, and return the statuses."""
            wanted = (next(labels) for _ in range(number))
            return {served.client.get(f"/v1/labels/{one}").status_code for one in wanted}

        assert asked(3) == {200}
        process = cache.process.alive()
        assert process
        process.send_signal(signal.SIGSTOP)
        assert asked(10) == {200}
        process.send_signal(signal.SIGCONT)
        assert asked(3) == {200}
        process.send_signal(signal.SIGKILL)
        assert asked(10) == {200}
        assert served.client.get("/readyz").status_code == 200
