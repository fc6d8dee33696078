"""Runs dumps and prints what became of them."""

from collections.abc import Sequence

from rich.console import Console

from common.dumps import Dump
from config.settings import Settings
from waxline.run.display import Display
from waxline.run.run import Outcome, run_dumps
from waxline.run.summary import reading_table, remarks, sink_table
from waxline.saying import say, width_of


async def run_and_tell(
    dumps: Sequence[Dump], settings: Settings, options: Sequence[str], console: Console
) -> Outcome:
    """Load the dumps with extractor and loaders as child processes; print the two tables."""
    with Display(console) as display:
        outcome = await run_dumps(dumps, settings, options, display)
    width = width_of(console)
    for line in (
        *reading_table(outcome, width),
        "",
        *sink_table(outcome, settings.sinks, width),
        "",
    ):
        say(console, line)
    for remark in remarks(outcome):
        say(console, remark)
    return outcome
