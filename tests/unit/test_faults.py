"""What the faults' driver decides by itself, and the names it shares with the product."""

import re
from pathlib import Path

import pytest

from common.entities import Entity
from common.reports import SinkReport, State
from faults.material import reads_as, spoiled
from faults.progress import ProgressError, Pulse, Watch
from faults.round import Outcome
from faults.rows import ROWS
from faults.rows.kills import OF_LOADERS, POINTS
from faults.table import line, table
from generator import Plan
from tests.acceptance.material import month
from tests.reports import report, row
from tests.servers import REPOSITORY

_POINT = re.compile(r'faultpoints\.passing\("([a-z.]+)"\)')


def test_the_points_are_those_of_the_product() -> None:
    files = (path for name in ("common", "loaders") for path in (REPOSITORY / name).rglob("*.py"))
    found = {name for path in files for name in _POINT.findall(path.read_text(encoding="utf-8"))}
    known = {name for names in POINTS.values() for name in names} | set(OF_LOADERS)
    assert found == known


def reported(heartbeat: float, run: int, loaded: int) -> dict[str, SinkReport]:
    rows = {Entity.ARTIST: row(State.LOADING, run=run, loaded=loaded, quiet=False)}
    return {"postgres": report(rows, heartbeat=heartbeat)}


def test_reports_may_go_on_whatever_the_clocks_say() -> None:
    watch = Watch()
    for heartbeat, run, loaded in ((1, 5, 10), (2, 5, 10), (-9, 5, 40), (4, 6, 0)):
        watch.look(reported(heartbeat, run, loaded))


def test_a_store_that_is_put_back_is_no_step_back() -> None:
    watch = Watch()
    watch.look(reported(1, 5, 10))
    watch.forget()
    watch.look(reported(2, 4, 3))
    watch.leave_out("postgres")
    watch.look(reported(3, 4, 2))


@pytest.mark.parametrize(("run", "loaded"), [(5, 9), (4, 90)], ids=["count", "run"])
def test_a_report_that_goes_back_is_an_error(run: int, loaded: int) -> None:
    watch = Watch()
    watch.look(reported(7, 5, 10))
    with pytest.raises(ProgressError):
        watch.look(reported(2, run, loaded))


def test_a_report_that_a_link_has_held_back_is_no_step_back() -> None:
    watch = Watch(delayed=True)
    for heartbeat, run, loaded in ((7, 5, 10), (2, 5, 9), (8, 5, 10)):
        watch.look(reported(heartbeat, run, loaded))
    with pytest.raises(ProgressError):
        watch.look(reported(9, 5, 9))


def test_a_loader_lives_while_its_mark_changes() -> None:
    now = 100.0
    pulse = Pulse(lambda: now)
    assert not pulse.beats(reported(5, 1, 0))  # it may be what a loader of yesterday has told
    assert pulse.beats(reported(-5, 1, 0))
    now += 2.9
    assert pulse.beats(reported(-5, 1, 0))
    now += 0.2
    assert not pulse.beats(reported(-5, 1, 0))
    assert pulse.beats(reported(-4, 1, 0))


def test_a_spoiled_dump_is_known_from_one_that_says_the_same(tmp_path: Path) -> None:
    dump = month(Plan(releases=20, seed=1), 1, tmp_path)[0]
    time = 5 / dump.stat().st_size  # of the header: a part that says nothing of the content
    assert reads_as(spoiled(dump, tmp_path / "time", time, 1), dump)
    assert not reads_as(spoiled(dump, tmp_path / "cut", 0.5, None), dump)
    assert not reads_as(spoiled(dump, tmp_path / "flipped", 0.5, 1), dump)


def test_a_round_is_a_line_and_one_that_failed_tells_how_to_repeat_it() -> None:
    good, bad = Outcome("kill-moments", 1, 2.0), Outcome("kill-points", 7, 3.0, "it differs")
    good.kills["extractor, a moment"] = 2
    assert line(good) == "kill-moments seed 1: equal, 2.0 s, 2 kills"
    assert line(bad).endswith("it differs\nagain: make faults ROUNDS=1 SEED=7 ROWS=kill-points")
    said = table([row for row in ROWS if row.name in (good.row, bad.row)], [good, bad])
    assert "| 1 | 2 | none | 2.0 |" in said
    assert "| 1 |  | 1 | 3.0 |" in said
