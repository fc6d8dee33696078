"""The README's picture of a terminal: how it is made, and that it shows what is shown today."""

import html
import io
import re

from rich.console import Console

from common.entities import Entity
from common.reports import State
from common.verdicts import judge_all
from tests.picture import PICTURE, drawn, frames_of, half_way
from tests.reports import RUN, reading, report, row
from tests.servers import REPOSITORY
from waxline.console import say
from waxline.run.display import Display
from waxline.run.pipeline import Outcome
from waxline.run.summary import extractor_table, sink_table

RELEASE = Entity.RELEASE
MOST_BYTES = 60_000


def outcome(loaded: int, state: State = State.LOADING) -> Outcome:
    rows = {RELEASE: row(state, loaded=loaded, quiet=False)}
    reports = {"postgres": report(rows), "neo4j": report(rows, "neo4j", server="arcadedb")}
    readings = {RELEASE: reading()}
    return Outcome(readings, reports, judge_all(readings.values(), reports, reports), 1)


def said_of(outcomes: list[Outcome]) -> str:
    """Return what a terminal of 80 columns gets of a run that goes through these."""
    file = io.StringIO()
    console = Console(force_terminal=True, width=80, file=file)
    with Display(console) as display:
        for one in outcomes:
            display.show(one.runs, one.reports, one.verdicts)
    for line in (*extractor_table(outcomes[-1], 80), *sink_table(outcomes[-1], ["neo4j"], 80)):
        say(console, line)
    say(console, "Every sink equals the dumps.")
    say(console, "# More, that is not drawn")
    return file.getvalue()


def texts_of(svg: str) -> str:
    """Return the words of a picture."""
    words = html.unescape(" ".join(re.findall(r"<text[^>]*>(.*?)</text>", svg)))
    return " ".join(words.replace("\N{NO-BREAK SPACE}", " ").split())


def test_what_is_drawn_is_the_bars_half_way_and_the_end() -> None:
    stages = [outcome(100), outcome(501), outcome(900), outcome(1_000, State.COMPLETE)]
    frames = frames_of(said_of(stages))
    assert "501 of 1,000" in half_way(frames)
    told = texts_of(drawn(f"waxline run {RUN}", frames))
    assert told.index(f"$ waxline run {RUN}") < told.index("501 of 1,000") < told.index("arcadedb")
    for other in ("100 of", "900 of", "More"):
        assert other not in told
    assert told.endswith("Every sink equals the dumps.")


def test_the_picture_shows_what_is_shown_today_and_the_readme_shows_it() -> None:
    svg = PICTURE.read_text(encoding="utf-8")
    assert len(svg.encode()) < MOST_BYTES
    assert not re.search(r"url\(.?http|<image|<script", svg)
    told = texts_of(svg)
    ended = outcome(1_000, State.COMPLETE)
    for table in (extractor_table(ended), sink_table(ended, ["neo4j"])):
        assert " ".join(table[0].split()) in told
    assert re.search(r"\d/s.* arcadedb [━╸╺ ]+ [\d,]+ of [\d,]+ ", told)
    assert told.count("arcadedb") == 8
    assert told.endswith("Every sink equals the dumps.")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert re.search(r"!\[[^\]]{40,}\]\(docs/img/run\.svg\)", readme)
