"""Dedupe state and progress in Dragonfly (or Valkey, or Redis): a hint, never the truth."""

from common.store.protocol import Binding, Store

__all__ = ["Binding", "Store"]
