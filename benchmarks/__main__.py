"""``make bench``: measure, keep the results as JSON, and write the page and its plots."""

import asyncio
import os
import platform
import signal
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.bench import Bench
from benchmarks.figures import Results, read, write
from benchmarks.long import LONG
from benchmarks.options import Options, read_options
from benchmarks.pages import LONG_PAGE, SHORT_PAGE, write_page
from benchmarks.short import SHORT
from benchmarks.turns import attempt
from common.logs import configure_logs
from common.service import report_errors

_CORES = 2
_LIBRARIES = ("lxml", "isal", "orjson", "asyncpg", "neo4j", "aio-pika", "redis")


async def measure(options: Options) -> None:
    """Measure the groups asked for; one that cannot be, or fails, does not cost the others."""
    measures = LONG if options.long else SHORT
    for path, groups in options.files.items():
        found = Results(_machine(), asdict(options.sizes))
        bench = Bench(options.sizes, options.cache, found)
        for group in groups:
            await attempt(found, group, partial(measures[group], bench))
        write(found, path)
        print(path)


def run(options: Options) -> int:
    """Measure, if asked to, and report what was found last."""
    if not options.from_results:
        asyncio.run(measure(options))
    every = replace(options, groups=tuple(LONG if options.long else SHORT))
    found = {path.stem: read(path) for path in every.files if path.exists()}
    page = LONG_PAGE if options.long else SHORT_PAGE
    for written in write_page(page, found, options.pages):
        print(written)
    return 1 if any(one.failed for one in found.values()) else 0


def main() -> int:
    """Read the command line and run; terminated, it still stops its servers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The goals are for two cores; the servers and our processes inherit the limit.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    options = read_options()
    configure_logs("benchmarks", "error")
    return report_errors(lambda: run(options))


def _machine() -> dict[str, str]:
    """Return what is measured on: the machine and the versions in use."""
    return {
        "measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main())
