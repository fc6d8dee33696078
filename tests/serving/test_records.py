"""Records by ``/v1``: each equals the oracle's, whichever layer it comes from."""

import pytest

from common.entities import Entity
from tests.oracle import Truth
from tests.serving.rig import Served, serving


@pytest.fixture(scope="module")
def truth(month_2_served: Served) -> Truth:
    return month_2_served.truth(2)


def test_every_record_equals_the_oracle_from_each_layer(
    month_2_served: Served, truth: Truth, tmp_path_factory: pytest.TempPathFactory
) -> None:
    served, number = month_2_served, sum(map(len, truth.records.values()))
    assert number > 500
    assert served.differing(truth) == []
    assert served.asked("memory")["hits"] == 0
    assert served.differing(truth) == []
    assert served.asked("memory")["hits"] == number
    # A second process has an empty memory, and the same cache.
    folder = tmp_path_factory.mktemp("second")
    with serving(served.catalogue, served.database, folder, emptied=False) as second:
        assert second.differing(truth) == []
        assert second.asked("cache")["hits"] == number


def test_a_deleted_record_is_not_there(month_2_served: Served, truth: Truth) -> None:
    gone = [(entity, number) for entity, number, _ in truth.deletions]
    assert gone
    for entity, number in gone:
        answer = month_2_served.client.get(f"/v1/{entity.plural}/{number}")
        assert answer.status_code == 404
        assert answer.json() == {"message": f"there is no {entity} {number}"}


def test_what_one_holds_is_not_sent_again(month_2_served: Served, truth: Truth) -> None:
    client = month_2_served.client
    path = f"/v1/releases/{min(truth.records[Entity.RELEASE])}"
    first = client.get(path)
    held = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    again = client.get(path, headers=held)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = client.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_an_answer_says_how_fresh_it_is(month_2_served: Served, truth: Truth) -> None:
    number = min(truth.records[Entity.LABEL])
    said = month_2_served.client.get(f"/v1/labels/{number}").headers["x-waxline-as-of"]
    entity, _, rest = said.partition("=")
    dump, _, sequence = rest.partition("/")
    assert (entity, int(dump)) == ("label", 20260201)
    assert int(sequence) > 0


def test_head_and_preflight(month_2_served: Served, truth: Truth) -> None:
    client = month_2_served.client
    path = f"/v1/masters/{min(truth.records[Entity.MASTER])}"
    whole, head = client.get(path), client.head(path)
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))
    assert whole.headers["access-control-allow-origin"] == "*"
    asking = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    assert client.options(path, headers=asking).status_code == 204
