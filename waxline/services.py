"""What runs in this process until it is done or stopped: `extract`, `load` and `serve`."""

import argparse
from functools import partial
from importlib import import_module

from config.settings import load_settings
from config.sinks import SinkName
from waxline.console import make_console, say
from waxline.servers.lending import lent_servers, settings_with_running_servers


def extract(arguments: argparse.Namespace) -> int:
    """Run the extractor here, with embedded servers that run already where no URL is set."""
    complete = partial(settings_with_running_servers, sinks=())
    return int(import_module("extractor.command").run(arguments, complete))


def load(arguments: argparse.Namespace) -> int:
    """Run a loader here, with embedded servers that run already where no URL is set."""
    complete = partial(settings_with_running_servers, sinks=(arguments.sink,))
    return int(import_module("loaders.command").run(arguments, complete))


def serve(arguments: argparse.Namespace) -> int:
    """Answer here or in children; embedded servers are started where no URL is set."""
    settings = load_settings(
        serve_host=arguments.host,
        serve_port=arguments.port,
        serve_processes=arguments.processes,
    )
    console = make_console()

    def tell(url: str) -> None:
        say(console, f"waxline answers at {url}/v1 ({url}/docs says what); Ctrl-C stops it.")

    sinks: tuple[SinkName, ...] = () if settings.reading_url else ("postgres",)
    with lent_servers(settings, console, besides=(), sinks=sinks) as (complete, _):
        return int(import_module("serving.command").serve(complete, tell))
