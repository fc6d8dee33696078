"""What `servers` takes."""

import argparse


def add_servers_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `servers` takes."""
    parser.add_argument(
        "action",
        choices=("start", "status", "stop", "urls"),
        help="start: start those that do not run, and leave them up; status: tell which run, and "
        "where; stop: stop them all, the data stays; urls: print the URLs, passwords included",
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        choices=("postgres", "graph", "store", "broker"),
        help="print the URL of this server alone: postgres, graph, store or broker",
    )
