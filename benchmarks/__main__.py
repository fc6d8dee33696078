"""``make bench``: measure, keep the results as JSON, and write the page and its plots."""

import os
import signal
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks import machine, results
from benchmarks.attempts import attempt
from benchmarks.data import World
from benchmarks.groups import MEASURES, Bench
from benchmarks.long.run import run_long
from benchmarks.measure import Results
from benchmarks.options import Options, read_options
from benchmarks.report import write_page
from common.logs import configure_logs
from common.service import report_errors
from config.settings import load_settings

_CORES = 2


def measure(options: Options, cache: Path) -> Results:
    """Measure the groups asked for; one that cannot be, or fails, does not cost the others."""
    sizes = options.sizes
    found = Results(machine.describe(), asdict(sizes))
    largest = max(2 * sizes.releases, 10 * sizes.memory, sizes.stage)
    world = World(cache / "data", largest, 1, sizes.shape)
    bench = Bench(world, sizes, cache, found)
    for group in options.groups:
        attempt(found, group, partial(MEASURES[group], bench))
    return found


def run(options: Options) -> int:
    """Measure or read the last results, and report."""
    if options.long:
        return run_long(options, options.long)
    path = options.results / "benchmarks.json"
    if options.from_results:
        found = results.read(path)
    else:
        found = measure(options, options.cache)
        results.write(found, path)
        print(path)
    for written in write_page(found, options.pages / "benchmarks.md"):
        print(written)
    return 1 if found.failed else 0


def main() -> int:
    """Read the command line and run; terminated, it still stops its servers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The goals are for two cores; the servers and our processes inherit the limit.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    options = read_options()
    configure_logs(load_settings(log_level="error"), "benchmarks")
    return report_errors(lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
