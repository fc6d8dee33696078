"""What the extractor takes, and `waxline run` with it."""

import argparse
from pathlib import Path

from common.arguments import add_date_argument, add_lifeline_argument


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_lifeline_argument(parser)
    parser.add_argument(
        "dumps",
        metavar="DUMP",
        nargs="+",
        type=Path,
        help="a dump, gzipped or plain, at most one per entity and in any order: its name says "
        "artists, labels, masters or releases, and the date (discogs_20260401_releases.xml.gz)",
    )
    add_date_argument(parser)
    parser.add_argument(
        "--allow-older",
        action="store_true",
        default=None,
        help="load a dump even when it is older than what is loaded (refused otherwise)",
    )
    parser.add_argument(
        "--allow-deletions",
        action="store_true",
        default=None,
        help="delete what the dump lacks even when that is more than a tenth of what is loaded "
        "(nothing is deleted otherwise)",
    )
