"""Cached answers, and what people's sessions, limits and locks need: the Dragonfly service.

Everything in a cache may be lost at any time; then answers are slower, never wrong.
"""

from common.cache.memory import MemoryValues
from common.cache.protocol import Values
from common.cache.server import ServerValues
from config.servers import ServerAccess

__all__ = ["Values", "open_values"]

EMBEDDED_BYTES = 128_000_000
"""What is kept in memory where there is no server."""


def open_values(server: ServerAccess | None) -> Values:
    """Return the values on a server, which is connected on first use; None: in memory.

    Raises `ServerError` when the URL is not one of such a server.
    """
    return ServerValues(server) if server else MemoryValues(EMBEDDED_BYTES)
