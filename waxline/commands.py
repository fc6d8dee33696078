"""What the commands of the front door do."""

import argparse
from collections.abc import Sequence
from functools import partial

from pydantic import SecretStr
from rich.console import Console

from common.errors import NotEqualError, ServerError
from common.service import read_settings, run_service
from config.settings import PREFIX, Settings, redact, settings_file
from extractor.dumps import Dump, find_dumps
from waxline.running.look import show_how_to_look
from waxline.running.servers import (
    borrowed_servers,
    missing_servers,
)
from waxline.running.summary import conclusion
from waxline.running.telling import run_and_tell, say
from waxline.servers import EmbeddedServers


def run(arguments: argparse.Namespace) -> int:
    """Load dumps with extractor and loaders as child processes; print the outcome.

    Raises `NotEqualError` when a sink does not equal its dump.
    """
    settings = read_settings()
    dumps = find_dumps(arguments.dumps, arguments.date)
    console = Console()
    embedded = missing_servers(settings)
    if embedded:
        say(console, f"Starting servers ({', '.join(embedded)}) in {settings.data_folder} …")
    with borrowed_servers(settings, tell=partial(say, console)) as complete:

        async def main(settings: Settings) -> int:
            await _run(dumps, settings, _options(arguments), console)
            if embedded:
                say(console, "\n`waxline servers start` keeps these servers up to look around.")
            return 0

        return run_service("run", complete, main, lifeline=arguments.lifeline)


async def _run(
    dumps: Sequence[Dump], settings: Settings, options: Sequence[str], console: Console
) -> None:
    outcome = await run_and_tell(dumps, settings, options, console)
    if not outcome.good():
        times = "reading" if outcome.attempts == 1 else "readings"
        raise NotEqualError(
            f"not every sink equals its dump after {outcome.attempts} {times}: see above"
        )
    say(console, conclusion(outcome))
    await show_how_to_look(console, settings)


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
    """Start the embedded servers and leave them up, stop them, or print their URLs."""
    embedded = EmbeddedServers(read_settings().data_folder)
    if arguments.action == "stop":
        embedded.stop()
        return 0
    urls = embedded.start() if arguments.action == "start" else embedded.running()
    if urls is None:
        raise ServerError(
            f"the embedded servers in {embedded.folder} do not all run: "
            "`waxline servers start` starts them"
        )
    # Printed whole, as a program that connects needs the password: the folder is its owner's.
    for name, url in vars(urls).items():
        say(Console(), f"{PREFIX}{name.upper()}_URL={url}")
    return 0


def config(arguments: argparse.Namespace) -> int:
    """Print every setting with its value, secrets hidden, and what it means."""
    del arguments
    settings = read_settings()
    console = Console()
    file = settings_file()
    say(console, f"# {file} is {'read' if file.is_file() else 'not there'}")
    for name, field in Settings.model_fields.items():
        shown = _shown(getattr(settings, name))
        default = "not set" if field.default is None else _shown(field.default)
        say(console, f"{PREFIX}{name.upper()}={shown}")
        say(console, f"    # {field.description} (default: {default})")
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
