"""The declaration of records: what is made of it, and what has to follow when it changes."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypedDict

import pytest

from common.entities import Entity
from common.records import RECORD_TYPES, SCHEMA_VERSION, Record
from common.records.declaring import Attribute, Child, Column, RecordType
from common.records.fields import fields_of
from common.records.graph import EDGES, PROPERTIES
from common.records.shape import Said, Shape, Value, record_shape, shape_of
from common.records.tables import table_of
from loaders.neo4j.rows import make_row
from tests.full_records import FULL

EVERY = pytest.mark.parametrize("entity", list(Entity))

DECLARED = {2: "0837e42010aaf04c"}
"""By version of the records: a digest of how the dump says them."""


def filled(of: type, data: Mapping[str, Any]) -> Iterator[tuple[type, str]]:
    """Yield the fields that an object fills, and its objects, each with its type."""
    for field in fields_of(of):
        if field.key in data:
            yield of, field.key
            inner = data[field.key]
            for one in inner if field.is_list else [inner]:
                if field.is_object:
                    yield from filled(field.of, one)


@EVERY
def test_the_full_records_have_every_field(entity: Entity) -> None:
    found = set(filled(RECORD_TYPES[entity].data, FULL[entity]))
    types = {of for of, _ in found}
    assert found == {(of, field.key) for of in types for field in fields_of(of)}


def spelt(said: Said, seen: tuple[Shape, ...]) -> str:
    inner = shape(said.shape, seen) if said.shape and said.shape not in seen else ""
    return f"{said.tag} {said.key} {said.value} {said.item} {said.keeps_empty} [{inner}]"


def shape(of: Shape, seen: tuple[Shape, ...] = ()) -> str:
    said = (*of.attributes, *of.children, *of.content)
    return ";".join(sorted(spelt(one, (*seen, of)) for one in said))


def test_another_reading_of_the_dump_is_another_version() -> None:
    text = "\n".join(shape(shape_of(entity)) for entity in Entity)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert DECLARED.get(SCHEMA_VERSION) == digest, (
        "records are read otherwise: raise SCHEMA_VERSION, so that all are read again, and note "
        f"{SCHEMA_VERSION + 1}: {digest!r}"
    )


@EVERY
def test_every_plain_field_has_a_column(entity: Entity) -> None:
    keys = {column.key for column in table_of(entity, document=False).columns}
    lists = {table.key for table in table_of(entity, document=False).lists}
    objects = {key.partition(".")[0] for key in keys}
    assert {field.key for field in fields_of(RECORD_TYPES[entity].data)} <= objects | lists


@EVERY
def test_a_row_of_the_graph_has_what_is_declared(entity: Entity) -> None:
    row = make_row(entity, Record(id=1, fingerprint=2, data=FULL[entity]), 20260101)
    assert set(PROPERTIES[entity]) <= set(row["properties"])
    for edge in EDGES[entity]:
        assert {len(one) for one in row[edge.key]} == {1 + len(edge.properties)}, edge


def test_what_only_looks_like_an_id_is_told_apart() -> None:
    master = {said.key: said.value for said in shape_of(Entity.MASTER).children}
    assert master["year"] is Value.NUMBER
    assert master["main_release"] is Value.ID


class _Box(TypedDict, total=False):
    name: Annotated[str, Column("")]


class _Boxed(TypedDict, total=False):
    box: Annotated[_Box, Child()]


def test_what_no_walker_reads_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="box"):
        record_shape(RecordType(_Boxed, Attribute(), ""))
