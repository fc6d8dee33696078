"""What lies in the dead letters, and what it says about itself beside its own headers."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.entities import Entity

REASON = "waxline-reason"
ATTEMPT = "waxline-attempt"
QUEUE = "waxline-queue"
REASON_LIMIT = 1_000
"""Characters of a reason that are kept: headers have to fit into one frame."""

_ADDED = ("waxline-", "x-")
"""What the headers begin with that a message had not when it was published."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message in the dead letters of a sink.

    ``key`` tells it from all others of its sink for as long as it lies there; ``entity`` is that
    of the queue it came from, None when that is not known; ``fields`` are the headers that it
    was published with, readable or not.
    """

    key: str
    entity: Entity | None
    fields: Mapping[str, str]
    body: bytes
    reason: str
    attempt: int


def describe(reason: str, attempt: int, entity: Entity) -> dict[str, str]:
    """Return the headers that a dead letter gets in addition."""
    return {REASON: reason[:REASON_LIMIT], ATTEMPT: str(attempt), QUEUE: entity.value}


def read_letter(
    key: str, fields: Mapping[str, str], body: bytes, reason: str = "", queue: str = ""
) -> DeadLetter:
    """Take apart what was put together; ``reason`` and ``queue`` serve where nothing is said."""
    named = fields.get(QUEUE, queue)
    attempt = fields.get(ATTEMPT, fields.get("x-delivery-count", ""))
    return DeadLetter(
        key=key,
        entity=Entity(named) if named in tuple(Entity) else None,
        fields={name: value for name, value in fields.items() if not name.startswith(_ADDED)},
        body=body,
        reason=fields.get(REASON, reason),
        attempt=int(attempt) if attempt.isdecimal() else 1,
    )
