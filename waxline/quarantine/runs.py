"""The history of runs, put together from the sinks' and the extractor's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from common.entities import Entity
from common.reports import Progress, State
from common.store import Store
from common.verdicts import Facts, verdict
from extractor.journal import noted_runs
from loaders.runs import REFUSED, PastRun
from waxline.columns import fitted
from waxline.quarantine.gathering import Gathered, Holders, looking_at
from waxline.quarantine.showing import printable, when

History = Mapping[str, Sequence[PastRun]]
"""What each sink, by its server's name, remembers, the newest run first."""

_HEAD = (
    *("entity", "dump", "started", "ended", "read", "sent", "quarantined"),
    *("sink", "loaded", "unchanged", "rejected", "deleted", "records/s", "outcome"),
)
_NUMBERS = (4, 5, 6, 8, 9, 10, 11, 12)


async def past_runs(holders: Holders, limit: int, found: Gathered) -> dict[str, list[PastRun]]:
    """Ask every sink; what does not answer is among the troubles of ``found``."""
    history: dict[str, list[PastRun]] = {}
    for name, open_sink in holders.sinks.items():
        with found.asking(name):
            async with looking_at(open_sink()) as sink:
                past = await sink.bookkeeping.history(limit) if sink else []
                history[sink.server if sink else name] = past
    return history


async def extractors_runs(data_folder: Path, store: Store, found: Gathered) -> dict[int, Progress]:
    """Return how the extractor's runs stand or ended: those noted here, and the store's last."""
    known: dict[int, Progress] = {}
    with found.asking("the readings"):
        known = noted_runs(data_folder)
    with found.asking("the store"):
        known |= {progress["run"]: progress for progress in await store.progress()}
    return known


def lines(
    history: History, known: Mapping[int, Progress], limit: int, width: int | None = None
) -> list[str]:
    """Return a line per run and sink, the newest run first."""
    rows = [row for group in _groups(history, limit) for row in _rows(group, history, known)]
    return fitted(_HEAD, rows, names=2, width=width, right=_NUMBERS) if rows else []


def outcome_of(run: PastRun, newest: int) -> str:
    """Return how a run came out, in the words of `waxline run`; ``newest`` is the sink's last."""
    refused = run.outcome == REFUSED
    facts = Facts(
        state=None if refused else State(run.outcome),
        detail=run.detail,
        exceptions=run.exceptions,
        refused=run.detail if refused else None,
        follower=newest if newest > run.run else 0,
    )
    return printable(str(verdict(facts)))


def _groups(history: History, limit: int) -> list[list[tuple[str, PastRun]]]:
    groups: dict[tuple[int, Entity], list[tuple[str, PastRun]]] = {}
    for sink, runs in history.items():
        for run in runs:
            groups.setdefault((run.run, run.entity), []).append((sink, run))
    return [groups[key] for key in sorted(groups, reverse=True)[:limit]]


def _rows(
    group: Iterable[tuple[str, PastRun]], history: History, known: Mapping[int, Progress]
) -> Iterator[tuple[str, ...]]:
    for place, (sink, run) in enumerate(group):
        taken = [one for one in history[sink] if one.outcome != REFUSED]
        newest = max((one.run for one in taken if one.entity is run.entity), default=0)
        seconds = run.ended - run.started if run.started and run.ended else 0.0
        done = run.loaded + run.unchanged + run.rejected
        counts = (run.loaded, run.unchanged, run.rejected, run.deleted)
        yield (
            run.entity.value if place == 0 else "",
            str(run.dump) if place == 0 else "",
            when(run.started),
            when(run.ended),
            *(_read(known.get(run.run)) if place == 0 else ("", "", "")),
            sink,
            *(f"{count:,}" for count in counts),
            f"{done / seconds:,.0f}" if seconds > 0 else "",
            outcome_of(run, newest),
        )


def _read(reading: Progress | None) -> tuple[str, str, str]:
    if reading is None:
        return "", "", ""
    return f"{reading['read']:,}", f"{reading['sent']:,}", f"{reading['quarantined']:,}"
