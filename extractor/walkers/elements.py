"""lxml's parser, set up so that a dump can do nothing but be read."""

from typing import Any, TypeAlias

from lxml import etree

Element: TypeAlias = Any
"""An lxml element (lxml-stubs types text and attributes too loosely to be of use here)."""


class BadRecordError(ValueError):
    """The record cannot be loaded; its text is the reason."""


def make_parser() -> etree.XMLParser:
    """Return a parser without entities, network, DTD, huge trees or recovery.

    Comments and processing instructions are left out, so that text is not split by them.
    """
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


def parse_one(raw: bytes, parser: etree.XMLParser | None = None) -> Element:
    """Parse one record; raise `BadRecordError` when it is not well-formed."""
    try:
        return etree.fromstring(raw, parser or make_parser())
    except etree.XMLSyntaxError as error:
        raise BadRecordError(f"not well-formed: {error}") from error


def parse_group(text: bytes, count: int, parser: etree.XMLParser) -> Element | None:
    """Parse the elements of ``count`` records under one root; None when any of them spoils it.

    The splitter gives balanced records, so a group that is well-formed as a whole is so
    record by record.
    """
    try:
        root = etree.fromstring(b"<_>" + text + b"</_>", parser)
    except etree.XMLSyntaxError:
        return None
    return root if len(root) == count else None
