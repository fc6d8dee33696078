"""Synthetic Discogs dumps: seeded, month after month, faithful to the real ones' shape."""

from waxline.generator.changes import Changes, changes
from waxline.generator.dumps import truth, write_dumps
from waxline.generator.plan import Plan

__all__ = ["Changes", "Plan", "changes", "truth", "write_dumps"]
