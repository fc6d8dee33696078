"""What `keys` takes."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes: an action, and what the action takes."""
    actions = parser.add_subparsers(
        metavar="ACTION",
        dest="action",
        required=True,
        help="create: make a key and show it, once; list: all keys and their use; revoke: end one",
    )
    create = actions.add_parser("create", help="make a key and show it, once")
    create.add_argument("name", metavar="NAME", type=_name, help="what you call it")
    create.add_argument(
        "--limit",
        type=_limit,
        metavar="N",
        help="tokens a minute, in place of the setting key_limit; 0: without limit",
    )
    actions.add_parser("list", help="list all keys and their use")
    revoke = actions.add_parser("revoke", help="end a key")
    revoke.add_argument("name", metavar="NAME", help="the key's name")


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 100:
        raise argparse.ArgumentTypeError("a name has 1 to 100 printable characters")
    return text


def _limit(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of tokens")
    return int(text)
