"""``waxline run``: extractor and loaders as child processes, watched until every sink is done."""

from waxline.running.run import run_dumps

__all__ = ["run_dumps"]
