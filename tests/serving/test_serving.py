"""`waxline serve` as a process: it answers, says what is wrong, and stops in order."""

from pathlib import Path

import pytest

from tests.serving.rig import SECONDS, Catalogue, Served, serving


def test_it_lives_and_is_ready(served: Served) -> None:
    assert served.client.get("/livez").status_code == 200
    assert served.client.get("/readyz").json()["status"] == "ready"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/releases/999999999", 404),
        ("/v1/releases/0", 422),
        ("/v1/releases/2147483648", 422),
        ("/v1/releases/one", 422),
        ("/v1/nothing", 404),
    ],
)
def test_an_error_is_a_sentence_in_json(served: Served, path: str, status: int) -> None:
    answer = served.client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["message"]


def test_stopped_it_ends_as_other_commands_do(
    catalogues: Catalogue, month_1: str, tmp_path: Path
) -> None:
    with serving(catalogues, month_1, tmp_path, "--processes", "2") as served:
        assert served.client.get("/livez").status_code == 200
        served.process.terminate()
        assert served.process.wait(SECONDS) == 143
    assert "Traceback" not in served.log.read_text(encoding="utf-8")


def test_a_database_without_a_catalogue_is_named(catalogues: Catalogue, tmp_path: Path) -> None:
    unable = pytest.raises(AssertionError, match="has no catalogue that may be read")
    with unable, serving(catalogues, "postgres", tmp_path):
        pass


def test_a_port_that_is_taken_is_named(served: Served, tmp_path: Path) -> None:
    port = served.url.rpartition(":")[2]
    unable = pytest.raises(AssertionError, match=f":{port} cannot be listened on")
    with unable, serving(served.catalogue, served.database, tmp_path, "--port", port):
        pass
