"""What the commands of the front door do."""

import argparse
from collections.abc import Sequence

from pydantic import SecretStr
from rich.console import Console

from common.dumps import Dump, find_dumps
from common.errors import NotEqualError, ServerError
from common.outputs import counted, in_width
from common.service import read_settings, run_service
from config.settings import PREFIX, Settings, redact, settings_file
from waxline.run.look import ways_to_look
from waxline.run.servers import lent_servers, missing_servers, say_starting
from waxline.run.summary import conclusion
from waxline.run.telling import run_and_tell
from waxline.saying import make_console, say, say_whole, width_of
from waxline.servers import EmbeddedServers
from waxline.tables import columns

_COMMENT = "    # "


def run(arguments: argparse.Namespace) -> int:
    """Load dumps with extractor and loaders as child processes; print the outcome.

    Raises `NotEqualError` when a sink does not equal its dump.
    """
    settings = read_settings(sinks=arguments.sinks)
    dumps = find_dumps(arguments.dumps, arguments.date)
    console = make_console()
    with lent_servers(settings, console) as (complete, embedded):

        async def main(settings: Settings) -> int:
            await _run(dumps, settings, _options(arguments), console)
            up = EmbeddedServers(settings.data_folder).kept
            for line in ways_to_look(settings, embedded, up=up):
                say_whole(console, line)
            return 0

        return run_service("run", complete, main, lifeline=arguments.lifeline)


async def _run(
    dumps: Sequence[Dump], settings: Settings, options: Sequence[str], console: Console
) -> None:
    outcome = await run_and_tell(dumps, settings, options, console)
    if not outcome.good():
        times = counted(outcome.attempts, "reading")
        raise NotEqualError(f"not every sink equals its dump after {times}: see above")
    say(console, conclusion(outcome))


def _options(arguments: argparse.Namespace) -> list[str]:
    """Return the extractor's options as they were given to us."""
    options = []
    if arguments.date:
        options += ["--date", str(arguments.date)]
    if arguments.allow_older:
        options.append("--allow-older")
    if arguments.allow_deletions:
        options.append("--allow-deletions")
    return options


def servers(arguments: argparse.Namespace) -> int:
    """Start the embedded servers and leave them up, stop them, or tell of them."""
    settings = read_settings()
    console = make_console()
    # What has a URL is not ours to start; all of the folder are stopped.
    only = missing_servers(settings)
    if arguments.name and arguments.action == "urls":
        only = [name for name in only if name == arguments.name]  # the others need not be asked
    embedded = EmbeddedServers(settings.data_folder, only=only)
    match arguments.action:
        case "stop":
            embedded.stop()
        case "urls":
            _print_urls(embedded, arguments.name, console)
        case "start":
            if asleep := embedded.asleep():
                say_starting(asleep, settings, console)
            embedded.start()
            _print_states(embedded, console)
            say(console, "They stay up until `waxline servers stop`.")
        case _:
            _print_states(embedded, console)
    return 0


def _print_states(embedded: EmbeddedServers, console: Console) -> None:
    for line in columns(embedded.states()):
        say(console, line)


def _print_urls(embedded: EmbeddedServers, name: str | None, console: Console) -> None:
    """Print URLs whole, as a program that connects needs the password."""
    urls = embedded.running()
    if urls is None:
        raise ServerError(
            f"the embedded servers in {embedded.folder} do not all run: "
            "`waxline servers start` starts them"
        )
    found = {one: url for one, url in vars(urls).items() if url}
    if name:
        if name not in found:
            raise ServerError(f"no embedded {name} is used: the settings name another, or none")
        say_whole(console, found[name])
        return
    for one, url in found.items():
        say_whole(console, f"{PREFIX}{one.upper()}_URL={url}")


def config(arguments: argparse.Namespace) -> int:
    """Print every setting with its value, secrets hidden, and what it means."""
    del arguments
    settings = read_settings()
    console = make_console()
    width = width_of(console)
    room = width and width - len(_COMMENT)
    file = settings_file()
    say(console, f"# {file} is {'read' if file.is_file() else 'not there'}")
    for name, field in Settings.model_fields.items():
        shown = _shown(getattr(settings, name))
        default = "not set" if field.default is None else _shown(field.default)
        say_whole(console, f"{PREFIX}{name.upper()}={shown}")
        for line in in_width(f"{field.description} (default: {default})", room).splitlines():
            say_whole(console, f"{_COMMENT}{line}")
    return 0


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return redact(secret) if "://" in secret else "***"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
