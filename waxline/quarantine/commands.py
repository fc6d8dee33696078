"""What `quarantine` and `runs` do."""

import argparse
import sys
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import ExitStack

from rich.console import Console

from common.dumps import find_dumps
from common.entities import Entity
from common.errors import ServerError, SettingsError
from common.service import read_settings, run_service
from config.settings import Settings
from waxline.quarantine.arguments import ENTITIES
from waxline.quarantine.gathering import Gathered, gather, looking_at
from waxline.quarantine.items import Item, Place
from waxline.quarantine.replaying import replay
from waxline.quarantine.runs import lines as run_lines
from waxline.quarantine.runs import past_runs, readings
from waxline.quarantine.showing import details, lines, raw_of
from waxline.saying import make_console, say, say_whole, width_of
from waxline.servers.lending import borrowed_servers

_NEEDED: Mapping[str, Collection[str]] = {
    "list": ("broker",),
    "show": ("broker",),
    "replay": ("store", "broker"),
}


def quarantine(arguments: argparse.Namespace) -> int:
    """List, show or replay what is not in the sinks though a dump has it."""
    action = _ACTIONS[arguments.action]

    async def main(settings: Settings) -> int:
        await action(arguments, settings, make_console())
        return 0

    with ExitStack() as stack:
        settings = _lent(stack, _NEEDED[arguments.action])
        return run_service("quarantine", settings, main)


def runs(arguments: argparse.Namespace) -> int:
    """Print the history of runs."""

    async def main(settings: Settings) -> int:
        console, found = make_console(), Gathered()
        history = await past_runs(settings, arguments.limit, found)
        known = await readings(settings, found)
        shown = _say_all(console, run_lines(history, known, arguments.limit, width_of(console)))
        if not shown and not found.troubles:
            say(console, "Nothing was ever loaded.")
        _tell_troubles(found, console)
        return 0

    with ExitStack() as stack:
        return run_service("runs", _lent(stack, ("store",)), main)


def _lent(stack: ExitStack, besides: Collection[str]) -> Settings:
    """Return settings with the embedded servers, without them where they do not start.

    What is held elsewhere can be seen all the same.
    """
    settings = read_settings()
    try:
        return stack.enter_context(borrowed_servers(settings, besides=besides))
    except ServerError as error:
        say(make_console(), f"the embedded servers do not start: {error}")
        return settings


async def _list(arguments: argparse.Namespace, settings: Settings, console: Console) -> None:
    sinks = (arguments.sink,) if arguments.sink else settings.sinks
    entity: Entity | None = ENTITIES.get(arguments.entity)
    found = await gather(settings, sinks, entity)
    items = [item for item in found.items if arguments.all or not item.settled]
    if not _say_all(console, lines(items, width_of(console))) and not found.troubles:
        say(console, "Nothing is left out.")
    _tell_troubles(found, console)


async def _show(arguments: argparse.Namespace, settings: Settings, console: Console) -> None:
    found = await gather(settings, settings.sinks)
    (item,) = _chosen(found, [arguments.key])
    record = await _record_of(item, settings)
    if arguments.raw:
        sys.stdout.buffer.write(raw_of(item, record))
        sys.stdout.buffer.flush()
    else:
        for line in details(item, record):
            say_whole(console, line)


async def _replay(arguments: argparse.Namespace, settings: Settings, console: Console) -> None:
    given = find_dumps(arguments.dump, arguments.date)
    found = await gather(settings, settings.sinks)
    if arguments.all:
        chosen = [one for one in found.items if not one.settled or one.place is Place.DEAD]
    else:
        chosen = _chosen(found, arguments.keys)
    await replay(chosen, found.rows, given, settings, console)
    now = await gather(settings, settings.sinks)
    keys = {item.key for item in chosen}
    left = [item for item in now.items if item.key in keys and not item.settled]
    say(console, f"{len(chosen) - len(left):,} of {len(chosen):,} are mended or on their way.")
    _say_all(console, lines(left, width_of(console)))
    _tell_troubles(now, console)


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


async def _record_of(item: Item, settings: Settings) -> str:
    if item.place is not Place.REJECTED or item.entity is None or item.id is None:
        return ""
    async with looking_at(item.sink, settings) as sink:
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


Action = Callable[[argparse.Namespace, Settings, Console], Coroutine[object, object, None]]

_ACTIONS: Mapping[str, Action] = {"list": _list, "show": _show, "replay": _replay}
