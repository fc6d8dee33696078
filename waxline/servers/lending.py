"""Which servers a command uses: those of the settings, the embedded ones for the rest."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

from pydantic import SecretStr
from rich.console import Console

from common.errors import SettingsError
from config.settings import PREFIX, Settings
from waxline.saying import say
from waxline.servers.embedded import EmbeddedServers, Urls

_NAMES = ("postgres", "graph", "store", "broker")
_SINK_SERVERS = {"postgres": "postgres", "neo4j": "graph"}
BESIDES = ("store", "broker")


def missing_servers(
    settings: Settings, sinks: Iterable[str] | None = None, besides: Iterable[str] = BESIDES
) -> list[str]:
    """Return which servers have no URL, of those of these sinks (default: all) and others."""
    needed = _needed(settings.sinks if sinks is None else sinks, besides)
    return [name for name in needed if getattr(settings, f"{name}_url") is None]


@contextmanager
def borrowed_servers(
    settings: Settings,
    besides: Iterable[str] = BESIDES,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Settings]:
    """Start embedded servers for the URLs that are not set, for the length of a ``with``.

    ``besides`` names the servers that are needed beside those of the sinks; ``tell`` hears why
    they stay up at the end, if they do.
    """
    missing = missing_servers(settings, besides=besides)
    if not missing:
        yield settings
        return
    with EmbeddedServers(settings.data_folder, only=missing).borrowed(tell) as urls:
        yield _with_urls(settings, urls)


@contextmanager
def lent_servers(
    settings: Settings, console: Console, besides: Iterable[str] = BESIDES
) -> Iterator[tuple[Settings, list[str]]]:
    """Do as `borrowed_servers` does, and say so; the names of the embedded ones come with it."""
    missing = missing_servers(settings, besides=besides)
    if asleep := EmbeddedServers(settings.data_folder, only=missing).asleep():
        say_starting(asleep, settings, console)
    with borrowed_servers(settings, besides, tell=partial(say, console)) as complete:
        yield complete, missing


def say_starting(names: Iterable[str], settings: Settings, console: Console) -> None:
    """Say that servers are started, which takes some seconds."""
    say(console, f"Starting servers ({', '.join(names)}) in {settings.data_folder} …")


def settings_with_running_servers(settings: Settings, sinks: Iterable[str]) -> Settings:
    """Fill in URLs that are not set, and that these sinks need, from the embedded servers.

    Raises `SettingsError` when they do not run.
    """
    missing = missing_servers(settings, sinks)
    if not missing:
        return settings
    urls = EmbeddedServers(settings.data_folder, only=missing).running()
    if urls is None:
        names = ", ".join(f"{PREFIX}{name.upper()}_URL" for name in missing)
        raise SettingsError(
            f"{names} not set, and no embedded servers run in {settings.data_folder}: "
            "`waxline servers start` starts them"
        )
    return _with_urls(settings, urls)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the settings a child needs beside our own environment: URLs and the folder."""
    urls = {name: settings.url(f"{name}_url") for name in _needed(settings.sinks)}  # type: ignore[arg-type]
    environment = {f"{PREFIX}{name.upper()}_URL": url for name, url in urls.items()}
    environment[f"{PREFIX}DATA_FOLDER"] = str(settings.data_folder)
    environment[f"{PREFIX}SINKS"] = ",".join(settings.sinks)
    return environment


def _needed(sinks: Iterable[str], besides: Iterable[str] = BESIDES) -> list[str]:
    needed = {_SINK_SERVERS[sink] for sink in sinks} | set(besides)
    return [name for name in _NAMES if name in needed]


def _with_urls(settings: Settings, urls: Urls) -> Settings:
    found = {f"{name}_url": SecretStr(url) for name, url in asdict(urls).items() if url}
    return settings.model_copy(update=found)
