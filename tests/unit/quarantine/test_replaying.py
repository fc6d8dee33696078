"""Which dump records are sent from, and how a history of runs reads."""

from pathlib import Path

import pytest

from common.dumps import Dump, find_dumps
from common.entities import LOAD_ORDER, Entity
from common.errors import DumpError
from common.reports import Progress, State
from extractor.journal import note_run, noted_runs
from loaders.runs import REFUSED, PastRun, RunRow
from loaders.sink import Rejection
from waxline.quarantine.items import Item, Rows, from_rejection
from waxline.quarantine.replaying import by_date, dumps_for
from waxline.quarantine.runs import lines, outcome_of

LABEL = Entity.LABEL


def progress(file: Path, run: int = 5, **changes: int) -> Progress:
    counts = {"read": 1_000, "sent": 20, "quarantined": 1, **changes}
    return Progress(
        entity=LABEL,
        run=run,
        dump=20260201,
        file=str(file),
        started=1.0,
        heartbeat=2.0,
        position=9,
        size=9,
        read=counts["read"],
        unchanged=counts["read"] - counts["sent"],
        sent=counts["sent"],
        quarantined=counts["quarantined"],
        done=True,
    )


def rejected(run: int = 3) -> Item:
    return from_rejection("postgres", LABEL, Rejection(7, 70, "NUL", run=run, dump=20260101))


def rows(run: int) -> Rows:
    row = RunRow(LABEL, run, 20260201, State.COMPLETE, "", 0, 0, 0, 0, 0, 0, run)
    return {"postgres": {LABEL: row}}


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """A file with a date of its own."""
    path = tmp_path / "discogs_20260101_labels.xml"
    path.write_bytes(b"<labels></labels>")
    return path


def test_records_are_sent_from_the_file_that_was_loaded_last(dump: Path) -> None:
    readings = {3: progress(Path("gone"), 3), 5: progress(dump)}
    (found,) = dumps_for([rejected(), rejected()], rows(5), [], readings)
    assert (found.path, found.entity, found.date) == (dump, LABEL, 20260201)
    assert dumps_for([], rows(5), [], readings) == []


def test_a_dump_that_is_named_is_taken(dump: Path) -> None:
    named = find_dumps([dump])
    assert dumps_for([rejected()], rows(5), named, {5: progress(Path("gone"))}) == named


@pytest.mark.parametrize(
    ("readings", "words"),
    [({}, "not known which file"), ({5: progress(Path("/nowhere/labels.xml"))}, "labels.xml is")],
)
def test_without_a_file_one_has_to_be_named(readings: dict[int, Progress], words: str) -> None:
    with pytest.raises(DumpError, match=f"{words}.*--dump names"):
        dumps_for([rejected()], rows(5), [], readings)


def test_readings_are_remembered_by_run(tmp_path: Path) -> None:
    assert noted_runs(tmp_path) == {}
    first, second = progress(tmp_path / "a", 5), progress(tmp_path / "b", 6)
    for one in (first, second):
        note_run(tmp_path, one)
    with (tmp_path / "readings.jsonl").open("ab") as file:
        file.write(b'{"run": 7}\n[]\nhalf a li')
    assert noted_runs(tmp_path) == {5: first, 6: second}


def past(run: int, outcome: str, detail: str = "", ended: float = 110, **counts: int) -> PastRun:
    return PastRun(LABEL, run, 20260201, outcome, detail, 100, ended, **counts)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (past(9, State.COMPLETE), "equal"),
        (past(8, State.COMPLETE), "equal"),
        (
            past(9, State.COMPLETE, "1 rejected", exceptions=1),
            "equal, with exceptions (1 rejected)",
        ),
        (past(8, State.UNEQUAL, "2 ranges"), "differs (2 ranges)"),
        (past(8, REFUSED, "older"), "refused (older)"),
        (past(9, State.LOADING), "loading"),
        (past(8, State.LOADING), "superseded (by run 9)"),
    ],
)
def test_an_outcome_is_one_word_and_why(run: PastRun, words: str) -> None:
    assert outcome_of(run, newest=9) == words


def test_the_history_has_a_line_for_each_run_and_sink() -> None:
    history = {
        "postgres": [past(9, State.COMPLETE, loaded=1_000), past(8, State.LOADING, ended=0)],
        "neo4j": [past(9, State.LOADING, ended=0)],
    }
    head, newest, beside, older = lines(history, {9: progress(Path("a"), 9)}, limit=2)
    assert head.split() == [
        *("entity", "dump", "started", "ended", "read", "sent", "quarantined", "sink"),
        *("loaded", "unchanged", "rejected", "deleted", "records/s", "outcome"),
    ]
    assert newest.startswith("label   20260201  1970-01-01 ")
    counts = ["1,000", "20", "1", "postgres", "1,000", "0", "0", "0", "100", "equal"]
    assert newest.split()[-10:] == counts
    assert beside.split()[-6:] == ["neo4j", "0", "0", "0", "0", "loading"]
    assert older.split()[-9:] == ["postgres", "0", "0", "0", "0", "superseded", "(by", "run", "9)"]
    assert len(lines(history, {}, limit=1)) == 3
    assert lines({"postgres": []}, {}, limit=1) == []


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_history_is_whole_on_any_terminal(width: int) -> None:
    found = [past(9, State.COMPLETE, "1 quarantined", loaded=19_192_301, exceptions=1)]
    told = lines({"postgres": found, "arcadedb": found}, {9: progress(Path("a"), 9)}, 2, width)
    assert max(map(len, told)) <= width
    text = " ".join(line.strip() for line in told)
    assert text.count("loaded 19,192,301, unchanged 0, rejected 0, deleted 0,") == 2
    assert told[0] == "label, 20260201"
    assert text.endswith("outcome equal, with exceptions (1 quarantined)")


def test_a_refused_run_does_not_follow_the_one_that_goes_on() -> None:
    history = {"postgres": [past(9, REFUSED, "older"), past(8, State.LOADING, ended=0)]}
    _, refused, going_on = lines(history, {}, limit=2)
    assert refused.endswith("refused (older)")
    assert going_on.endswith("loading")


def test_dumps_are_read_together_only_where_their_dates_are_one() -> None:
    dumps = [
        Dump(Path(entity), entity, date, None)
        for entity, date in zip(LOAD_ORDER, (20260101, 20260201, 20260101, 20260301), strict=True)
    ]
    artists, labels, masters, releases = dumps
    assert by_date(dumps) == {
        20260101: [artists, masters],
        20260201: [labels],
        20260301: [releases],
    }
