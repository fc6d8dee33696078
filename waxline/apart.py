"""The two halves of `waxline run` by themselves, in this process."""

import argparse

from extractor.command import run as run_extractor
from loaders.command import run as run_loader
from waxline.servers.lending import settings_with_running_servers


def extract(arguments: argparse.Namespace) -> int:
    """Run the extractor here, with embedded servers that run already where no URL is set."""
    return run_extractor(arguments, lambda settings: settings_with_running_servers(settings, ()))


def load(arguments: argparse.Namespace) -> int:
    """Run a loader here, with embedded servers that run already where no URL is set."""
    sinks = (arguments.sink,)
    return run_loader(arguments, lambda settings: settings_with_running_servers(settings, sinks))
