"""``python -m tests.simulation``: as many nights as one likes, each of a seed of its own.

A night that goes wrong is told in as few steps as it takes, with the command that repeats it.
Two halves of the seeds in two processes are done in half the time.
"""

import argparse
import gc
import logging
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import structlog

from tests.servers import Neo4j, started
from tests.simulation.night import Night
from tests.simulation.programs import Parts
from tests.simulation.real_sinks import reality
from tests.simulation.scripts import PARTS, Script, play, shortened, written
from waxline.servers.postgres import Postgres

_SINKS = "in memory, or beside it those of PostgreSQL and Neo4j, call by call"
_FINDINGS = 20
_PER_COLLECTION = 200


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Nights:
    """Plays nights one after the other, and counts."""

    def __init__(self, parts: Parts) -> None:
        self.steps = 0
        self.findings: list[int] = []
        self._parts = parts
        self._how = "" if parts == PARTS else " --sinks real"

    def play(self, seed: int) -> None:
        """Play a night; one that goes wrong is told and noted."""
        script = written(seed)
        if wrong := self._wrong(script):
            self.findings.append(seed)
            _say(f"seed {seed}: {wrong}")
            _say(f"repeat with: python -m tests.simulation --nights 1 --seed {seed}{self._how}")
            short = shortened(script, lambda one: bool(self._wrong(one)))
            _say(f"as short as it gets: {self._wrong(short)}\n{short}")

    def _wrong(self, script: Script) -> str:
        try:
            play(script, self._parts, self._count)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is a finding
            return f"{type(error).__name__}: {error}"
        return ""

    def _count(self, night: Night) -> None:
        night.world.check()
        self.steps += 1


def run(parts: Parts, first: int, count: int, every: int) -> list[int]:
    """Play nights and say how far we are; return the seeds of those that went wrong."""
    nights = Nights(parts)
    began = time.monotonic()
    done = 0
    while done < count and len(nights.findings) < _FINDINGS:
        nights.play(first + done)
        done += 1
        if done % _PER_COLLECTION == 0:
            gc.collect()
        if done % every == 0 or done == count:
            seconds = time.monotonic() - began
            _say(
                f"{done:,} nights from seed {first}, {nights.steps:,} steps, {seconds:,.0f} s, "
                f"{done / seconds:.1f} nights/s, {len(nights.findings)} went wrong",
            )
    return nights.findings


def main() -> int:
    """Return 1 when a night went wrong."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--nights", type=int, default=1_000, metavar="N", help="how many")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the first night")
    parser.add_argument("--sinks", choices=("memory", "real"), default="memory", help=_SINKS)
    parser.add_argument("--every", type=int, default=1_000, metavar="N", help="nights per line")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    gc.disable()  # a collection after some nights costs a tenth of what it does by itself
    with _reality() if given.sinks == "real" else nullcontext(PARTS) as parts:
        return 1 if run(parts, given.seed, given.nights, given.every) else 0


@contextmanager
def _reality() -> Iterator[Parts]:
    """Have a PostgreSQL and a Neo4j of our own to play on."""
    with tempfile.TemporaryDirectory() as folder:
        postgres, graph = Postgres("postgres", Path(folder)), Neo4j("neo4j", Path(folder))
        with started(postgres), started(graph), reality(postgres.start(), graph.start()) as parts:
            yield parts


if __name__ == "__main__":
    sys.exit(main())
