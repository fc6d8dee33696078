"""Bindings, progress and reports as JSON; what cannot be read counts as absent."""

from typing import Any

import orjson

from common.entities import Entity
from common.reports import EntityReport, Progress, SinkReport, State
from common.store.protocol import Binding

_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)


def encode(value: Binding | Progress | SinkReport) -> bytes:
    """Return JSON; entities are keys of a report."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)


def decode_binding(value: bytes | None) -> Binding | None:
    """Read a binding."""
    try:
        binding: Binding = _load(value, Binding.__required_keys__)
    except _UNREADABLE:
        return None
    return binding


def decode_progress(value: bytes | None) -> Progress | None:
    """Read the progress of a reading."""
    try:
        fields = _load(value, Progress.__required_keys__)
        fields["entity"] = Entity(fields["entity"])
    except _UNREADABLE:
        return None
    progress: Progress = fields
    return progress


def decode_report(value: bytes | None) -> SinkReport | None:
    """Read a sink's report."""
    try:
        fields = _load(value, SinkReport.__required_keys__)
        found = fields["entities"].items()
        fields["entities"] = {Entity(name): _entity_report(report) for name, report in found}
    except _UNREADABLE:
        return None
    report: SinkReport = fields
    return report


def _entity_report(fields: Any) -> Any:
    _require(fields, EntityReport.__required_keys__)
    return {**fields, "state": State(fields["state"])}


def _load(value: bytes | None, required: frozenset[str]) -> Any:
    fields: Any = orjson.loads(value or b"null")
    _require(fields, required)
    return fields


def _require(fields: Any, required: frozenset[str]) -> None:
    if missing := required - fields.keys():
        raise KeyError(*missing)
