"""What the tests of stores write and read."""

from array import array
from collections.abc import Sequence

from common.entities import Entity
from common.reports import Progress, SinkReport
from common.store import Store
from common.store.packing import whole
from common.store.protocol import BLOCK_SIZE
from config.servers import ServerAccess
from config.settings import load_settings
from tests.reports import report, row

LEASE_SECONDS = 1.0
BLOCK_BYTES = 8 * BLOCK_SIZE


def server_at(url: str, namespace: str = "waxline") -> ServerAccess:
    return load_settings(store_url=url, namespace=namespace, store_timeout=5).server("store")


def block(fill: int) -> bytes:
    return bytes([fill]) * BLOCK_BYTES


def sparse(*places: int, fill: int = 7) -> bytes:
    content = array("Q", bytes(BLOCK_BYTES))
    for place in places:
        content[place] = 2**63 + fill
    return content.tobytes()


def sink_report(sink: str, run: int = 7) -> SinkReport:
    return report({Entity.MASTER: row(run=run)}, sink, {"6": "an older dump"})


def reading(entity: Entity, position: int) -> Progress:
    return Progress(
        entity=entity,
        run=2**62,
        dump=20260101,
        file="discogs_20260101_artists.xml.gz",
        started=1.0,
        heartbeat=2.5,
        position=position,
        size=1000,
        read=9,
        unchanged=5,
        sent=3,
        quarantined=1,
        done=False,
    )


async def blocks_of(store: Store, entity: Entity, numbers: Sequence[int]) -> list[bytes | None]:
    """Return blocks as whole ones, as which they were written."""
    found = await store.fingerprints(entity, numbers)
    return [None if held is None else whole(held) for held in found]
