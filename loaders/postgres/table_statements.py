"""Statements about the tables of the catalogue, made from the declaration of a record."""

from collections.abc import Iterator

from common.entities import Entity
from common.records.tables import Kind, Table, key_of, table_of
from loaders.postgres.sql import TYPES, Statements

_ALWAYS_FILLED = {Kind.DUMP, Kind.FINGERPRINT, Kind.ITEM}
"""As the columns of a table's key are."""

_MARGIN = ",\n    "


class TableStatements:
    """What makes, keys and empties the tables of an entity; the first is its own."""

    def __init__(self, entity: Entity) -> None:
        self._blocks = Statements("tables.sql")
        self._own, *self._children = table_of(entity, document=True).flat()

    def create(self) -> str:
        """Return a script that makes the tables, with their comments."""
        return ";\n\n".join(self._create())

    def keys(self) -> list[str]:
        """Return what makes the keys of the child tables."""
        return [
            self._block("key", table=table.name, key=", ".join(key_of(_names(table))))
            for table in self._children
        ]

    def statistics(self) -> list[str]:
        """Return what counts the tables' values, once the keys are there."""
        own = self._block("own_statistics", table=self._own.name)
        children = (self._block("statistics", table=table.name) for table in self._children)
        return [own, *children]

    def delete(self) -> str:
        """Return what deletes the rows of ``$1``, and returns the ids of records that had one."""
        children = ",\n".join(
            self._block("delete_children", table=table.name, parent=table.columns[0].name)
            for table in self._children
        )
        return self._block("delete", table=self._own.name, children=children)

    def _create(self) -> Iterator[str]:
        for table in (self._own, *self._children):
            lines = (*_definitions(table), *self._constraints(table))
            yield self._block("create", table=table.name, columns=f"    {_MARGIN.join(lines)}")
            yield self._comment("TABLE", table.name, table.about)
            for column in table.columns:
                yield self._comment("COLUMN", f"{table.name}.{column.name}", column.about)

    def _constraints(self, table: Table) -> Iterator[str]:
        if table is self._own:
            yield self._block("own_key", table=table.name)
        for column in table.columns:
            if column.longest:
                words = {"column": column.name, "longest": str(column.longest)}
                yield self._block("longest", table=table.name, **words)

    def _comment(self, kind: str, of: str, about: str) -> str:
        quoted = "'" + about.replace("'", "''") + "'"
        return self._block("comment", kind=kind, of=of, about=quoted)

    def _block(self, name: str, **words: str) -> str:
        return self._blocks.filled(name, words)


def _definitions(table: Table) -> Iterator[str]:
    key = key_of(_names(table))
    for column in table.columns:
        filled = column.name in key or column.kind in _ALWAYS_FILLED
        yield f"{column.name} {TYPES[column.kind]}{' NOT NULL' if filled else ''}"


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]
