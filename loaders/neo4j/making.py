"""Makes the rows of a batch, decoding of its records only what the graph takes."""

from collections.abc import Iterable

from common.entities import Entity
from common.messages import Headers
from common.records import Record
from loaders.lazy_json import Picker
from loaders.neo4j.rows import Row, make_row, members


class RowMaker:
    """Knows the options that rows depend on."""

    def __init__(self, *, track_credits: bool, compiled: bool) -> None:
        self._track_credits = track_credits
        self._pickers = {
            entity: Picker(members(entity, track_credits=track_credits), compiled=compiled)
            for entity in Entity
        }

    def make(self, headers: Headers, records: Iterable[Record]) -> list[Row]:
        """Return the rows of records, by id."""
        rows = [self._row(headers, record) for record in records]
        rows.sort(key=lambda row: row["id"])
        return rows

    def _row(self, headers: Headers, record: Record) -> Row:
        slim = Record(
            id=record["id"],
            fingerprint=record["fingerprint"],
            data=self._pickers[headers.entity].data(record),
        )
        return make_row(headers.entity, slim, headers.dump, track_credits=self._track_credits)
