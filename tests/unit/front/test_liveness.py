"""What `waxline run` takes for news, and whom it takes for lost: no clock of others counts."""

import pytest

from common.entities import Entity
from common.errors import ServerError
from common.reports import SinkReport
from tests.reports import reading, report
from waxline.run.liveness import SILENCE, Liveness


class Clock:
    """Stands until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def told(heartbeat: float) -> dict[str, SinkReport]:
    return {"postgres": report({}) | {"heartbeat": heartbeat}}


def test_what_was_told_before_is_no_news_however_new_it_claims_to_be() -> None:
    liveness = Liveness(told(9e9))
    assert not liveness.hear(told(9e9))
    assert liveness.hear(told(1.0)) == told(1.0)
    assert liveness.hear(told(1.0)) == told(1.0), "news stays known"


def test_a_reading_is_new_by_its_run_and_not_by_its_time() -> None:
    liveness = Liveness({})
    new = reading(Entity.LABEL)
    before = reading(Entity.ARTIST) | {"run": new["run"] + 1}
    liveness.expect_runs([before])
    assert liveness.new_runs([before, new]) == [new]


def test_a_loader_that_says_nothing_is_lost_in_the_end() -> None:
    clock = Clock()
    liveness = Liveness(told(1.0), clock)
    clock.now = SILENCE
    liveness.check(["postgres"])
    clock.now = SILENCE + 1
    with pytest.raises(ServerError, match="loader-postgres has told the store nothing for 600 s"):
        liveness.check(["postgres"])


def test_one_that_speaks_has_its_time_again() -> None:
    clock = Clock()
    liveness = Liveness(told(1.0), clock)
    clock.now = SILENCE
    liveness.hear(told(0.5))
    clock.now = 2 * SILENCE
    liveness.hear(told(0.5))
    liveness.check(["postgres"])
    clock.now += 1
    with pytest.raises(ServerError):
        liveness.check(["postgres"])


def test_listening_anew_gives_everybody_his_time() -> None:
    clock = Clock()
    liveness = Liveness(told(1.0), clock)
    clock.now = 2 * SILENCE
    liveness.listen()
    liveness.check(["postgres"])
