"""What a simulated record holds on a real sink: aliases too, so that nodes have edges."""

from typing import Any

from common.records import Record
from tests.simulation.dumps import POISON
from tests.simulation.months import IDS

_STRANGERS = (999, 70_000)
"""Ids that no dump has: references to them dangle."""


def aliases_of(number: int, name: str) -> set[int]:
    """Return whom a record points at: some who are there at times, some who never are."""
    others = (*IDS, *_STRANGERS)
    content = int(name.rpartition(" ")[2])
    return {others[(number + 5 * content + step) % len(others)] for step in (3, 11)[: 1 + content]}


def enriched(argument: Any) -> Any:
    """Return an argument as a real sink gets it: records with what else they hold."""
    if isinstance(argument, list) and argument and isinstance(argument[0], dict):
        return [_enriched(record) for record in argument]
    return argument


def _enriched(record: Record) -> Record:
    name = str(record["data"].get("name"))
    aliases = sorted(aliases_of(record["id"], name))
    if POISON in name:
        name += "\ud800"  # half a character: neither database can hold it
    references = [{"id": number, "name": f"Artist {number}"} for number in aliases]
    return {**record, "data": {"name": name, "aliases": references}}  # type: ignore[typeddict-item]
