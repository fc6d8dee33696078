"""When a run is over, decided from what the sinks report: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from common.entities import Entity
from common.reports import Progress, SinkReport, State


class Standing(Enum):
    """How a sink stands to one reading of an entity; the value is what the user reads."""

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sink's standing, with its own words; ``quiet`` when nothing more is on its way."""

    standing: Standing
    detail: str = ""
    quiet: bool = False


def judge(report: SinkReport | None, entity: Entity, run: int) -> Verdict:
    """Return how a sink stands to the reading with this run id."""
    if report is None:
        return Verdict(Standing.WAITING, "it has not reported")
    if reason := report["refused"].get(str(run)):
        return Verdict(Standing.REFUSED, reason)
    row = report["entities"].get(entity)
    if row is None or row["run"] < run:
        return Verdict(Standing.WAITING, "none of it has come", bool(row and row["quiet"]))
    if row["run"] > run:
        return Verdict(Standing.SUPERSEDED, f"by run {row['run']}")
    match row["state"]:
        case State.COMPLETE:
            standing = Standing.EXCEPTIONS if row["exceptions"] else Standing.EQUAL
            return Verdict(standing, row["detail"])
        case State.BLOCKED:
            return Verdict(Standing.BLOCKED, row["detail"])
        case State.UNEQUAL:
            return Verdict(Standing.UNEQUAL, row["detail"], row["quiet"])
        case _:
            return Verdict(Standing.WAITING, _missing(row["missing"]), row["quiet"])


def judge_all(
    readings: Iterable[Progress], sinks: Iterable[str], reports: Mapping[str, SinkReport]
) -> dict[tuple[Entity, str], Verdict]:
    """Return the verdict of every sink on every reading."""
    wanted = list(sinks)
    return {
        (reading["entity"], sink): judge(reports.get(sink), reading["entity"], reading["run"])
        for reading in readings
        for sink in wanted
    }


def over(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether nothing more will come: each is final, or has gone quiet unequal."""
    return all(verdict.standing.final or verdict.quiet for verdict in verdicts)


def _missing(ranges: int) -> str:
    return f"{ranges} ranges have not come" if ranges > 0 else ""
