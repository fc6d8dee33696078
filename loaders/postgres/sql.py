"""Reads the SQL files of this package: each statement stands under a ``-- name:`` line."""

from collections.abc import Mapping, Sequence

from common.entities import Entity
from common.postgres.blocks import Blocks, read_text
from common.records.tables import Column, Kind, key_of

TYPES: Mapping[Kind, str] = {
    Kind.RECORD: "integer",
    Kind.DUMP: "integer",
    Kind.FINGERPRINT: "bigint",
    Kind.SEQUENCE: "integer",
    Kind.OWNER: "integer",
    Kind.NUMBER: "integer",
    Kind.FLAG: "boolean",
    Kind.TEXT: "text",
    Kind.TEXTS: "text[]",
    Kind.ITEM: "text",
    Kind.DERIVED: "integer",
    Kind.SHORT: "smallint",
    Kind.DOCUMENT: "jsonb",
}
"""What the server calls the types."""

_NOT_ALWAYS = ("document",)
"""Columns that are empty unless they are asked for: one that was kept earlier would be stale."""


class Statements(Blocks):
    """The blocks of one file of this package, by name."""

    def __init__(self, file: str) -> None:
        super().__init__(__package__, file)

    def of_table(
        self,
        name: str,
        table: str,
        columns: Sequence[str],
        entity: Entity | None = None,
        *,
        selected: Sequence[str] = (),
    ) -> str:
        """Return a block made for a table; both it and its columns are of closed lists."""
        words: Mapping[str, str] = {
            "table": table,
            "parent": columns[0],
            "columns": ", ".join(selected or columns),
            "key": ", ".join(key_of(columns)),
        }
        return self.filled(name, words, entity)

    def of_columns(self, name: str, entity: Entity, columns: Sequence[Column]) -> str:
        """Return a block made for an entity's own columns: written from rows, or from an array of
        the values of each."""
        named = [column.name for column in columns]
        free = (name for name in _NOT_ALWAYS if name not in named)
        words: Mapping[str, str] = {
            "columns": ", ".join(named),
            "arrays": ", ".join(f"${n}::{TYPES[one.kind]}[]" for n, one in enumerate(columns, 1)),
            "typed": ", ".join(f"{one.name} {TYPES[one.kind]}" for one in columns),
            "assignments": ", ".join(
                [*(f"{one} = given.{one}" for one in named[1:]), *(f"{one} = NULL" for one in free)]
            ),
        }
        return self.filled(name, words, entity)


def read(file: str) -> str:
    """Return the text of a file of this package."""
    return read_text(__package__, file)
