"""What `cache` does."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from rich.console import Console

from common.cache import Values, open_values
from common.cache.invalidation import count_matching, drop_matching
from common.cache.keys import CATALOGUE, OF_THE_CATALOGUE, Keys, Kind, catalogue_pattern
from common.cache.manager import published_shares
from common.errors import ServerError, SettingsError
from common.outputs import counted
from common.service import run_service
from config.servers import ServerName
from config.settings import Settings, load_settings
from config.sources import variable
from waxline.cache.checking import Trial, check_place
from waxline.cache.showing import (
    check_remarks,
    check_table,
    kinds_table,
    mode_remarks,
    shares_table,
    unset_remark,
    usage_sentence,
)
from waxline.console import make_console, say, width_of

_PLACES: tuple[ServerName, ...] = ("cache", "store")
NO_SHARES = "No process that answers has told of hits in the last minute."

_KINDS = {kind.title: kind for kind in OF_THE_CATALOGUE if kind is not Kind.ABSENT}


def cache(arguments: argparse.Namespace) -> int:
    """Check the caches, tell of them, or empty them."""
    settings, console = load_settings(), make_console()
    return run_service("cache", settings, lambda: act(arguments, settings, console))


async def act(arguments: argparse.Namespace, settings: Settings, console: Console) -> None:
    """Do what the arguments say; raise `ServerError` when something does not work."""
    match arguments.action:
        case "check":
            await _check(settings, console)
        case "stats":
            await _tell(settings, console)
        case _:
            await _clear(settings, console, _pattern_of(arguments))


def _pattern_of(arguments: argparse.Namespace) -> str:
    """Return the pattern of what is to be cleared; whatever it is, it is of ours."""
    if arguments.kind:
        return catalogue_pattern(_KINDS[arguments.kind])
    return f"{CATALOGUE}:????????:{arguments.pattern or '*'}"


async def _check(settings: Settings, console: Console) -> None:
    """Print the table; raise `ServerError` unless everything works."""
    found: dict[str, list[Trial]] = {}
    remarks: list[str] = []
    for name in _PLACES:
        async with _opened(settings, name) as values:
            found[name] = [trial async for trial in check_place(values)]
            if _url_of(settings, name) is None:
                remarks.append(unset_remark(name))
            elif not any(trial.wrong for trial in found[name]):
                usage = await values.usage()
                remarks += [usage_sentence(name, usage), *mode_remarks(name, usage)]
    wrong = list(check_remarks(found))
    for line in (*check_table(found), "", *remarks, *wrong):
        say(console, line)
    if wrong:
        raise ServerError(f"{counted(len(wrong), 'operation')} failed: see above")


async def _tell(settings: Settings, console: Console) -> None:
    async with _cache(settings) as values:
        counts = {
            title: await count_matching(values, catalogue_pattern(kind))
            for title, kind in _KINDS.items()
        }
        shares = await published_shares(values, Keys(settings.namespace))
        lines = [usage_sentence("cache", await values.usage()), ""]
    lines += kinds_table(counts) if any(counts.values()) else ["Nothing is cached."]
    lines.append("")
    lines += shares_table(shares, width_of(console)) if shares else [NO_SHARES]
    for line in lines:
        say(console, line)


async def _clear(settings: Settings, console: Console, pattern: str) -> None:
    async with _cache(settings) as values:
        dropped = await drop_matching(values, pattern)
    say(console, f"{counted(dropped, 'key')} deleted.")


@asynccontextmanager
async def _cache(settings: Settings) -> AsyncIterator[Values]:
    """Have the cache's server; raise `SettingsError` where there is none."""
    if settings.cache_url is None:
        raise SettingsError(
            f"{variable('cache_url')} is not set: cached answers are in the memory of each "
            "process that gives them, and end with it"
        )
    async with _opened(settings, "cache") as values:
        await values.check()
        yield values


@asynccontextmanager
async def _opened(settings: Settings, name: ServerName) -> AsyncIterator[Values]:
    """Have a place of values; a call may take as long as a connection may."""
    server = settings.server(name) if _url_of(settings, name) else None
    values = open_values(server and replace(server, timeout=server.connect_timeout), name)
    try:
        yield values
    finally:
        await values.close()


def _url_of(settings: Settings, name: ServerName) -> object:
    return settings.cache_url if name == "cache" else settings.store_url
