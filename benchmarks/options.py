"""How much is measured: the groups of benchmarks and their sizes."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from waxline.generator.plan import SHAPES, DumpShape

GROUPS = ("stages", "postgres", "neo4j", "embedded", "update", "memory")
"""``postgres``, ``neo4j`` and ``update`` (both sinks) run on RabbitMQ."""

REPOSITORY = Path(__file__).parent.parent
CACHE = REPOSITORY / ".cache" / "bench"


@dataclass(frozen=True)
class Sizes:
    """Records per benchmark: ``releases`` go through the whole pipeline, ``stage`` and
    ``artists`` through a stage ``repeats`` times, ``memory`` and ten times as many through
    the pipeline whose memory is watched.  ``shape`` is that of their dumps."""

    releases: int = 100_000
    stage: int = 20_000
    artists: int = 100_000
    memory: int = 20_000
    repeats: int = 7
    shape: DumpShape = "old"


QUICK = Sizes(releases=1_000, stage=300, artists=600, memory=150, repeats=5)


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    sizes: Sizes
    groups: tuple[str, ...]
    write_docs: bool
    from_results: bool


def read_options(arguments: list[str] | None = None) -> Options:
    """Parse the command line."""
    given = _parser().parse_args(arguments)
    sizes = replace(QUICK if given.quick else Sizes(), shape=given.shape)
    if given.releases:
        sizes = replace(
            sizes,
            releases=given.releases,
            stage=min(sizes.stage, given.releases),
            artists=min(sizes.artists, given.releases),
            memory=min(sizes.memory, max(1, given.releases // 5)),
        )
    return Options(sizes, given.only, given.write_docs, given.from_results)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes: to see that all of it runs"
    )
    parser.add_argument(
        "--only",
        type=_groups,
        default=GROUPS,
        metavar="GROUP,…",
        help=f"of {', '.join(GROUPS)} (default: all)",
    )
    parser.add_argument(
        "--releases",
        type=_positive,
        metavar="N",
        help=f"releases through the whole pipeline (default: {Sizes().releases:,})",
    )
    parser.add_argument(
        "--shape",
        choices=SHAPES,
        default=Sizes().shape,
        help="of the dumps: of 2020, for which the goals are stated, or of today (default: old)",
    )
    parser.add_argument(
        "--write-docs", action="store_true", help="write docs/benchmarks.md and its plots"
    )
    parser.add_argument(
        "--from-results", action="store_true", help="measure nothing: report the last results again"
    )
    return parser


def _groups(text: str) -> tuple[str, ...]:
    named = text.replace(",", " ").split()
    if not named or not set(named) <= set(GROUPS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of {', '.join(GROUPS)}")
    return tuple(group for group in GROUPS if group in named)


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)
