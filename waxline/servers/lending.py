"""Which servers a command uses: those of the settings, the embedded ones for the rest."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import get_args

from pydantic import SecretStr
from rich.console import Console

from common.errors import SettingsError
from config.servers import ServerName
from config.settings import Settings
from config.sinks import SERVERS, SinkName
from config.sources import variable
from waxline.console import say
from waxline.servers.embedded import EmbeddedServers, Urls
from waxline.servers.folder import program_for

BESIDES: Collection[ServerName] = ("store", "broker")


def missing_servers(
    settings: Settings,
    sinks: Iterable[SinkName] | None = None,
    besides: Iterable[ServerName] = BESIDES,
) -> list[ServerName]:
    """Return which servers have no URL, of those of these sinks (default: all) and others."""
    needed = _needed(settings.sinks if sinks is None else sinks, besides)
    return [name for name in needed if getattr(settings, f"{name}_url") is None]


@contextmanager
def borrowed_servers(
    settings: Settings,
    besides: Iterable[ServerName] = BESIDES,
    tell: Callable[[str], None] = lambda _: None,
    sinks: Iterable[SinkName] | None = None,
) -> Iterator[Settings]:
    """Start embedded servers for the URLs that are not set, for the length of a ``with``.

    ``besides`` names the servers that are needed beside those of the sinks, which are those of the
    settings unless they are named; ``tell`` hears why they stay up at the end, if they do.
    """
    missing = missing_servers(settings, sinks, besides)
    if not missing:
        yield settings
        return
    with EmbeddedServers(settings.data_folder, only=missing).borrowed(tell) as urls:
        yield _with_urls(settings, urls)


@contextmanager
def lent_servers(
    settings: Settings,
    console: Console,
    besides: Iterable[ServerName] = BESIDES,
    sinks: Collection[SinkName] | None = None,
) -> Iterator[tuple[Settings, list[ServerName]]]:
    """Do as `borrowed_servers` does, and say so; the names of the embedded ones come with it."""
    missing = missing_servers(settings, sinks, besides)
    if asleep := EmbeddedServers(settings.data_folder, only=missing).asleep():
        say_starting(asleep, settings.data_folder, console)
    with borrowed_servers(settings, besides, partial(say, console), sinks) as complete:
        yield complete, missing


def say_starting(names: Iterable[str], folder: Path, console: Console) -> None:
    """Say that servers are started, which takes some seconds."""
    say(console, f"Starting servers ({', '.join(names)}) in {folder} …")


def settings_with_running_servers(settings: Settings, sinks: Iterable[SinkName]) -> Settings:
    """Fill in URLs that are not set, and that these sinks need, from the embedded servers.

    Raises `SettingsError` when they do not run.
    """
    missing = missing_servers(settings, sinks)
    if not missing:
        return settings
    urls = EmbeddedServers(settings.data_folder, only=missing).running()
    if urls is None:
        names = ", ".join(variable(f"{name}_url") for name in missing)
        raise SettingsError(
            f"{names} not set, and no embedded servers run in {settings.data_folder}: "
            f"`{program_for(settings.data_folder)} servers start` starts them"
        )
    return _with_urls(settings, urls)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the settings a child needs beside our own environment: URLs and the folder."""
    urls = {f"{name}_url": settings.server(name).url for name in _needed(settings.sinks)}
    others = {"data_folder": str(settings.data_folder), "sinks": ",".join(settings.sinks)}
    return {variable(name): value for name, value in (urls | others).items()}


def _needed(sinks: Iterable[SinkName], besides: Iterable[ServerName] = BESIDES) -> list[ServerName]:
    needed = {SERVERS[sink] for sink in sinks} | set(besides)
    return [name for name in get_args(ServerName) if name in needed]


def _with_urls(settings: Settings, urls: Urls) -> Settings:
    found = {f"{name}_url": SecretStr(url) for name, url in asdict(urls).items() if url}
    return settings.model_copy(update=found)
