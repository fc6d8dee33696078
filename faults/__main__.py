"""``make faults``: play rounds of the rows, print a line each and a table, fail if any failed."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from common.logs import configure_logs
from common.service import report_errors
from faults.material import Material
from faults.processes import forking
from faults.round import Outcome, Shared, play
from faults.rows import ROWS
from faults.shared_servers import Machine, servers_in
from faults.stage import Row
from faults.table import line, table
from tests.environment import clear_environment


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m faults",
        description="Break servers, links, programs and dumps, and see that both sinks still "
        "equal the dumps in the end.",
    )
    parser.add_argument("--rounds", type=int, default=1, help="rounds of every row (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round (default 1)")
    parser.add_argument("--rows", default="", help="names of rows, or their beginnings")
    parser.add_argument(
        "--patience", type=float, default=1.0, help="times the stated times, on a busy machine"
    )
    parser.add_argument("--list", action="store_true", help="say which rows there are")
    parser.add_argument("--keep", type=Path, help="folder for logs and data, which stay there")
    return parser.parse_args()


def _chosen(names: str) -> list[Row]:
    words = names.replace(",", " ").split()
    return [row for row in ROWS if not words or row.name.startswith(tuple(words))]


async def _play_all(
    rows: Sequence[Row], arguments: argparse.Namespace, folder: Path
) -> list[Outcome]:
    machine, material = Machine(servers_in(folder / "servers")), Material(folder / "dumps")
    outcomes: list[Outcome] = []
    try:
        async with forking(folder) as forker:
            shared = Shared(machine, material, forker, arguments.patience)
            for row, number in product(rows, range(arguments.rounds)):
                place = folder / f"{row.name}-{number}"
                outcomes.append(await play(row, arguments.seed + number, place, shared))
                print(line(outcomes[-1]), flush=True)
    finally:
        await asyncio.to_thread(machine.stop)
    return outcomes


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        yield Path(folder)


def run(arguments: argparse.Namespace) -> int:
    """Play and report; return the exit code."""
    rows = _chosen(arguments.rows)
    if arguments.list or not rows:
        print("\n".join(f"{row.name}: {row.injects}" for row in rows or ROWS))
        return 0 if rows else 2
    with _folder(arguments.keep) as folder:
        played = _play_all(rows, arguments, folder)
        outcomes = asyncio.run(played)
    print(table(rows, outcomes))
    return 1 if any(outcome.problem for outcome in outcomes) else 0


def main() -> int:
    """Read the command line and run; terminated, it still stops its servers."""
    # asyncio ends in order what an interrupt ends.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    clear_environment()
    arguments = _arguments()
    configure_logs("faults", "error")
    return report_errors(lambda: run(arguments))


if __name__ == "__main__":
    sys.exit(main())
