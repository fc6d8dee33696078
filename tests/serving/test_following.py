"""What is served follows what is loaded: no old answer after a load, a restore, a lost cache."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest
import redis
import tenacity

from common.entities import Entity
from tests.isolation import execute
from tests.oracle import Truth
from tests.serving.rig import SECONDS, Catalogue, Served, copied, in_thread, serving

READERS = 3
MONTH_2 = 20260201
A_FEW = 20


def paths(truth: Truth) -> list[str]:
    return [f"/v1/{one.plural}/{number}" for one in Entity for number in truth.records[one]]


def moved(after: Truth) -> set[int]:
    """Return the ids of records that month 2 has changed, and a few more."""
    of_all = ((i, held) for records in after.records.values() for i, held in records.items())
    return {i for i, held in of_all if held.dump == MONTH_2 or i % A_FEW == 0}


@contextmanager
def readers(served: Served, truth: Truth) -> Iterator[None]:
    """Have all records of a truth read again and again; what fails is raised at the end."""
    done, wanted = Event(), paths(truth)

    def read(offset: int) -> None:
        with httpx.Client(base_url=served.url, timeout=SECONDS) as client:
            while not done.is_set():
                for path in [*wanted[offset:], *wanted[:offset]]:
                    assert client.get(path).status_code in (200, 404)
                    if done.is_set():
                        return

    with ThreadPoolExecutor(READERS) as pool:
        reading = [pool.submit(read, n * len(wanted) // READERS) for n in range(READERS)]
        try:
            yield
        finally:
            done.set()
        for one in reading:
            one.result()


def test_a_month_loaded_under_readers_leaves_nothing_old(served: Served, tmp_path: Path) -> None:
    before, after = served.truth(1), served.truth(2)
    with readers(served, before):
        served.load_month(2)
    served.until_followed()
    assert served.differing(after, moved(after)) == []
    for entity, number, _ in after.deletions:
        assert served.client.get(f"/v1/{entity.plural}/{number}").status_code == 404
    # Nor is anything old in the cache that another process begins with.
    with serving(served.catalogue, served.database, tmp_path, emptied=False) as second:
        assert second.differing(after, moved(after)) == []
        assert second.asked("cache")["hits"] > 0


@pytest.fixture
def replaced(catalogues: Catalogue, month_2: str, tmp_path: Path) -> Iterator[Served]:
    """Both months, served for a test that does something to the database."""
    with copied(catalogues, month_2) as name, serving(catalogues, name, tmp_path) as found:
        yield found


def replace(served: Served, template: str | None) -> None:
    """Take the database away, and put a copy of another in its place."""
    maintenance = served.catalogue.url("postgres")
    in_thread(execute(maintenance, f"DROP DATABASE IF EXISTS {served.database} WITH (FORCE)"))
    if template:
        how = f"CREATE DATABASE {served.database} TEMPLATE {template} STRATEGY file_copy"
        in_thread(execute(maintenance, how))


def test_a_restored_backup_and_a_new_database_bring_no_old_answers(
    replaced: Served, month_1: str
) -> None:
    before, after = replaced.truth(1), replaced.truth(2)
    assert replaced.differing(after, moved(after)) == []
    replace(replaced, month_1)
    replaced.until_followed()
    assert replaced.differing(before, moved(after)) == []
    # A database of another identity that is exactly as far.
    path = f"/v1/labels/{min(before.records[Entity.LABEL])}"
    replaced.execute(
        "UPDATE discogs.label SET profile = 'new'; "
        "UPDATE waxline.sink SET identity = gen_random_uuid()"
    )
    asked_until(replaced, path, lambda found: found.json().get("profile") == "new")
    assert replaced.log.read_text(encoding="utf-8").count("follower_begins") == 2


def test_without_the_database_old_answers_are_for_those_who_ask_for_them(
    replaced: Served, month_2: str
) -> None:
    path = f"/v1/releases/{min(replaced.truth(2).records[Entity.RELEASE])}"
    known = replaced.client.get(path)
    replace(replaced, None)
    assert replaced.client.get("/livez").status_code == 200
    assert replaced.client.get("/readyz").status_code == 503
    refused = until(replaced, path, 503)
    assert refused.headers["retry-after"]
    old = replaced.client.get(path, headers={"Cache-Control": "stale-if-error=60"})
    assert (old.status_code, old.content) == (200, known.content)
    assert old.headers["warning"].startswith("110")
    replace(replaced, month_2)
    assert until(replaced, path, 200).content == known.content


def until(served: Served, path: str, status: int) -> httpx.Response:
    """Ask until it is answered so."""
    return asked_until(served, path, lambda found: found.status_code == status)


def asked_until(
    served: Served, path: str, wanted: Callable[[httpx.Response], bool]
) -> httpx.Response:
    """Ask until the answer is as wanted."""
    asking = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda answer: not wanted(answer)),
        wait=tenacity.wait_fixed(0.05),
        stop=tenacity.stop_after_delay(SECONDS),
    )
    return asking(served.client.get, path)


@pytest.mark.long
def test_an_old_snapshot_of_the_cache_brings_no_old_answers(
    catalogues: Catalogue, month_1: str, tmp_path: Path
) -> None:
    with (
        copied(catalogues, month_1) as name,
        serving(catalogues, name, tmp_path) as served,
        redis.Redis.from_url(catalogues.cache, socket_timeout=SECONDS) as cache,
    ):
        assert served.differing(served.truth(1), moved(served.truth(2))) == []
        old = {key: cache.dump(key) for key in cache.scan_iter()}
        served.load_month(2)
        served.until_followed()
        cache.flushdb()
        for key, value in old.items():
            cache.restore(key, 60_000, value)
        after = served.truth(2)
        assert served.differing(after, moved(after)) == []
        with serving(catalogues, name, tmp_path, emptied=False) as second:
            assert second.differing(after, moved(after)) == []
