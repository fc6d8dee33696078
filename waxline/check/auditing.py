"""Audits sinks, and tells."""

from collections.abc import Sequence

from rich.console import Console

from common.entities import Entity
from common.errors import NotEqualError
from common.verdicts import Standing
from waxline.check.sink_audit import Audit, audit
from waxline.check.subjects import Subject
from waxline.check.tables import audit_remarks, audit_table
from waxline.console import say, width_of


async def audit_sinks(subjects: Sequence[Subject], entities: Sequence[Entity]) -> list[Audit]:
    """Return the audit of every entity in every sink, entity by entity."""
    return [
        await audit(subject.sink, subject.writer, entity)
        if subject.loaded
        else Audit(subject.name, entity)
        for entity in entities
        for subject in subjects
    ]


def tell_audits(audits: Sequence[Audit], console: Console) -> None:
    """Print the table; raise `NotEqualError` unless everything is equal."""
    for line in audit_table(audits, width_of(console)):
        say(console, line)
    say(console, "")
    for remark in audit_remarks(audits):
        say(console, remark)
    if not all(one.equal for one in audits):
        raise NotEqualError("not every sink equals its last run: see above")
    plainly = all(one.verdict.standing is Standing.EQUAL for one in audits)
    but = "" if plainly else ", but for the records told of above"
    say(console, f"Every sink equals its last run{but}.")
