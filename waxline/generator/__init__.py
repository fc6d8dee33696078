"""Synthetic Discogs dumps: seeded, month after month, faithful to the real ones' shape."""

from waxline.generator.dumps import Changes, changes, truth, write_dumps
from waxline.generator.plan import Plan

__all__ = ["Changes", "Plan", "changes", "truth", "write_dumps"]
