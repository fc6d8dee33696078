"""Every key of the store and how long it lives, in one place: ``<namespace>:<what>:<entity>:…``.

What an extractor needs to skip unchanged records outlives a missed month or a missed year;
after that, everything is sent once more.
"""

from common.entities import Entity

LONG_SECONDS = 400 * 86_400
FINGERPRINT_SECONDS = LONG_SECONDS
BINDING_SECONDS = LONG_SECONDS
REPORT_SECONDS = LONG_SECONDS
PROGRESS_SECONDS = 7 * 86_400
TRIAL_SECONDS = 30 * 86_400


class Keys:
    """The keys of one namespace: several pipelines may share a server."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    @property
    def sinks(self) -> str:
        """Key of the set of the names of the sinks that have reported."""
        return f"{self._namespace}:sinks"

    def fingerprints(self, entity: Entity, block: int) -> str:
        """Return the key of a block of fingerprints."""
        return f"{self._namespace}:fingerprints:{entity.value}:{block}"

    def fingerprints_pattern(self, entity: Entity) -> str:
        """Return the pattern of the keys of all blocks of an entity."""
        return f"{self._namespace}:fingerprints:{entity.value}:*"

    def few(self, entity: Entity, page: int) -> str:
        """Return the key of a page: of the fingerprints of blocks that have few."""
        return f"{self._namespace}:few:{entity.value}:{page}"

    def few_pattern(self, entity: Entity) -> str:
        """Return the pattern of the keys of all pages of an entity."""
        return f"{self._namespace}:few:{entity.value}:*"

    def binding(self, entity: Entity) -> str:
        """Return the key of an entity's binding."""
        return f"{self._namespace}:binding:{entity.value}"

    def lease(self, entity: Entity) -> str:
        """Return the key of an entity's lease; it lives as long as it is asked for."""
        return f"{self._namespace}:lease:{entity.value}"

    def progress(self, entity: Entity) -> str:
        """Return the key of an entity's progress: the lease lets one process at a time read it."""
        return f"{self._namespace}:progress:{entity.value}"

    def report(self, sink: str) -> str:
        """Return the key of a sink's report."""
        return f"{self._namespace}:report:{sink}"

    def trial(self, sink: str, message: str) -> str:
        """Return the key of how many loaders of a sink a message has ended."""
        return f"{self._namespace}:trial:{sink}:{message}"


def block_of(key: bytes) -> int | None:
    """Return the number of the block or page that a key is of, None when it is no such key."""
    number = key.rpartition(b":")[2]
    return int(number) if number.isdigit() else None
