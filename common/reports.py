"""What the processes tell each other through the store: plain JSON, replaced whole."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NotRequired, TypedDict

from common.entities import Entity


class State(StrEnum):
    """How far a sink is with the current run of an entity."""

    LOADING = "loading"
    UNEQUAL = "unequal"
    BLOCKED = "blocked"
    COMPLETE = "complete"


class EntityReport(TypedDict):
    """A sink's own row about one entity, as its last commit left it.

    Counts are records of this run.  ``exceptions`` are quarantined or rejected records that
    a complete run has; ``quiet`` says that the queue is empty and nothing is in hand.
    ``missing`` counts ranges of the run that have not come.
    """

    run: int
    dump: int
    state: State
    detail: str
    loaded: int
    unchanged: int
    rejected: int
    deleted: int
    rows: int
    exceptions: int
    missing: int
    quiet: bool


class SinkReport(TypedDict):
    """One record per sink; ``heartbeat`` is another number in each.

    It is the time by the loader's clock, in seconds since the epoch.  Clocks differ and may be set
    meanwhile: compare it for being the same only.

    ``refused`` maps a refused run (as text) to the reason.  ``server`` is what the user calls the
    sink; loaders before this version do not say.
    """

    sink: str
    server: NotRequired[str]
    identity: str
    heartbeat: float
    entities: dict[Entity, EntityReport]
    refused: dict[str, str]


def server_of(reports: Mapping[str, SinkReport], sink: str) -> str:
    """Return what the user calls a sink: by the server that is really there, where it is told."""
    report = reports.get(sink)
    return report.get("server", sink) if report else sink


def done_by(report: SinkReport | None, entity: Entity, run: int) -> int:
    """Return how many records of a run a sink has seen to."""
    row = report["entities"].get(entity) if report else None
    if row is None or row["run"] != run:
        return 0
    return row["loaded"] + row["unchanged"] + row["rejected"]


class Progress(TypedDict):
    """How far a run of the extractor is: absolute values, never increments.

    ``position`` and ``size`` in bytes of the file, ``started`` in seconds since the epoch;
    ``heartbeat`` is later than it by the seconds that it has taken.
    """

    entity: Entity
    run: int
    dump: int
    file: str
    started: float
    heartbeat: float
    position: int
    size: int
    read: int
    unchanged: int
    sent: int
    quarantined: int
    done: bool
