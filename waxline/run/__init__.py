"""``waxline run``: extractor and loaders as child processes, watched until every sink is done."""

from waxline.run.run import run_dumps

__all__ = ["run_dumps"]
