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


def open_values(
    server: ServerAccess | None, name: str = "cache", *, evicting: bool = True
) -> Values:
    """Return the values on a server, which is connected on first use; None: in memory.

    ``name`` is what it is called in sentences; in memory, where ``evicting`` is false, what does
    not fit is refused.  Raises `ServerError` when the URL is not one of such a server.
    """
    if server:
        return ServerValues(server, name)
    return MemoryValues(EMBEDDED_BYTES, evicting=evicting)
