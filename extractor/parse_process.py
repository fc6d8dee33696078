"""A parse process: answers the groups that come by a socket, in their order."""

import gc
import pickle
import signal
import socket
import struct
from contextlib import suppress
from typing import BinaryIO

from common.allocator import keep_freed_memory
from extractor.parsing import Group, parse
from extractor.walkers.choice import GroupWalker

HEAD = struct.Struct("<Q")
"""Before each pickled `Group` and each pickled `Parsed`: its length in bytes."""


def serve(connection: socket.socket, walk_regular: GroupWalker | None) -> None:
    """Parse until the other end is closed, as it is too when its process dies.

    Records and elements hold no cycles, so the collector would only walk them in vain.
    """
    gc.disable()
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    with connection, connection.makefile("rb") as stream, suppress(ConnectionError):
        while group := _next_group(stream):
            body = pickle.dumps(parse(group, walk_regular), pickle.HIGHEST_PROTOCOL)
            connection.sendall(HEAD.pack(len(body)) + body)


def _next_group(stream: BinaryIO) -> Group | None:
    head = stream.read(HEAD.size)
    (length,) = HEAD.unpack(head) if len(head) == HEAD.size else (0,)
    body = stream.read(length)
    if not body or len(body) < length:
        return None
    group: Group = pickle.loads(body)  # noqa: S301 - of our own parent
    return group
