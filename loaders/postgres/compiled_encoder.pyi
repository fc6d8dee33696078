from collections.abc import Sequence

from common.records import Record
from common.records.tables import Table

def rows_of(copied: bytes) -> list[bytes]: ...

class Encoder:
    def __init__(self, table: Table) -> None: ...
    def encode(self, records: Sequence[Record], dump: int) -> dict[str, bytes] | None: ...
