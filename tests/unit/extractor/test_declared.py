"""A field that is declared is read by both walkers; nothing else has to be told of it."""

from array import array
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, TypedDict

import orjson
import pytest

from common.records.declaring import Attribute, Child, Content, Id, RecordType, ZeroIsNone
from common.records.shape import Shape, Value, record_shape
from extractor.walkers import COMPILED, GroupWalkers, Oddities
from extractor.walkers.elements import make_parser, parse_group, parse_one
from extractor.walkers.records import record_walker


class Link(TypedDict, total=False):
    number: Annotated[Id, Attribute()]
    label: Annotated[str, Content()]


class Part(TypedDict, total=False):
    kind: Annotated[str, Attribute()]
    count: Annotated[int, Attribute()]
    of: Annotated[Id, Attribute()]
    weight: Annotated[int, Child("grams")]
    parts: Annotated[list["Part"], Child(item="part", keeps_empty=True)]


class Thing(TypedDict, total=False):
    code: Annotated[str, Attribute()]
    title: Annotated[str, Child("name")]
    sold: Annotated[bool, Child()]
    size: Annotated[int, Child()]
    year: Annotated[int, ZeroIsNone()]
    owner: Annotated[Id, Child()]
    lent: Annotated[bool, Attribute(of="owner")]
    words: Annotated[list[str], Child(item="word")]
    maker: Annotated[Link, Child()]
    makers: Annotated[list[Link], Child(item="maker")]
    parts: Annotated[list[Part], Child(item="part")]


SHAPE = record_shape(RecordType(Thing, Attribute(), "Things."))
Walk = Callable[[str], Any]


@pytest.fixture(params=["python", "compiled"])
def walk(request: pytest.FixtureRequest) -> Walk:
    """Return what reads a thing's data, by each of the walkers."""
    return _python if request.param == "python" else _compiled(request)


def _python(raw: str) -> Any:
    odd = Oddities()
    number, data = record_walker("thing", SHAPE)(parse_one(raw.encode()), odd)
    assert (number, odd) == (7, {})
    return data


def _compiled(request: pytest.FixtureRequest) -> Walk:
    request.getfixturevalue("regular_walkers")
    encode = import_module(COMPILED).Walker("thing", SHAPE)

    def read(raw: str) -> Any:
        root = parse_group(raw.encode(), 1, make_parser())
        text, _, declined = encode(root, array("q", [7]), array("Q", [5]))
        assert not declined
        return orjson.loads(text.removesuffix(b","))["data"]

    return read


def _values(shape: Shape, known: tuple[Shape, ...] = ()) -> set[Value]:
    said = [*shape.attributes, *shape.children, *shape.content]
    inner = (one.shape for one in said if one.shape and one.shape not in known)
    return {one.value for one in said}.union(*(_values(one, (*known, one)) for one in inner))


def test_a_thing_has_whatever_can_be_declared() -> None:
    assert _values(SHAPE) == set(Value)


def test_all_that_is_declared_is_read_in_its_order(walk: Walk) -> None:
    found = walk(
        '<thing id="7" code="c"><owner lent="false">9</owner><name>n</name><sold>false</sold>'
        "<size>0</size><year>1999</year><words><word>a</word><word/><word>b</word></words>"
        '<maker number="1">m</maker><makers><number>2</number><maker>x</maker>'
        '<maker number="3">y</maker></makers><parts><part kind="k" count="0" of="4">'
        "<grams>5</grams><parts><part/></parts></part><part/></parts></thing>"
    )
    assert list(found.items()) == [
        ("code", "c"),
        ("title", "n"),
        ("sold", False),
        ("size", 0),
        ("year", 1999),
        ("words", ["a", "b"]),
        ("maker", {"number": 1, "label": "m"}),
        ("makers", [{"number": 2, "label": "x"}, {"number": 3, "label": "y"}]),
        ("parts", [{"kind": "k", "count": 0, "of": 4, "weight": 5, "parts": [{}]}]),
        ("owner", 9),
        ("lent", False),
    ]


def test_what_is_empty_or_none_is_left_out(walk: Walk) -> None:
    assert (
        walk(
            '<thing id="7" code=""><owner lent="">0</owner><name/><sold/><size/><year>0</year>'
            '<words><word/></words><maker number="0"/><makers><maker/></makers>'
            '<parts><part kind=""><grams/><parts/></part></parts></thing>'
        )
        == {}
    )


def test_the_compiled_walker_refuses_more_than_it_has_bits_for(
    regular_walkers: GroupWalkers,
) -> None:
    assert regular_walkers
    many = Shape(children=SHAPE.children * 9)
    with pytest.raises(ValueError, match="more than 64"):
        import_module(COMPILED).Walker("thing", many)
