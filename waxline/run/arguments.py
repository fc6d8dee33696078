"""What `run` takes."""

import argparse

from common.arguments import add_sinks_argument
from extractor.arguments import add_arguments as add_extract_arguments


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` takes: what the extractor does, and the sinks."""
    add_extract_arguments(parser)
    add_sinks_argument(parser)
