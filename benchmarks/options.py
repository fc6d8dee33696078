"""What the command line of the benchmarks asks for."""

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.bench import Sizes
from benchmarks.long import LONG
from benchmarks.short import SHORT
from generator.plan import SHAPES

REPOSITORY = Path(__file__).parent.parent
CACHE = REPOSITORY / ".cache" / "bench"
QUICK = Sizes(releases=500, repeats=2)


@dataclass(frozen=True)
class Options:
    """How much is measured: some groups of the short run or of the ``long`` one.

    ``cache`` is the folder of dumps and logs; tiny sizes do not overwrite what took long.
    ``pages`` is the folder of the pages, with a folder of results beside them.
    """

    sizes: Sizes
    long: bool
    groups: tuple[str, ...]
    cache: Path
    pages: Path
    from_results: bool

    @property
    def files(self) -> dict[Path, tuple[str, ...]]:
        """The files of results and the groups that each has: of the long run one by itself."""
        folder = self.pages / "results"
        if not self.long:
            return {folder / "benchmarks.json": self.groups}
        return {folder / f"long-{group}.json": (group,) for group in self.groups}


def read_options(arguments: list[str] | None = None) -> Options:
    """Parse the command line."""
    parser = _parser()
    given = parser.parse_args(arguments)
    known = tuple(LONG if given.long else SHORT)
    named = given.only.replace(",", " ").split() or known
    if not set(named) <= set(known):
        parser.error(f"{given.only!r} is not a list of {', '.join(known)}")
    sizes = QUICK if given.quick else Sizes(given.releases, given.repeats, given.shape)
    cache = CACHE / "quick" if given.quick else CACHE
    return Options(
        sizes=sizes,
        long=given.long,
        groups=tuple(group for group in known if group in named),
        cache=cache,
        pages=REPOSITORY / "docs" if given.write_docs else cache,
        from_results=given.from_results,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = partial(parser.add_argument, action="store_true")
    add("--long", help="the groups that take two hours, with results and a page of their own")
    add("--quick", help="tiny sizes: to see that all of it runs")
    add("--write-docs", help="write the page in docs, and its plots")
    add("--from-results", help="measure nothing: report the last results again")
    add = partial(parser.add_argument, type=_positive, metavar="N")
    add("--releases", default=Sizes.releases, help="the rest in proportion (%(default)s)")
    add("--repeats", default=Sizes.repeats, help="times that each is measured (%(default)s)")
    parser.add_argument("--shape", choices=SHAPES, default=Sizes.shape, help=_SHAPE)
    parser.add_argument("--only", default="", metavar="GROUP,…", help=_ONLY)
    return parser


_SHAPE = "of the dumps: of 2020, for which the goals are stated, or of today (old)"
_ONLY = f"of {', '.join(SHORT)}; with --long of {', '.join(LONG)} (all)"


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)
