"""``make bench``: measure, keep the results as JSON, and write the page and its plots."""

import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks import machine, results
from benchmarks.data import World
from benchmarks.groups import MEASURES, Bench
from benchmarks.measure import Results
from benchmarks.options import CACHE, REPOSITORY, Options, read_options
from benchmarks.report import write_page
from common.errors import WaxlineError
from common.logs import configure_logs
from common.service import report_errors
from config.settings import load_settings
from waxline.servers.wheels import NotInstalledError

_CORES = 2


def measure(options: Options, cache: Path) -> Results:
    """Measure the groups asked for; one that cannot be, or fails, does not cost the others."""
    sizes = options.sizes
    found = Results(machine.describe(), asdict(sizes))
    largest = max(2 * sizes.releases, 10 * sizes.memory, sizes.stage)
    world = World(cache / "data", largest, sizes.artists, sizes.shape)
    bench = Bench(world, sizes, cache, found)
    for group in options.groups:
        print(f"{group}:", flush=True)
        began = time.monotonic()
        try:
            MEASURES[group](bench)
        except NotInstalledError as error:
            found.skipped[group] = str(error)
            print(f"  skipped: {error}", flush=True)
        except (WaxlineError, TimeoutError) as error:
            found.failed[group] = str(error)
            print(f"  failed: {error}", flush=True)
        print(f"  {time.monotonic() - began:.0f} s in all", flush=True)
    return found


def run(options: Options) -> int:
    """Measure or read the last results, and report."""
    path = CACHE / "results.json"
    if options.from_results:
        found = results.read(path)
    else:
        found = measure(options, CACHE)
        results.write(found, path)
        print(path)
    folder = REPOSITORY / "docs" if options.write_docs else CACHE
    for written in write_page(found, folder / "benchmarks.md"):
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
