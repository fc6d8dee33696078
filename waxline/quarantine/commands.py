"""What `quarantine` and `runs` do."""

import argparse
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from rich.console import Console

from common.broker import open_broker
from common.dumps import Dump, find_dumps
from common.entities import Entity
from common.errors import NotEqualError, ServerError, SettingsError
from common.service import run_service
from common.store import open_store
from config.servers import ServerName
from config.settings import Settings, load_settings
from config.sinks import SinkName
from extractor.journal import noted_runs
from loaders import open_sink
from loaders.sink import Sink
from waxline.console import make_console, say, say_whole, width_of
from waxline.quarantine.arguments import ENTITIES
from waxline.quarantine.gathering import Gathered, Holders, closing, gather, looking_at
from waxline.quarantine.items import Item, Place
from waxline.quarantine.replaying import by_date, dumps_for, forget, put_back
from waxline.quarantine.runs import extractors_runs, past_runs
from waxline.quarantine.runs import lines as run_lines
from waxline.quarantine.showing import details, lines, raw_of
from waxline.run.commands import run_and_tell
from waxline.servers.lending import borrowed_servers

_NEEDED: Mapping[str, Iterable[ServerName]] = {
    "list": ("broker",),
    "show": ("broker",),
    "replay": ("store", "broker"),
}


def quarantine(arguments: argparse.Namespace) -> int:
    """List, show or replay what is not in the sinks though a dump has it."""
    action = _ACTIONS[arguments.action]
    with ExitStack() as stack:
        settings = _lent(stack, _NEEDED[arguments.action])
        return run_service(
            "quarantine", settings, lambda: action(arguments, settings, make_console())
        )


def runs(arguments: argparse.Namespace) -> int:
    """Print the history of runs."""
    with ExitStack() as stack:
        settings = _lent(stack, ("store",))
        return run_service("runs", settings, lambda: _runs(arguments.limit, settings))


def holders_of(settings: Settings, sinks: Iterable[SinkName]) -> Holders:
    """Return what may hold something back, of these sinks; nothing is opened yet."""
    return Holders(
        sinks={name: partial(_open_sink, settings, name) for name in sinks},
        broker=lambda: open_broker(settings.server("broker"), settings.queue_bytes),
        data_folder=settings.data_folder,
    )


def _open_sink(settings: Settings, name: SinkName) -> Sink:
    return open_sink(settings.sink(name))


def _lent(stack: ExitStack, besides: Iterable[ServerName]) -> Settings:
    """Return settings with the embedded servers, without them where they do not start.

    What is held elsewhere can be seen all the same.
    """
    settings = load_settings()
    try:
        return stack.enter_context(borrowed_servers(settings, besides=besides))
    except ServerError as error:
        say(make_console(), f"the embedded servers do not start: {error}")
        return settings


async def _runs(limit: int, settings: Settings) -> None:
    console, found = make_console(), Gathered()
    history = await past_runs(holders_of(settings, settings.sinks), limit, found)
    store = open_store(settings.server("store"))
    try:
        known = await extractors_runs(settings.data_folder, store, found)
    finally:
        await store.close()
    shown = _say_all(console, run_lines(history, known, limit, width_of(console)))
    if not shown and not found.troubles:
        say(console, "Nothing was ever loaded.")
    _tell_troubles(found, console)


async def _list(arguments: argparse.Namespace, settings: Settings, console: Console) -> None:
    sinks = (arguments.sink,) if arguments.sink else settings.sinks
    entity: Entity | None = ENTITIES.get(arguments.entity)
    found = await gather(holders_of(settings, sinks), entity)
    items = [item for item in found.items if arguments.all or not item.settled]
    if not _say_all(console, lines(items, width_of(console))) and not found.troubles:
        say(console, "Nothing is left out.")
    _tell_troubles(found, console)


async def _show(arguments: argparse.Namespace, settings: Settings, console: Console) -> None:
    holders = holders_of(settings, settings.sinks)
    (item,) = _chosen(await gather(holders), [arguments.key])
    record = await _record_of(item, holders)
    if arguments.raw:
        sys.stdout.buffer.write(raw_of(item, record))
        sys.stdout.buffer.flush()
    else:
        for line in details(item, record):
            say_whole(console, line)


async def _replay(arguments: argparse.Namespace, settings: Settings, console: Console) -> None:
    given = find_dumps(arguments.dump, arguments.date)
    holders = holders_of(settings, settings.sinks)
    found = await gather(holders)
    if arguments.all:
        chosen = [one for one in found.items if not one.settled or one.place is Place.DEAD]
    else:
        chosen = _chosen(found, arguments.keys)
    letters = [item for item in chosen if item.place is Place.DEAD]
    records = [item for item in chosen if item.place is not Place.DEAD]
    # Before anything is done: it raises when a dump is needed and not known.
    dumps = dumps_for(records, found.rows, given, noted_runs(settings.data_folder))
    if letters:
        async with closing(holders.broker()) as broker:
            async for sentence in put_back(letters, found.rows, broker):
                say(console, sentence)
    if dumps:
        await _send_again(records, dumps, settings, console)
    now = await gather(holders)
    keys = {item.key for item in chosen}
    left = [item for item in now.items if item.key in keys and not item.settled]
    say(console, f"{len(chosen) - len(left):,} of {len(chosen):,} are mended or on their way.")
    _say_all(console, lines(left, width_of(console)))
    _tell_troubles(now, console)


async def _send_again(
    records: Sequence[Item], dumps: Iterable[Dump], settings: Settings, console: Console
) -> None:
    """Run dumps for these records; raise `NotEqualError` when a sink does not equal its dump."""
    store = open_store(settings.server("store"))
    try:
        await forget(records, store)
    finally:
        await store.close()
    outcomes = [
        await run_and_tell(some, settings, ["--date", str(date)], console)
        for date, some in by_date(dumps).items()
    ]
    if not all(outcome.good() for outcome in outcomes):
        raise NotEqualError("not every sink equals its dump: see above")


def _chosen(found: Gathered, keys: Iterable[str]) -> list[Item]:
    """Return the items of these keys, or of keys that begin so, as long as it is one each."""
    chosen = {}
    for key in keys:
        items = [item for item in found.items if item.key.startswith(key)]
        if len(items) != 1:
            beside = "".join(f"; {trouble}" for trouble in found.troubles)
            many = f"{len(items):,} things are" if items else "nothing is"
            raise SettingsError(f"{many} left out by the key {key}{beside}")
        chosen[items[0].key] = items[0]
    return [*chosen.values()]


async def _record_of(item: Item, holders: Holders) -> str:
    if item.place is not Place.REJECTED or item.entity is None or item.id is None:
        return ""
    async with looking_at(holders.sinks[item.sink]()) as sink:
        return await sink.bookkeeping.rejected_record(item.entity, item.id) if sink else ""


def _say_all(console: Console, sentences: Iterable[str]) -> int:
    """Print lines; return how many there were."""
    said = list(sentences)
    for sentence in said:
        say(console, sentence)
    return len(said)


def _tell_troubles(found: Gathered, console: Console) -> None:
    for trouble in found.troubles:
        say(console, trouble)
    if found.troubles:
        raise ServerError("this is not all: not everything could be asked, see above")


Action = Callable[[argparse.Namespace, Settings, Console], Coroutine[Any, Any, None]]

_ACTIONS: Mapping[str, Action] = {"list": _list, "show": _show, "replay": _replay}
