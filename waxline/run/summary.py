"""The tables at the end of `waxline run`, and what to say of sinks that differ."""

from collections.abc import Iterator, Sequence
from typing import Final

from common.entities import LOAD_ORDER, Entity
from common.reports import Progress, server_of
from common.verdicts import Standing, Verdict
from waxline.columns import fitted, said_once
from waxline.run.pipeline import Outcome

_ADVICE = {
    Standing.REFUSED: "--allow-older loads it all the same",
    Standing.BLOCKED: "--allow-deletions deletes them all the same",
    Standing.SUPERSEDED: "a newer run has begun, and it is the one that counts",
    Standing.UNEQUAL: "the same command again sends what is missing",
    Standing.WAITING: "the same command again sends what is missing",
}

_READ: Final = ("read", "unchanged", "sent", "quarantined")
_WRITTEN: Final = ("loaded", "rejected", "deleted")


def extractor_table(outcome: Outcome, width: int | None = None) -> list[str]:
    """Return a line per entity: what was read of the dumps, in all that the extractor has run."""
    head = ("", "read", "unchanged", "sent", "quarantined", "seconds", "records/s")
    rows = [
        (entity.plural, *_read(outcome, entity)) for entity in LOAD_ORDER if entity in outcome.runs
    ]
    return fitted(head, rows, names=1, width=width)


def sink_table(outcome: Outcome, sinks: Sequence[str], width: int | None = None) -> list[str]:
    """Return a line per entity and sink: what each made of all that was sent."""
    head = ("", "sink", "loaded", "rejected", "deleted", "equals the dump")
    rows = [
        (entity.plural, server_of(outcome.reports, sink), *_sink(outcome, entity, sink))
        for entity in LOAD_ORDER
        if entity in outcome.runs
        for sink in sinks
    ]
    return fitted(head, rows, names=2, width=width)


def remarks(outcome: Outcome) -> Iterator[str]:
    """Yield a sentence for what was read again, and for what is not plainly equal."""
    for entity in outcome.runs:
        if (times := len(_runs_of(outcome, entity))) > 1:
            yield f"{entity.plural}: read {times} times, and the counts are of all of them"
    yield from said_once(
        (entity.plural, server_of(outcome.reports, sink), _in_words(verdict))
        for (entity, sink), verdict in outcome.verdicts.items()
        if verdict.standing is not Standing.EQUAL
    )


def conclusion(outcome: Outcome) -> str:
    """Return what a run that ended well came to, in one sentence."""
    standings = {verdict.standing for verdict in outcome.verdicts.values()}
    if Standing.EXCEPTIONS in standings:
        return "Every sink equals the dumps, but for the records told of above."
    if _nothing_changed(outcome):
        return "Every sink equals the dumps; nothing had changed."
    return "Every sink equals the dumps."


def _nothing_changed(outcome: Outcome) -> bool:
    sent = any(progress["sent"] for progress in outcome.past.values())
    deleted = any(row["deleted"] for row in outcome.rows.values())
    return not sent and not deleted and outcome.attempts == 1


def _read(outcome: Outcome, entity: Entity) -> list[str]:
    runs = _runs_of(outcome, entity)
    seconds = max(sum(one["heartbeat"] - one["started"] for one in runs), 0.001)
    read, unchanged, sent, quarantined = (sum(one[name] for one in runs) for name in _READ)
    counts = (read, unchanged, sent, quarantined)
    return [*(f"{count:,}" for count in counts), f"{seconds:.1f}", f"{read / seconds:,.0f}"]


def _sink(outcome: Outcome, entity: Entity, sink: str) -> list[str]:
    standing = outcome.verdicts[entity, sink].standing
    runs = [one["run"] for one in _runs_of(outcome, entity)]
    rows = [outcome.rows[sink, run] for run in runs if (sink, run) in outcome.rows]
    if not rows:
        return ["", "", "", standing.answer]
    counts = (sum(row[name] for row in rows) for name in _WRITTEN)
    return [*(f"{count:,}" for count in counts), standing.answer]


def _runs_of(outcome: Outcome, entity: Entity) -> list[Progress]:
    return [one for one in outcome.past.values() if one["entity"] == entity]


def _in_words(verdict: Verdict) -> str:
    advice = f": {_ADVICE[verdict.standing]}" if verdict.standing in _ADVICE else ""
    return f"{verdict}{advice}"
