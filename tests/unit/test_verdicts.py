"""When a run is over, and how each sink stands to it."""

import pytest

from common.entities import Entity
from common.reports import EntityReport, SinkReport, State
from common.verdicts import Standing, Verdict, judge, judge_all, over
from tests.reports import RUN, reading, report, row

RELEASE = Entity.RELEASE


def of(one: EntityReport) -> SinkReport:
    return report({RELEASE: one})


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (None, Verdict(Standing.WAITING, "it has not reported")),
        (report({}, refused={str(RUN): "older"}), Verdict(Standing.REFUSED, "older")),
        (report({}), Verdict(Standing.WAITING, "none of it has come")),
        (of(row(run=RUN - 1)), Verdict(Standing.WAITING, "none of it has come", quiet=True)),
        (of(row(run=RUN - 1, quiet=False)), Verdict(Standing.WAITING, "none of it has come")),
        (of(row(run=RUN + 1)), Verdict(Standing.SUPERSEDED, f"by run {RUN + 1}")),
        (of(row(State.COMPLETE)), Verdict(Standing.EQUAL)),
        (
            of(row(State.COMPLETE, exceptions=1, detail="1 quarantined")),
            Verdict(Standing.EXCEPTIONS, "1 quarantined"),
        ),
        (of(row(State.BLOCKED, detail="why")), Verdict(Standing.BLOCKED, "why")),
        (
            of(row(State.UNEQUAL, detail="2 ranges")),
            Verdict(Standing.UNEQUAL, "2 ranges", quiet=True),
        ),
        (of(row(State.LOADING, quiet=False)), Verdict(Standing.WAITING)),
        (
            of(row(State.LOADING, missing=3)),
            Verdict(Standing.WAITING, "3 ranges have not come", quiet=True),
        ),
    ],
)
def test_how_a_sink_stands(told: SinkReport | None, verdict: Verdict) -> None:
    assert judge(told, RELEASE, RUN) == verdict


def test_every_sink_is_judged_on_every_reading() -> None:
    found = judge_all([reading(), reading(Entity.LABEL)], ["a", "b"], {"a": of(row())})
    assert {key: verdict.standing for key, verdict in found.items()} == {
        (RELEASE, "a"): Standing.EQUAL,
        (RELEASE, "b"): Standing.WAITING,
        (Entity.LABEL, "a"): Standing.WAITING,
        (Entity.LABEL, "b"): Standing.WAITING,
    }


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([Verdict(Standing.EQUAL), Verdict(Standing.BLOCKED)], True),
        ([Verdict(Standing.EQUAL), Verdict(Standing.UNEQUAL, quiet=True)], True),
        ([Verdict(Standing.EQUAL), Verdict(Standing.UNEQUAL)], False),
        ([Verdict(Standing.REFUSED), Verdict(Standing.WAITING)], False),
        ([Verdict(Standing.SUPERSEDED), Verdict(Standing.EXCEPTIONS)], True),
    ],
)
def test_when_nothing_more_will_come(verdicts: list[Verdict], *, expected: bool) -> None:
    assert over(verdicts) is expected


def test_only_equality_is_good_and_only_what_may_change_is_not_final() -> None:
    assert {one for one in Standing if one.good} == {Standing.EQUAL, Standing.EXCEPTIONS}
    assert {one for one in Standing if not one.final} == {Standing.UNEQUAL, Standing.WAITING}
