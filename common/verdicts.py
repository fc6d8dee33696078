"""How a sink stands to a run: one decision, and its words, for all who tell of it.  Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from common.entities import Entity
from common.messages import Range
from common.reports import EntityReport, Progress, SinkReport, State


class Standing(Enum):
    """How a sink stands to a run; the value is what the user reads."""

    EQUAL = "equal"
    EXCEPTIONS = "equal, with exceptions"
    BLOCKED = "blocked"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    UNEQUAL = "differs"
    WAITING = "loading"

    @property
    def final(self) -> bool:
        """Tell whether reading again would change nothing."""
        return self not in (Standing.UNEQUAL, Standing.WAITING)

    @property
    def good(self) -> bool:
        """Tell whether the sink equals the dump."""
        return self in (Standing.EQUAL, Standing.EXCEPTIONS)

    @property
    def answer(self) -> str:
        """The cell of a table whose column asks whether the sink is equal."""
        return "yes" if self is Standing.EQUAL else self.value


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Records for which a sink does not equal a dump although it is as near as it can be.

    ``quarantined`` counts what the extractor left out, ``without_id`` those of them whose id it
    could not read; ``rejected`` what the sink could not hold, ``not_deleted`` what the dump has
    not, and what only seems to be missing from it as long as there are records without an id.
    ``nothing_read`` when not one record of the dump was good.
    """

    quarantined: int = 0
    without_id: int = 0
    rejected: int = 0
    not_deleted: int = 0
    nothing_read: bool = False

    @property
    def count(self) -> int:
        """How many there are."""
        return self.quarantined + self.rejected + self.not_deleted

    def __str__(self) -> str:
        """Say how many of each there are; nothing when there is none."""
        of_them = f", {self.without_id} of them without a readable id"
        nameless = of_them if self.without_id else ""
        counts = {
            f"quarantined{nameless}": self.quarantined,
            "rejected": self.rejected,
            "not deleted": self.not_deleted,
        }
        said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"no record of the dump could be read: {said}" if self.nothing_read else said


NO_EXCEPTIONS = Exceptions()


def exceptions_of(ranges: Sequence[Range], rejected: int, not_deleted: int) -> Exceptions:
    """Return what a run that has these ranges, all of them, could not load or delete."""
    left_out = ranges[0].left_out if ranges else 0
    named = sum(len(range_.quarantined) for range_ in ranges)
    return Exceptions(
        # An extractor before this version named ids, and no more.
        quarantined=max(left_out, named),
        without_id=ranges[0].without_id if ranges else 0,
        rejected=rejected,
        not_deleted=not_deleted,
        nothing_read=left_out > 0 and not any(range_.count for range_ in ranges),
    )


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a sink and a run.

    ``state`` and ``detail`` are the sink's own declaration about this very run, None while it has
    not come to it; ``exceptions`` counts what a complete run is equal but for.  ``refused`` is the
    reason for which the sink does not take it, ``follower`` the later run that the sink is at.
    ``missing`` says which ranges have not come, ``differs`` what has been found to differ since.
    """

    state: State | None = None
    detail: str = ""
    exceptions: int = 0
    refused: str | None = None
    follower: int = 0
    missing: str = ""
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sink's standing, with its own words; ``quiet`` when nothing more is on its way."""

    standing: Standing
    detail: str = ""
    quiet: bool = False

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.standing.value} ({self.detail})" if self.detail else self.standing.value


def verdict(facts: Facts, *, quiet: bool = False) -> Verdict:
    """Decide how a sink stands to a run: equal is only what was declared so and still is."""
    if facts.refused is not None:
        return Verdict(Standing.REFUSED, facts.refused)
    if facts.follower and facts.state in (None, State.LOADING):
        return Verdict(Standing.SUPERSEDED, f"by run {facts.follower}")
    if facts.differs:
        return Verdict(Standing.UNEQUAL, facts.differs, quiet)
    match facts.state:
        case None:
            return Verdict(Standing.WAITING, facts.detail or "none of it has come", quiet)
        case State.BLOCKED:
            return Verdict(Standing.BLOCKED, facts.detail)
        case State.UNEQUAL:
            return Verdict(Standing.UNEQUAL, facts.detail, quiet)
        case State.COMPLETE if not facts.missing:
            standing = Standing.EXCEPTIONS if facts.exceptions else Standing.EQUAL
            return Verdict(standing, facts.detail)
        case _:
            return Verdict(Standing.WAITING, facts.missing or facts.detail, quiet)


def judge(report: SinkReport | None, entity: Entity, run: int) -> Verdict:
    """Return how a sink that reports stands to a run."""
    if report is None:
        return verdict(Facts(detail="it has not reported"))
    row = report["entities"].get(entity)
    facts = _facts(row, run, report["refused"].get(str(run)))
    return verdict(facts, quiet=bool(row and row["quiet"]))


def judge_all(
    runs: Iterable[Progress], sinks: Iterable[str], reports: Mapping[str, SinkReport]
) -> dict[tuple[Entity, str], Verdict]:
    """Return the verdict of every sink on every run."""
    wanted = list(sinks)
    return {
        (run["entity"], sink): judge(reports.get(sink), run["entity"], run["run"])
        for run in runs
        for sink in wanted
    }


def over(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether nothing more will come: each is final, or has gone quiet unequal."""
    return all(verdict.standing.final or verdict.quiet for verdict in verdicts)


def _facts(row: EntityReport | None, run: int, refused: str | None) -> Facts:
    if row is None or row["run"] < run:
        return Facts(refused=refused)
    if row["run"] > run:
        return Facts(refused=refused, follower=row["run"])
    missing = f"{row['missing']} ranges have not come" if row["missing"] > 0 else ""
    return Facts(row["state"], row["detail"], row["exceptions"], refused, missing=missing)


def other_options(held: str | None, wanted: str) -> str:
    """Return why a sink that is laid out by other options differs, or an empty text.

    Options are names, with spaces between; ``held`` is None while they are being changed.
    """
    if held == wanted:
        return ""
    before, now = set((held or "").split()), set(wanted.split())
    changes = [f"without {name}, which is set" for name in sorted(now - before)]
    changes += [f"with {name}, which is not set" for name in sorted(before - now)]
    said = ", ".join(changes) if held is not None else "partly by other options"
    return f"it was loaded {said}: the next `waxline run` writes it anew"


def other_namespace(held: str, wanted: str) -> str:
    """Return why a database of one namespace is not for another, empty when it is the same.

    Two pipelines that load the same database would undo each other's work.
    """
    if held == wanted:
        return ""
    return (
        f"belongs to the namespace {held}, and the setting is {wanted}: load into another "
        f"database, or set namespace to {held}"
    )
