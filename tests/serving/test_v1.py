"""waxline's own API beside whole records: parts, batches, changes, deletions, its own page."""

import re

import pytest

from common.entities import Entity
from tests.oracle import Truth
from tests.oracle.records import record_of
from tests.serving.rig import Served


@pytest.fixture(scope="module")
def truth(month_2_served: Served) -> Truth:
    return month_2_served.truth(2)


def test_a_part_of_a_record(month_2_served: Served, truth: Truth) -> None:
    number, held = next(iter(truth.records[Entity.RELEASE].items()))
    whole = record_of(Entity.RELEASE, held.element, number)
    path = f"/v1/releases/{number}"
    part = month_2_served.client.get(path, params={"fields": "tracks,title"})
    assert part.json() == {name: whole[name] for name in ("title", "tracks")}
    assert part.headers["etag"] != month_2_served.client.get(path).headers["etag"]
    same = month_2_served.client.get(path, params={"fields": " title, tracks"})
    assert same.headers["etag"] == part.headers["etag"]


def test_a_member_that_no_record_has_is_named(month_2_served: Served) -> None:
    answer = month_2_served.client.get("/v1/labels/1", params={"fields": "name,tracks"})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("'tracks' is no member of a label")


def test_a_batch_has_each_record_once_in_the_order_asked_for(
    month_2_served: Served, truth: Truth
) -> None:
    wanted = {one.plural: [*truth.records[one]][:20][::-1] for one in Entity}
    absent = 2**31 - 1
    asked = {name: [*ids, ids[0], absent] for name, ids in wanted.items()}
    answer = month_2_served.client.post("/v1/batch", json=asked).json()
    assert answer.pop("absent") == {name: [absent] for name in wanted}
    for entity in Entity:
        assert answer[entity.plural] == [
            record_of(entity, truth.records[entity][number].element, number)
            for number in wanted[entity.plural]
        ]


@pytest.mark.parametrize(
    "wanted",
    [{}, {"releases": []}, {"releases": [0]}, {"songs": [1]}, {"labels": [*range(1, 102)]}],
)
def test_a_batch_that_is_none_is_refused(month_2_served: Served, wanted: object) -> None:
    answer = month_2_served.client.post("/v1/batch", json=wanted)
    assert answer.status_code in (400, 422)
    assert answer.json()["message"]


def test_two_lists_of_a_hundred_are_too_much(month_2_served: Served) -> None:
    ids = [*range(1, 61)]
    answer = month_2_served.client.post("/v1/batch", json={"labels": ids, "artists": ids})
    assert answer.status_code == 400


def test_changes_name_what_a_month_has_changed(month_2_served: Served, truth: Truth) -> None:
    """Month 1 was a first load, of which the feed says "any"; what follows is month 2."""
    for entity in Entity:
        after, changed, dumps = 0, set[int](), set[int]()
        while True:
            asked: dict[str, str | int] = {"entity": entity.value, "after": after, "limit": 2}
            answer = month_2_served.client.get("/v1/changes", params=asked).json()
            for change in answer["changes"]:
                changed = changed | set(change["ids"]) if change["ids"] is not None else set()
                dumps.add(change["dump"])
            if answer["next"] == after:
                break
            after = answer["next"]
        assert after == answer["last"]
        of_month_2 = {i for i, held in truth.records[entity].items() if held.dump == 20260201}
        gone = {i for one, i, dump in truth.deletions if one is entity}
        assert changed == of_month_2 | gone
        assert dumps == {20260101, 20260201}


def test_a_cursor_of_another_database_is_refused(month_2_served: Served) -> None:
    asked: dict[str, str | int] = {"entity": "label", "after": 10**6}
    answer = month_2_served.client.get("/v1/changes", params=asked)
    assert answer.status_code == 410
    assert "read everything anew" in answer.json()["message"]


def test_deletions_of_a_dump_page_by_page(month_2_served: Served, truth: Truth) -> None:
    for entity in Entity:
        found: list[int] = []
        after: int | None = 0
        asked: dict[str, str | int] = {"entity": entity.value, "dump": 20260201, "limit": 2}
        while after is not None:
            asked["after"] = after
            page = month_2_served.client.get("/v1/deletions", params=asked).json()
            found += page["ids"]
            after = page["next"]
        assert found == sorted(i for one, i, _ in truth.deletions if one is entity)


def test_the_page_of_endpoints_needs_no_other_server(month_2_served: Served) -> None:
    page = month_2_served.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    paths = month_2_served.client.get("/openapi.json").json()["paths"]
    assert [path for path in paths if f" {path}</h3>" not in page.text] == []
    assert re.findall("(?:src|href)=\"?'?https?:", page.text) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/changes?entity=song", 422),
        ("GET", f"/v1/changes?entity=label&after={2**63}", 422),
        ("GET", "/v1/deletions?entity=label&dump=x", 422),
        ("GET", "/v1/releases/1%00", 422),
        ("POST", "/v1/releases/1", 405),
        ("GET", f"/v1/releases/1?q={'x' * 9000}", 414),
    ],
)
def test_what_makes_no_sense_is_refused(
    month_2_served: Served, method: str, path: str, status: int
) -> None:
    answer = month_2_served.client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_metrics_name_layers_and_runs(month_2_served: Served) -> None:
    month_2_served.client.get("/v1/labels/1")
    text = month_2_served.client.get("/metrics").text
    assert 'waxline_cache_requests_total{kind="record",layer="memory",outcome="miss"}' in text
    assert 'waxline_run_dump{entity="release"} 2.0260201e+07' in text
    assert 'waxline_run_state{entity="release",state="complete"} 1.0' in text
    assert "process_resident_memory_bytes" in text
