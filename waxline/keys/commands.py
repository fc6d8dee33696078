"""What `keys` does."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Console

from common.service import run_service
from config.settings import Settings, load_settings
from config.sinks import SinkName
from serving.access.keys import KeyLine, KeyTables
from serving.access.places import key_tables_of, revoke
from waxline.columns import columns
from waxline.console import make_console, say, say_whole
from waxline.servers.lending import lent_servers

_HEAD = ("name", "limit", "created", "revoked", "today", "requests")


def keys(arguments: argparse.Namespace) -> int:
    """Make, list or revoke keys of the database that is served."""
    settings, console = load_settings(), make_console()
    sinks: tuple[SinkName, ...] = () if settings.reading_url else ("postgres",)
    with lent_servers(settings, console, (), sinks) as (complete, _):

        async def main() -> None:
            async with key_tables_of(complete) as tables:
                await _act(arguments, complete, tables, console)

        return run_service("keys", complete, main)


async def _act(
    arguments: argparse.Namespace, settings: Settings, tables: KeyTables, console: Console
) -> None:
    match arguments.action:
        case "create":
            say_whole(console, await tables.create(arguments.name, arguments.limit))
            say(console, "Keep it: it is shown this once.")
        case "revoke":
            at_once = await revoke(settings, tables, arguments.name)
            when = "from now on" if at_once else "within five minutes"
            say(console, f"{arguments.name} is revoked: {when} nobody is answered by that key.")
        case _:
            for line in columns(_table(await tables.list()), right=(1, 4, 5)):
                say_whole(console, line)


def _table(lines: Iterable[KeyLine]) -> Iterator[Sequence[str]]:
    yield _HEAD
    for line in lines:
        limit = "" if line.per_minute is None else str(line.per_minute or "none")
        counts = (f"{line.today:,}", f"{line.requests:,}")
        yield (line.name, limit, _day(line.created), _day(line.revoked), *counts)


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else ""
