from collections.abc import Sequence

from loaders.postgres.tables import Table

class Encoder:
    def __init__(self, table: Table) -> None: ...
    def encode(
        self, records: Sequence[tuple[int, int, bytes]], dump: int
    ) -> dict[str, bytes] | None: ...
