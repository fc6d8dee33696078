"""What `servers` does."""

import argparse

from rich.console import Console

from common.errors import ServerError
from config.settings import load_settings
from config.sources import variable
from waxline.columns import columns
from waxline.console import make_console, say, say_whole
from waxline.servers.embedded import EmbeddedServers
from waxline.servers.folder import program_for
from waxline.servers.lending import missing_servers, say_starting


def servers(arguments: argparse.Namespace) -> int:
    """Start the embedded servers and leave them up, stop them, or tell of them."""
    settings = load_settings()
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
                say_starting(asleep, settings.data_folder, console)
            embedded.start()
            _print_states(embedded, console)
            program = program_for(settings.data_folder)
            say(console, f"They stay up until `{program} servers stop`.")
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
            f"`{program_for(embedded.folder)} servers start` starts them"
        )
    found = {one: url for one, url in vars(urls).items() if url}
    if name:
        if name not in found:
            raise ServerError(f"no embedded {name} is used: the settings name another, or none")
        say_whole(console, found[name])
        return
    for one, url in found.items():
        say_whole(console, f"{variable(f'{one}_url')}={url}")
