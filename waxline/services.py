"""What runs in this process until it is done or stopped: `extract` and `load`."""

import argparse
from functools import partial
from importlib import import_module

from waxline.servers.lending import settings_with_running_servers


def extract(arguments: argparse.Namespace) -> int:
    """Run the extractor here, with embedded servers that run already where no URL is set."""
    complete = partial(settings_with_running_servers, sinks=())
    return int(import_module("extractor.command").run(arguments, complete))


def load(arguments: argparse.Namespace) -> int:
    """Run a loader here, with embedded servers that run already where no URL is set."""
    complete = partial(settings_with_running_servers, sinks=(arguments.sink,))
    return int(import_module("loaders.command").run(arguments, complete))
