"""What `cache` takes."""

import argparse


def add_cache_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `cache` takes: an action, and what the action takes."""
    actions = parser.add_subparsers(
        metavar="ACTION",
        dest="action",
        required=True,
        help="check: try every operation; stats: what is held, and how often it was hit; clear: "
        "forget cached answers",
    )
    actions.add_parser("check", help="try every operation on cache_url and store_url")
    actions.add_parser("stats", help="tell what is held by kind, and how often it was hit")
    _add_clear(actions.add_parser("clear", help="forget cached answers: all, or some"))


def _add_clear(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--kind",
        metavar="KIND",
        choices=("record", "search", "list", "similar", "similar-made-ahead", "page"),
        help="only answers of this kind: record, search, list, similar, similar-made-ahead, page",
    )
    which.add_argument(
        "--pattern",
        metavar="GLOB",
        help="only keys that match, after `wx:` and the catalogue's eight digits: "
        "'d:release:1:*' is release 1 in every form",
    )
