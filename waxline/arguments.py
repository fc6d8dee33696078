"""What `servers` takes."""

import argparse


def add_servers_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `servers` takes."""
    parser.add_argument(
        "action",
        choices=("start", "stop", "urls"),
        help="start: start those that do not run, leave them up and print their URLs; "
        "stop: stop them all, the data stays; "
        "urls: print the URLs, passwords included, of those that run",
    )
