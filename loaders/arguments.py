"""What a loader takes."""

import argparse

from common.arguments import add_lifeline_argument
from config.sinks import SINKS, sink_named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_lifeline_argument(parser)
    parser.add_argument(
        "sink",
        type=sink_named,
        choices=SINKS,
        help="the database to load: PostgreSQL, or the graph (arcadedb means the same as neo4j)",
    )
