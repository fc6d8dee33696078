"""Elements with something odd in them: what no dump has had, or only once."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeAlias

from hypothesis import strategies as st
from lxml import etree

from common.entities import Entity
from tests.unit.extractor.elements import elements

Change: TypeAlias = Callable[[st.DrawFn, Any], None]
"""Makes one element of a record odd."""

TEXTS = st.sampled_from(
    (
        "",
        "0",
        "7",
        "007",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "999999999",
        "2147483647",
        "2147483648",
        "0000000001",
        "00000000001",
        "9" * 40,
        "\uff11",
        "true",
        "True",
        'quote " backslash \\ slash /',
        "tab\tline\nreturn\r",
        "\x7f\x85\u00a0\u2028\ufffd",
        "caf\u00e9 \u4e2d\u6587 \U0001f3b5",
        "&amp; <b> ]]>",
        "x" * 5_000,
        '"' * 5_000,
        "1234567\n",
        "12345678\\",
    )
)
NAMES = st.sampled_from(
    ("new", "id", "name", "artist", "artists", "track", "sub_tracks", "label", "image", "i", "url")
)
ATTRIBUTES = st.sampled_from(
    ("new", "id", "name", "status", "catno", "embed", "width", "{urn:x}id", "{urn:x}new")
)


def _add_child(draw: st.DrawFn, element: Any) -> None:
    child = etree.Element(draw(NAMES))
    child.text, child.tail = draw(TEXTS), draw(st.sampled_from((None, "tail")))
    element.insert(draw(st.integers(0, len(element))), child)


def _add_attribute(draw: st.DrawFn, element: Any) -> None:
    element.set(draw(ATTRIBUTES), draw(TEXTS))


def _set_text(draw: st.DrawFn, element: Any) -> None:
    element.text = draw(TEXTS)


def _set_tail(draw: st.DrawFn, element: Any) -> None:
    if element.getparent() is not None:
        element.tail = draw(st.sampled_from((" \t\n", "\u00a0", "between")))


def _double_with_other_text(draw: st.DrawFn, element: Any) -> None:
    if (parent := element.getparent()) is not None:
        other = deepcopy(element)
        other.text = draw(TEXTS)
        parent.append(other)


def _set_cdata(draw: st.DrawFn, element: Any) -> None:
    element.text = etree.CDATA(draw(TEXTS.filter(lambda text: "]]>" not in text)))


def _change_attributes(draw: st.DrawFn, element: Any) -> None:
    for name in element.attrib:
        element.set(name, draw(TEXTS))


def _split_text(draw: st.DrawFn, element: Any) -> None:
    """Put a comment or an instruction, which the parser leaves out, into the text."""
    between = draw(st.sampled_from((etree.Comment("c"), etree.PI("p", "q"))))
    between.tail = draw(TEXTS)
    element.insert(0, between)


def _double(draw: st.DrawFn, element: Any) -> None:
    if (parent := element.getparent()) is not None:
        parent.insert(draw(st.integers(0, len(parent))), deepcopy(element))


def _remove(draw: st.DrawFn, element: Any) -> None:  # noqa: ARG001
    if (parent := element.getparent()) is not None:
        parent.remove(element)


def _rename(draw: st.DrawFn, element: Any) -> None:
    if element.getparent() is not None:
        element.tag = draw(st.one_of(NAMES, st.just("{urn:x}name")))


def _clear_attributes(draw: st.DrawFn, element: Any) -> None:  # noqa: ARG001
    element.attrib.clear()


def _nest(draw: st.DrawFn, element: Any) -> None:
    for _ in range(draw(st.integers(1, 10))):
        element = etree.SubElement(etree.SubElement(element, "sub_tracks"), "track")
    element.text = "deep"


CHANGES: tuple[Change, ...] = (
    _add_child,
    _add_attribute,
    _set_text,
    _set_tail,
    _set_cdata,
    _change_attributes,
    _split_text,
    _double,
    _double_with_other_text,
    _remove,
    _rename,
    _clear_attributes,
    _nest,
)


@st.composite
def odd_elements(draw: st.DrawFn, entity: Entity, number: int) -> str:
    """Draw one element of an entity, with up to three odd things in it."""
    root: Any = etree.fromstring(draw(elements(entity, st.just(number))))
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=3)):
        change(draw, draw(st.sampled_from(list(root.iter("*")))))
    root.tail = None
    if not len(root) and not root.text:
        root.text = "\n"
    return etree.tostring(root, encoding="unicode")
