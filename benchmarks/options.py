"""How much is measured: the groups of benchmarks and their sizes."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from generator.plan import SHAPES, DumpShape

GROUPS = ("stages", "postgres", "neo4j", "embedded", "update", "memory")
"""``postgres``, ``neo4j`` and ``update`` (both sinks) run on RabbitMQ."""

LONG_GROUPS = ("entities", "scaling", "size", "update", "cost", "profile")
"""Of ``make bench-long``; all of them run on RabbitMQ."""

REPOSITORY = Path(__file__).parent.parent
CACHE = REPOSITORY / ".cache" / "bench"


@dataclass(frozen=True)
class Sizes:
    """Records per benchmark: ``releases`` go through the whole pipeline, ``stage`` and
    ``artists`` (100 MB of XML each) through a stage ``repeats`` times, ``memory`` and ten times
    as many through the pipeline whose memory is watched.  ``shape`` is that of their dumps."""

    releases: int = 100_000
    stage: int = 20_000
    artists: int = 400_000
    memory: int = 20_000
    repeats: int = 7
    shape: DumpShape = "old"


@dataclass(frozen=True)
class LongSizes:
    """Records per load of an entity by itself, done ``repeats`` times; how many releases are
    ``updated``, as often; how many make a database large, ``grown``, which is done once."""

    releases: int = 100_000
    artists: int = 500_000
    labels: int = 500_000
    masters: int = 200_000
    updated: int = 200_000
    grown: int = 1_000_000
    repeats: int = 5
    shape: DumpShape = "old"


QUICK = Sizes(releases=1_000, stage=300, artists=600, memory=150, repeats=5)
QUICK_LONG = LongSizes(1_000, 1_000, 1_000, 500, 1_000, grown=2_000, repeats=2)


@dataclass(frozen=True)
class Options:
    """What the command line asks for; ``long`` is None unless the long groups are meant."""

    sizes: Sizes
    long: LongSizes | None
    groups: tuple[str, ...]
    quick: bool
    write_docs: bool
    from_results: bool

    @property
    def cache(self) -> Path:
        """The folder of results and dumps: tiny sizes do not overwrite what took long."""
        return CACHE / "quick" if self.quick else CACHE

    @property
    def pages(self) -> Path:
        """The folder that the page goes to."""
        return REPOSITORY / "docs" if self.write_docs else self.cache

    @property
    def results(self) -> Path:
        """The folder of the results, beside the page: it is made of them again on any machine."""
        return self.pages / "results"


def read_options(arguments: list[str] | None = None) -> Options:
    """Parse the command line."""
    parser = _parser()
    given = parser.parse_args(arguments)
    known = LONG_GROUPS if given.long else GROUPS
    named = given.only.replace(",", " ").split() or known
    if not set(named) <= set(known):
        parser.error(f"{given.only!r} is not a list of {', '.join(known)}")
    return Options(
        sizes=_sizes(given),
        long=_long_sizes(given) if given.long else None,
        groups=tuple(group for group in known if group in named),
        quick=given.quick,
        write_docs=given.write_docs,
        from_results=given.from_results,
    )


def _sizes(given: argparse.Namespace) -> Sizes:
    sizes = replace(QUICK if given.quick else Sizes(), shape=given.shape)
    if given.releases:
        sizes = replace(
            sizes,
            releases=given.releases,
            stage=min(sizes.stage, given.releases),
            artists=min(sizes.artists, 20 * given.releases),
            memory=min(sizes.memory, max(1, given.releases // 5)),
        )
    return replace(sizes, repeats=given.repeats or sizes.repeats)


def _long_sizes(given: argparse.Namespace) -> LongSizes:
    """Return the sizes of the long groups: with other releases, the rest in proportion."""
    sizes = replace(QUICK_LONG if given.quick else LongSizes(), shape=given.shape)
    if count := given.releases:
        sizes = replace(
            sizes,
            releases=count,
            artists=5 * count,
            labels=5 * count,
            masters=2 * count,
            updated=2 * count,
            grown=10 * count,
        )
    return replace(sizes, grown=given.grown or sizes.grown, repeats=given.repeats or sizes.repeats)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    _add_groups(parser)
    _add_sizes(parser)
    parser.add_argument(
        "--write-docs", action="store_true", help="write the page in docs, and its plots"
    )
    parser.add_argument(
        "--from-results", action="store_true", help="measure nothing: report the last results again"
    )
    return parser


def _add_groups(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--long",
        action="store_true",
        help="the groups that take an hour, with results and a page of their own",
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="GROUP,…",
        help=f"of {', '.join(GROUPS)}; with --long of {', '.join(LONG_GROUPS)} (default: all)",
    )


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes: to see that all of it runs"
    )
    parser.add_argument(
        "--releases",
        type=_positive,
        metavar="N",
        help=f"releases through the whole pipeline (default: {Sizes().releases:,})",
    )
    parser.add_argument(
        "--grown",
        type=_positive,
        metavar="N",
        help=f"--long: releases in a large database (default: {LongSizes().grown:,}, or "
        "ten times the releases)",
    )
    parser.add_argument(
        "--repeats", type=_positive, metavar="N", help="times that each of them is measured"
    )
    parser.add_argument(
        "--shape",
        choices=SHAPES,
        default=Sizes().shape,
        help="of the dumps: of 2020, for which the goals are stated, or of today (default: old)",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)
