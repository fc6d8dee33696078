"""Synthetic dumps, by waxline: seeded, month after month, faithful to the real ones' shape."""

from generator.changes import Changes, changes
from generator.dumps import truth, write_dumps
from generator.plan import Plan

__all__ = ["Changes", "Plan", "changes", "truth", "write_dumps"]
