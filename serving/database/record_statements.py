"""The statement that reads records whole, made from their declaration: one for each entity."""

from collections.abc import Iterator, Mapping

from common.entities import Entity
from common.postgres.blocks import Blocks
from common.records import RECORD_TYPES
from common.records.fields import fields_of
from common.records.tables import Column, Kind, Table, table_of

_SQL = Blocks(__package__, "records.sql")


def record_statement(entity: Entity) -> str:
    """Return the statement that reads an entity's records by their ids, each a JSON text."""
    own = table_of(entity, document=False)
    order = [one.key for one in fields_of(RECORD_TYPES[entity].data)]
    members = {"id": "own.id", **_members(own, "own")}
    members |= {table.key: _list(table, n) for n, table in enumerate(own.lists)}
    body = _object({key: members[key] for key in ("id", *order)})
    again = next((table for table in own.lists if table.again), None)
    words = {
        "body": body,
        "nested": _block("nested", again, {}) if again else "false",
    }
    return _SQL.filled("record", words, entity)


def _list(table: Table, n: int) -> str:
    alias = f"list_{n}"
    inner = {one.key: (f"{alias}_{m}", one) for m, one in enumerate(table.lists)}
    members = _members(table, alias)
    members |= {key: f"{name}.items" for key, (name, _) in inner.items()}
    if table.again:
        members["parent_sequence"] = f"{alias}.parent_sequence"
    joins = (_inner(name, one, alias) for name, one in inner.values())
    words = {"item": _item(table, members, alias), "alias": alias, "joins": "".join(joins)}
    return _block("list", table, words)


def _inner(alias: str, table: Table, outer: str) -> str:
    item = _item(table, _members(table, alias), alias)
    place = next(one.name for one in table.columns if one.kind is Kind.OWNER)
    words = {"item": item, "alias": alias, "place": place, "outer": outer}
    return _block("inner_list", table, words).partition("\n")[2]


def _block(name: str, table: Table, words: Mapping[str, str]) -> str:
    given = {"table": table.name, "parent": table.columns[0].name}
    return _SQL.filled(name, {**words, **given})


def _item(table: Table, members: Mapping[str, str], alias: str) -> str:
    text = next((one.name for one in table.columns if one.kind is Kind.ITEM), "")
    return f"{alias}.{text}" if text else _object(members)


def _members(table: Table, alias: str) -> dict[str, str]:
    """Return the expression of each member that stands in columns, by its key."""
    plain = {one.key: f"{alias}.{one.name}" for one in _said(table) if "." not in one.key}
    outer = dict.fromkeys(one.key.partition(".")[0] for one in _said(table) if "." in one.key)
    return plain | {key: _inside(table, key, alias) for key in outer}


def _inside(table: Table, key: str, alias: str) -> str:
    """Return an object's expression, NULL where none of its members says anything."""
    columns = [one for one in _said(table) if one.key.startswith(f"{key}.")]
    members = {one.key.partition(".")[2]: f"{alias}.{one.name}" for one in columns}
    return f"CASE WHEN num_nonnulls({', '.join(members.values())}) > 0 THEN {_object(members)} END"


def _said(table: Table) -> Iterator[Column]:
    """Yield the columns that hold what the dump says, as it says it."""
    return (one for one in table.columns if one.key and not one.derive)


def _object(members: Mapping[str, str]) -> str:
    pairs = (f"'{key}', {of}" for key, of in members.items())
    return f"json_build_object({', '.join(pairs)})"
