"""Readings and sinks' reports, as the processes tell them."""

from common.entities import Entity
from common.reports import EntityReport, Progress, SinkReport, State

RUN = 7


def reading(
    entity: Entity = Entity.RELEASE,
    *,
    read: int = 1_000,
    sent: int = 1_000,
    position: int = 500,
    done: bool = True,
    run: int = RUN,
) -> Progress:
    """Return a reading of a run: 1,000 bytes, ten seconds."""
    return Progress(
        entity=entity,
        run=run,
        dump=20260401,
        file="dump.xml.gz",
        started=100.0,
        heartbeat=110.0,
        position=position,
        size=1_000,
        read=read,
        unchanged=read - sent,
        sent=sent,
        quarantined=0,
        done=done,
    )


def row(
    state: State = State.COMPLETE,
    *,
    run: int = RUN,
    dump: int = 20260401,
    detail: str = "",
    loaded: int = 1_000,
    deleted: int = 0,
    exceptions: int = 0,
    missing: int = 0,
    quiet: bool = True,
) -> EntityReport:
    """Return a sink's row about an entity."""
    return EntityReport(
        run=run,
        dump=dump,
        state=state,
        detail=detail,
        loaded=loaded,
        unchanged=0,
        rejected=0,
        deleted=deleted,
        rows=loaded,
        exceptions=exceptions,
        missing=missing,
        quiet=quiet,
    )


def report(
    rows: dict[Entity, EntityReport],
    sink: str = "postgres",
    refused: dict[str, str] | None = None,
    *,
    server: str = "",
    identity: str = "one",
    heartbeat: float = 110.0,
) -> SinkReport:
    """Return a sink's report."""
    return SinkReport(
        sink=sink,
        server=server or sink,
        identity=identity,
        heartbeat=heartbeat,
        entities=rows,
        refused=refused or {},
    )
