"""``python -m extractor.parsing.process``: answers the groups that come by a socket, in order.

It imports no more than it needs: the first record that has changed waits for it.
"""

import gc
import pickle
import socket
import struct
import sys
from contextlib import suppress
from typing import BinaryIO

from common.allocator import keep_freed_memory
from extractor.parsing.groups import Group, parse
from extractor.walkers import GroupWalkers, compiled_walkers

MODULE = "extractor.parsing.process"
COMPILED = "compiled"
PYTHON = "python"

HEAD = struct.Struct("<Q")
"""Before each pickled `Group` and each pickled `Parsed`: its length in bytes."""


def main() -> None:
    """Parse until the other end is closed, as it is too when its process dies.

    The arguments are the socket's descriptor and which walker is to serve.
    """
    descriptor, walker = sys.argv[1:]
    with socket.socket(fileno=int(descriptor)) as connection, suppress(ConnectionError):
        _serve(connection, compiled_walkers() if walker == COMPILED else None)


def _serve(connection: socket.socket, regular_walkers: GroupWalkers | None) -> None:
    """Serve; records and elements hold no cycles, so the collector would walk them in vain."""
    gc.disable()
    keep_freed_memory()
    with connection.makefile("rb") as stream:
        while group := _next_group(stream):
            body = pickle.dumps(parse(group, regular_walkers), pickle.HIGHEST_PROTOCOL)
            connection.sendall(HEAD.pack(len(body)) + body)


def _next_group(stream: BinaryIO) -> Group | None:
    head = stream.read(HEAD.size)
    (length,) = HEAD.unpack(head) if len(head) == HEAD.size else (0,)
    body = stream.read(length)
    if not body or len(body) < length:
        return None
    group: Group = pickle.loads(body)  # noqa: S301 - of our own parent
    return group


if __name__ == "__main__":
    main()
