"""What `serve` takes."""

import argparse

from common.arguments import count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes; each goes before the setting of its name."""
    parser.add_argument(
        "--host", help="address to listen on, in place of the setting serve_host (127.0.0.1)"
    )
    parser.add_argument(
        "--port",
        type=_port,
        help="port to listen on, in place of the setting serve_port (8080); 0: a free one",
    )
    parser.add_argument(
        "--processes",
        type=count,
        help="processes that answer, in place of the setting serve_processes (1)",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to 65535")
    return int(text)
