"""What `waxline run` shows while it runs, and the tables at its end."""

import io

import pytest
from rich.console import Console

from common.entities import LOAD_ORDER, Entity
from common.reports import EntityReport, Progress, State
from common.verdicts import judge_all
from tests.reports import RUN, reading, report, row
from waxline.console import say, say_whole
from waxline.run.bars import Bars
from waxline.run.display import Display, line_of
from waxline.run.pipeline import Outcome
from waxline.run.summary import conclusion, extractor_table, remarks, sink_table

SINKS = ("neo4j", "postgres")
RELEASE = Entity.RELEASE


def outcome_of(
    readings: list[Progress],
    neo4j: dict[Entity, EntityReport],
    postgres: dict[Entity, EntityReport],
    graph: str = "neo4j",
) -> Outcome:
    reports = {"neo4j": report(neo4j, "neo4j", server=graph), "postgres": report(postgres)}
    verdicts = judge_all(readings, SINKS, reports)
    return Outcome({one["entity"]: one for one in readings}, reports, verdicts, attempts=1)


def all_equal(sent: int) -> Outcome:
    """Return a run of the whole catalogue, as large as it is, that ended well."""
    readings = [reading(one, read=19_800_000, sent=sent) for one in LOAD_ORDER]
    rows = {one: row(loaded=sent) for one in LOAD_ORDER}
    return outcome_of(readings, rows, rows)


def line(outcome: Outcome) -> str:
    return line_of(outcome.runs, outcome.reports, outcome.verdicts)


def shown(outcome: Outcome, width: int = 80) -> list[str]:
    return [*extractor_table(outcome, width), *sink_table(outcome, SINKS, width)]


def test_the_tables_fit_80_columns_whole() -> None:
    lines = shown(all_equal(19_800_000))
    assert max(map(len, lines)) <= 80
    assert len(lines) == 1 + 4 + 1 + 8
    assert lines[4].split() == [
        *("releases", "19,800,000", "0", "19,800,000", "0", "10.0", "1,980,000")
    ]
    assert lines[-1].split() == ["releases", "postgres", "19,800,000", "0", "0", "yes"]


def test_the_table_says_of_a_sink_that_differs_how() -> None:
    outcome = outcome_of([reading()], {RELEASE: row(State.UNEQUAL)}, {})
    assert [words.split()[1:] for words in shown(outcome)[-2:]] == [
        ["neo4j", "1,000", "0", "0", "differs"],
        ["postgres", "loading"],
    ]


def test_on_a_narrow_terminal_no_number_is_cut() -> None:
    lines = shown(all_equal(19_800_000), width=60)
    assert max(map(len, lines)) <= 60
    told = " ".join(line.strip() for line in lines)
    assert "releases read 19,800,000, unchanged 0, sent 19,800,000, quarantined 0," in told
    assert "releases, postgres loaded 19,800,000, rejected 0, deleted 0," in told


def test_the_table_says_of_a_sink_that_has_exceptions_so() -> None:
    outcome = outcome_of([reading()], {RELEASE: row(exceptions=2)}, {RELEASE: row()})
    assert [words.split()[5:] for words in shown(outcome)[-2:]] == [
        ["equal,", "with", "exceptions"],
        ["yes"],
    ]


def test_the_tables_add_up_all_readings() -> None:
    first = reading(sent=0)
    outcome = outcome_of([first], {RELEASE: row(State.UNEQUAL, loaded=0, deleted=7)}, {})
    again = reading(sent=40, run=RUN + 1)
    outcome.runs[RELEASE] = again
    after = {RELEASE: row(run=RUN + 1, loaded=40, deleted=1)}
    outcome.reports = {"neo4j": report(after, "neo4j"), "postgres": report(after)}
    outcome.verdicts = judge_all([again], SINKS, outcome.reports)
    outcome.attempts = 2
    outcome.remember()
    read, neo4j, postgres = (words.split() for words in (shown(outcome)[i] for i in (1, 3, 4)))
    assert read[1:] == ["2,000", "1,960", "40", "0", "20.0", "100"]
    assert (neo4j[2:5], postgres[2:5]) == (["40", "0", "8"], ["40", "0", "1"])
    assert list(remarks(outcome)) == [
        "releases: read 2 times, and the counts are of all of them",
    ]


def test_remarks_say_what_to_do() -> None:
    outcome = outcome_of(
        [reading()], {RELEASE: row(State.BLOCKED, detail="9 of 10 rows")}, {RELEASE: row()}
    )
    assert list(remarks(outcome)) == [
        "neo4j, releases: blocked (9 of 10 rows): --allow-deletions deletes them all the same"
    ]


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (all_equal(5), "Every sink equals the dumps."),
        (all_equal(0), "Every sink equals the dumps; nothing had changed."),
        (
            outcome_of([reading()], {RELEASE: row(exceptions=2)}, {RELEASE: row()}),
            "Every sink equals the dumps, but for the records told of above.",
        ),
    ],
)
def test_the_last_sentence(outcome: Outcome, sentence: str) -> None:
    assert outcome.good()
    assert conclusion(outcome) == sentence


def test_a_line_has_only_what_still_moves() -> None:
    loading = row(State.LOADING, loaded=250, quiet=False)
    readings = [reading(Entity.ARTIST), reading(Entity.LABEL), reading(RELEASE, done=False)]
    found = outcome_of(
        readings,
        {Entity.ARTIST: row(), Entity.LABEL: row(State.LOADING, quiet=False), RELEASE: loading},
        {Entity.ARTIST: row(), Entity.LABEL: row(), RELEASE: loading},
    )
    assert line(found) == (
        "labels: neo4j compares; releases: 50% read, neo4j 250 of 1,000, postgres 250 of 1,000"
    )


def test_a_line_is_short_even_when_everything_moves_and_empty_when_nothing_does() -> None:
    loading = {one: row(State.LOADING, loaded=9_000_000, quiet=False) for one in LOAD_ORDER}
    readings = [reading(one, sent=19_000_000, done=False) for one in LOAD_ORDER]
    said = line(outcome_of(readings, loading, loading))
    assert len(said) <= 100
    assert said.endswith("; …")
    assert set(said.split("; ")[:-1]) <= {
        line(outcome_of([one], loading, loading)) for one in readings
    }
    assert line(all_equal(5)) == ""


def test_a_sentence_that_two_sinks_say_of_several_entities_is_said_once() -> None:
    older = {str(RUN): "older"}
    readings = [reading(one) for one in LOAD_ORDER]
    reports = {sink: report({}, sink, older) for sink in ("postgres", "neo4j")}
    reports["neo4j"]["server"] = "arcadedb"
    verdicts = judge_all(readings, ("postgres", "neo4j"), reports)
    outcome = Outcome({one["entity"]: one for one in readings}, reports, verdicts, attempts=1)
    assert list(remarks(outcome)) == [
        "postgres and arcadedb, artists, labels, masters and releases: refused (older): "
        "--allow-older loads it all the same"
    ]


def test_what_is_told_of_a_sink_is_told_by_the_name_of_its_server() -> None:
    blocked = {RELEASE: row(State.BLOCKED, detail="9 of 10 rows")}
    loading = {RELEASE: row(State.LOADING, loaded=250, quiet=False)}
    outcome = outcome_of([reading()], blocked, loading, graph="arcadedb")
    told = [*shown(outcome), *remarks(outcome), line(outcome), drawn(outcome, 80)]
    outcome = outcome_of([reading()], loading, loading, graph="arcadedb")
    told.append(line(outcome))
    assert "neo4j" not in "\n".join(told)
    assert sum("arcadedb" in one for one in told) == 4


def drawn(outcome: Outcome, width: int, height: int = 40) -> str:
    """Return the bars on a terminal of this size."""
    console = Console(width=width, height=height, file=io.StringIO(), record=True)
    console.print(Bars(outcome.runs, outcome.reports, outcome.verdicts))
    return console.export_text().rstrip("\n")


def largest(state: State, *, done: bool) -> Outcome:
    """Return a run of the whole catalogue somewhere on its way."""
    rows = {one: row(state, loaded=19_192_300, exceptions=1, quiet=False) for one in LOAD_ORDER}
    readings = [
        reading(one, read=19_800_000, sent=19_192_301, position=40, done=done) for one in LOAD_ORDER
    ]
    return outcome_of(readings, rows, rows, graph="arcadedb")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("state", [State.LOADING, State.COMPLETE, State.BLOCKED])
def test_bars_are_whole_on_any_terminal(width: int, done: bool, state: State) -> None:
    lines = drawn(largest(state, done=done), width).split("\n")
    assert len(lines) == 3 * len(LOAD_ORDER)
    assert max(map(len, lines)) <= width
    head, postgres, arcadedb = (text.split() for text in lines[-3:])
    said = {State.LOADING: "19,192,301", State.COMPLETE: "exceptions", State.BLOCKED: "blocked"}
    rate = ["1,980,000/s,", "3%", "unchanged"] if done else ["1,980,000/s,", "4", "min", "left"]
    assert (head[:2], head[-len(rate) - 1 :]) == (["releases", "read"], ["19,800,000", *rate])
    for server, words in (("postgres", postgres), ("arcadedb", arcadedb)):
        assert (words[0], words[2], words[-1]) == (server, "19,192,300", said[state])
        assert set(words[1]) <= set("━╸╺")


def test_a_low_terminal_shows_the_last_bars() -> None:
    shown_lines = drawn(all_equal(5), 80, height=8).split("\n")
    assert len(shown_lines) == 7
    assert shown_lines[-3].startswith("releases")


def test_before_anything_is_read_the_bars_say_what_is_waited_for() -> None:
    assert drawn(Outcome(), 80) == "Opening the databases …"


def test_a_sentence_is_broken_between_words_and_a_table_is_not() -> None:
    file = io.StringIO()
    console = Console(force_terminal=True, width=20, file=file)
    say(console, "one sentence of more than twenty columns")
    say(console, "  two   columns")
    say_whole(console, "a line that is to be pasted")
    assert file.getvalue().splitlines() == [
        *("one sentence of more", "than twenty columns"),
        "  two   columns",
        "a line that is to be pasted",
    ]


def display_on(*, terminal: bool) -> tuple[Display, io.StringIO]:
    file = io.StringIO()
    return Display(Console(force_terminal=terminal, width=100, file=file)), file


def test_a_line_is_not_repeated_and_a_sentence_stays() -> None:
    outcome = outcome_of([reading(position=500, done=False)], {}, {})
    display, file = display_on(terminal=False)
    with display:
        for _ in range(3):
            display.show(outcome.runs, outcome.reports, outcome.verdicts)
        display.say("loader-postgres [died]")
    assert file.getvalue().splitlines() == [line(outcome), "loader-postgres [died]"]


def test_on_a_terminal_there_are_bars() -> None:
    loading = {RELEASE: row(State.LOADING, loaded=250, quiet=False)}
    outcome = outcome_of([reading(done=False)], loading, {RELEASE: row()})
    display, file = display_on(terminal=True)
    with display:
        display.show(outcome.runs, outcome.reports, outcome.verdicts)
        display.say("loader-postgres died")
    text = file.getvalue()
    for words in ("1,000 100/s, 10 s left", "250 of 1,000", "━"):
        assert words in text
    assert "loader-postgres died" in text
    assert "1,000 equal" in drawn(outcome, 100)
