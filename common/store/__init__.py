"""Dedupe state and progress in Dragonfly (or Valkey, or Redis): a hint, never the truth."""

from common.store.dragonfly import DragonflyStore
from common.store.protocol import Binding, Store
from config.servers import ServerAccess

__all__ = ["Binding", "Store", "open_store"]


def open_store(server: ServerAccess) -> Store:
    """Return the store there; it connects on first use.

    Raises `ServerError` when the URL is not one of such a server.
    """
    return DragonflyStore(server)
