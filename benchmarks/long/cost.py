"""What an update costs in the databases, and what settings of PostgreSQL's log do to that.

Each is loaded once: rows, bytes and transactions hardly differ from one time to the next.
"""

from collections.abc import Mapping
from functools import partial

from benchmarks.attempts import attempt
from benchmarks.costs import keep_costs
from benchmarks.long.bench import LongBench, months_of
from benchmarks.pipeline import Course
from benchmarks.servers import TITLES, TO, Kinds
from benchmarks.updates import FIRST, LAST, NEXT
from tests.servers import DistributionPostgres

GROUP = "cost"

_ZSTD = {"wal_compression": "zstd"}
_LOGS: Mapping[str, Mapping[str, str]] = {
    "as the embedded one": {},
    "lz4": {"wal_compression": "lz4"},
    "zstd, as in the compose file": _ZSTD,
    "zstd, for a replica": {**_ZSTD, "wal_level": "replica"},
    "no images of pages": {"full_page_writes": "off"},
}
"""Settings of the log: the wheel's PostgreSQL is built without lz4 and zstd."""


def measure_cost(bench: LongBench) -> None:
    """Measure each sink by itself, then the distribution's PostgreSQL with each of the settings.

    What fails, or is not here, does not cost the others.
    """
    for sink, into in TITLES.items():
        attempt(bench.results, f"{GROUP}: {into}", partial(_measure, bench, into, sink, TO[sink,]))
    attempt(bench.results, f"{GROUP}: settings", partial(_measure_settings, bench))


def _measure_settings(bench: LongBench) -> None:
    version = DistributionPostgres.newest()
    for name, settings in _LOGS.items():
        print(f"  {name}", flush=True)
        own = partial(DistributionPostgres, own=settings)
        kinds: Kinds = {**TO["postgres",], "postgres": own}
        _measure(bench, f"PostgreSQL {version}, {name}", "postgres", kinds)


def _measure(bench: LongBench, into: str, sink: str, kinds: Kinds) -> None:
    months = months_of(bench.within(bench.sizes.updated), bench.sizes.updated)
    loads = bench.loads(GROUP, Course((sink,), months, metered=True), kinds)
    keep_costs(bench.results, into, (FIRST, NEXT, LAST), loads)
