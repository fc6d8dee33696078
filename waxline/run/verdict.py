"""When a run is over, decided from what the sinks report: pure."""

from collections.abc import Iterable, Mapping

from common.entities import Entity
from common.reports import EntityReport, Progress, SinkReport
from common.verdicts import Facts, Standing, Verdict, verdict

__all__ = ["Standing", "Verdict", "done_by", "judge", "judge_all", "over"]

Readings = Mapping[Entity, Progress]
Reports = Mapping[str, SinkReport]
Verdicts = Mapping[tuple[Entity, str], Verdict]


def judge(report: SinkReport | None, entity: Entity, run: int) -> Verdict:
    """Return how a sink stands to the reading with this run id."""
    if report is None:
        return verdict(Facts(detail="it has not reported"))
    row = report["entities"].get(entity)
    facts = _facts(row, run, report["refused"].get(str(run)))
    return verdict(facts, quiet=bool(row and row["quiet"]))


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


def done_by(report: SinkReport | None, entity: Entity, run: int) -> int:
    """Return how many records of a run a sink has seen to."""
    row = report["entities"].get(entity) if report else None
    if row is None or row["run"] != run:
        return 0
    return row["loaded"] + row["unchanged"] + row["rejected"]


def over(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether nothing more will come: each is final, or has gone quiet unequal."""
    return all(verdict.standing.final or verdict.quiet for verdict in verdicts)


def _facts(row: EntityReport | None, run: int, refused: str | None) -> Facts:
    if row is None or row["run"] < run:
        return Facts(refused=refused)
    if row["run"] > run:
        return Facts(refused=refused, follower=row["run"])
    return Facts(
        row["state"],
        row["detail"],
        row["exceptions"],
        refused,
        missing=_missing(row["missing"]),
    )


def _missing(ranges: int) -> str:
    return f"{ranges} ranges have not come" if ranges > 0 else ""
