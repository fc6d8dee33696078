"""Every key of the store and how long it lives, in one place: ``waxline:<what>:<entity>:…``.

What an extractor needs to skip unchanged records outlives a missed month or a missed year;
after that, everything is sent once more.
"""

from common.entities import Entity

LONG_SECONDS = 400 * 86_400
FINGERPRINT_SECONDS = LONG_SECONDS
BINDING_SECONDS = LONG_SECONDS
REPORT_SECONDS = LONG_SECONDS
PROGRESS_SECONDS = 7 * 86_400

SINKS = "waxline:sinks"
"""Set of the names of the sinks that have reported."""


def fingerprints(entity: Entity, block: int) -> str:
    """Return the key of a block of fingerprints."""
    return f"waxline:fingerprints:{entity.value}:{block}"


def fingerprints_pattern(entity: Entity) -> str:
    """Return the pattern of the keys of all blocks of an entity."""
    return f"waxline:fingerprints:{entity.value}:*"


def block_of(key: bytes) -> int | None:
    """Return the number of the block that a key is of, None when it is not a block's key."""
    number = key.rpartition(b":")[2]
    return int(number) if number.isdigit() else None


def binding(entity: Entity) -> str:
    """Return the key of an entity's binding."""
    return f"waxline:binding:{entity.value}"


def lease(entity: Entity) -> str:
    """Return the key of an entity's lease; it lives for ``lease_seconds``."""
    return f"waxline:lease:{entity.value}"


def progress(entity: Entity) -> str:
    """Return the key of an entity's progress: the lease lets one process at a time read it."""
    return f"waxline:progress:{entity.value}"


def report(sink: str) -> str:
    """Return the key of a sink's report."""
    return f"waxline:report:{sink}"
