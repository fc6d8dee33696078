"""Reads the SQL files of this package: each statement stands under a ``-- name:`` line."""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from common.entities import Entity
from common.records.tables import Column, Kind, key_of

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_STATEMENT_END = re.compile(r";$", re.MULTILINE)

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


class Statements:
    """The blocks of one file, by name."""

    def __init__(self, file: str) -> None:
        _, *parts = _NAME.split(read(file))
        self._blocks = dict(zip(parts[::2], parts[1::2], strict=True))

    def __call__(self, name: str, entity: Entity | None = None) -> str:
        """Return a block, made for an entity where it is written for all of them."""
        block = self._blocks[name].strip().removesuffix(";")
        return block if entity is None else block.replace("{entity}", entity.value)

    def filled(self, name: str, words: Mapping[str, str], entity: Entity | None = None) -> str:
        """Return a block with words in place of their names, which stand in braces."""
        block = self(name, entity)
        for word, text in words.items():
            block = block.replace(f"{{{word}}}", text)
        return block

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

    def each(self, name: str) -> list[str]:
        """Return the statements of a block that has several."""
        statements = _STATEMENT_END.split(self._blocks[name])
        return [statement.strip() for statement in statements if statement.strip()]


def read(file: str) -> str:
    """Return the text of a file of this package."""
    return files(__package__).joinpath(file).read_text(encoding="utf-8")
