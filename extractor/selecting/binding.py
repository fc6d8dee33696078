"""Whether the fingerprints in the store describe what the sinks in use hold."""

from collections.abc import Collection, Mapping
from typing import TypeGuard

import structlog

from common.entities import Entity
from common.messages import Headers
from common.reports import SinkReport
from common.run_rules import refusal
from common.store import Binding, Store

log = structlog.get_logger()


def describes(
    binding: Binding | None,
    sinks: Collection[str],
    reports: Mapping[str, SinkReport],
    entity: Entity,
    options: str = "",
) -> bool:
    """Tell whether fingerprints bound so may be believed for every one of these sinks.

    ``options`` are those of the settings that say what the sinks hold of a record.

    A sink that does not report now is taken to be the one it was.  One that had not reported
    when the binding was made may be believed once it is seen to be at that very run.  One that
    has refused that run has dropped what the fingerprints say was sent.
    """
    return _as_set(binding, options) and all(
        sink in binding["sinks"]
        and _same(binding["sinks"][sink], binding["run"], reports.get(sink), entity)
        for sink in sinks
    )


async def bind(
    store: Store,
    entity: Entity,
    run: int,
    sinks: Collection[str],
    reports: Mapping[str, SinkReport],
    options: str = "",
) -> None:
    """Bind the fingerprints to the sinks in use, forgetting them if they describe others."""
    held = await store.binding(entity)
    valid = describes(held, sinks, reports, entity, options)
    if not valid and (blocks := await store.known_blocks(entity)):
        log.info("fingerprints_forgotten", entity=entity, reason="new or recreated sinks")
        await store.forget_fingerprints(entity, blocks)
    before: Mapping[str, str | None] = held["sinks"] if held and valid else {}
    # With other options, what is reported now may be by the loader before.
    told = reports if held is None or _as_set(held, options) else {}
    identities = {
        sink: told[sink]["identity"] if sink in told else before.get(sink) for sink in sinks
    }
    binding = Binding(run=run, sinks=identities)
    await store.bind(entity, {**binding, "options": options} if options else binding)


def all_refuse(headers: Headers, sinks: Collection[str], reports: Mapping[str, SinkReport]) -> bool:
    """Tell whether every sink is going to refuse this run, by what they report."""
    rows = [
        report["entities"].get(headers.entity)
        for sink in sinks
        for report in [reports.get(sink)]
        if report
    ]
    held = [row["dump"] for row in rows if row]
    return len(held) == len(sinks) and all(refusal(headers, dump) for dump in held)


def _as_set(binding: Binding | None, options: str) -> TypeGuard[Binding]:
    """Tell whether the options were these when the binding was made."""
    return binding is not None and binding.get("options", "") == options


def _same(identity: str | None, run: int, report: SinkReport | None, entity: Entity) -> bool:
    if report and str(run) in report["refused"]:
        return False
    if identity is None:
        row = report["entities"].get(entity) if report else None
        return row is not None and row["run"] == run
    return report is None or report["identity"] == identity
