"""What the parts ask of the store.

Everything in it may be lost, stale or wrong without changing what the sinks end up with.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NotRequired, Protocol, TypedDict

from common.entities import Entity
from common.reports import Progress, SinkReport

BLOCK_SIZE = 4096
"""Ids per block of fingerprints.

A whole block is 8 bytes per id, native little-endian, 0 = absent.  One with few fingerprints may be
packed instead (`common.store.packing`): readers and writers know both by their length.
"""


class Binding(TypedDict):
    """Whose content the fingerprints of an entity describe: the sinks' identities by name.

    ``None`` stands for a sink that had not reported when ``run`` began.  ``options`` are those
    that the extractor's settings had then: a sink that has others is laid out anew, which its last
    report does not tell before its loader is up.
    """

    run: int
    sinks: dict[str, str | None]
    options: NotRequired[str]


class Store(Protocol):
    """Fingerprints, progress, leases and reports.

    Methods raise `TransientError` only, whatever is wrong with the server: what is a hint can be
    gone at any time, and for any reason.  ``check`` is for the start, where it is a set-up error.
    """

    async def check(self) -> None:
        """Raise `ServerError` when the server refuses us or is none that can serve."""

    async def fingerprints(self, entity: Entity, blocks: Sequence[int]) -> list[bytes | None]:
        """Return the blocks, in order, each whole or packed, or None."""

    async def put_fingerprints(self, entity: Entity, blocks: Mapping[int, bytes]) -> None:
        """Replace blocks as a whole; their content may be packed."""

    async def forget_fingerprints(self, entity: Entity, blocks: Collection[int]) -> None:
        """Delete blocks: their records are sent again by the next run."""

    async def known_blocks(self, entity: Entity) -> list[int]:
        """Return the numbers of all blocks held, ascending."""

    async def binding(self, entity: Entity) -> Binding | None:
        """Return whose content the fingerprints describe."""

    async def bind(self, entity: Entity, binding: Binding) -> None:
        """Replace the binding."""

    async def acquire_lease(self, entity: Entity, owner: str, seconds: float) -> bool:
        """Take or renew the lease of an entity for a time; False when another owner has it."""

    async def release_lease(self, entity: Entity, owner: str) -> None:
        """Give the lease back, if it is still ours."""

    async def put_progress(self, progress: Progress) -> None:
        """Replace the progress of one process and entity."""

    async def progress(self) -> list[Progress]:
        """Return all progress not older than its time to live."""

    async def put_report(self, report: SinkReport) -> None:
        """Replace a sink's report whole."""

    async def reports(self) -> dict[str, SinkReport]:
        """Return the last report of every sink."""

    async def trials(self, sink: str, message: str) -> int:
        """Return how many loaders of a sink a message has ended, 0 where nothing is noted."""

    async def put_trials(self, sink: str, message: str, count: int) -> None:
        """Replace that number; 0 forgets the message."""

    async def close(self) -> None:
        """Close the connections."""
