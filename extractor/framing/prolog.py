"""The start of a dump: what may come before the first record, and what is refused."""

import re

from common.entities import Entity
from common.errors import DumpError

PROLOG_LIMIT = 65_536
"""Bytes within which the root element must begin."""

_FEWEST = 4  # bytes by which a byte order mark and UTF-16 are told
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"\s*<\?xml\s.*?\?>", re.DOTALL)
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_READABLE = frozenset((b"utf-8", b"utf8", b"us-ascii", b"ascii"))
_MISC = re.compile(rb"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_MISC_BEGUN = (b"<!--", b"<?")
# Atomic: without a ">" in the block, giving back would take a time quadratic in its size.  Not
# possessive, which up to Python 3.11.4 goes wrong with such groups.
_ROOT = re.compile(rb"<((?>[^\s/>!?]+))((?>(?:[^\"'>]|\"[^\"]*\"|'[^']*')*))>")


def find_root(head: bytes, entity: Entity) -> tuple[int, bool] | None:
    """Return where the root's start tag ends and whether it is empty (``<releases/>``).

    None means that more bytes are needed.  Raises `DumpError` for anything that is not the
    dump of this entity.
    """
    if len(head) < _FEWEST:
        return None
    _refuse_other_bytes(head)
    start = len(_BYTE_ORDER_MARK) if head.startswith(_BYTE_ORDER_MARK) else 0
    if declaration := _DECLARATION.match(head, start):
        _check_encoding(declaration[0])
        start = declaration.end()
    start = past_misc(head, start)
    root = _ROOT.match(head, start)
    if root:
        _check_root(root[1], root[2], entity)
        return root.end(), root[2].endswith(b"/")
    if head.startswith(b"<!DOCTYPE", start):
        raise DumpError("it has a DOCTYPE, which no dump has: refused, entities are not resolved")
    if len(head) >= PROLOG_LIMIT:
        raise DumpError(f"it does not begin with <{entity.plural}>")
    return None


def past_misc(text: bytes, start: int = 0) -> int:
    """Return where white space, comments and processing instructions end, as XML allows them
    before and behind the root."""
    misc = _MISC.match(text, start)
    return misc.end() if misc else start


def may_be_misc(text: bytes) -> bool:
    """Tell whether this is, or may become, the begin of a comment or of an instruction."""
    return any(begun.startswith(text[: len(begun)]) for begun in _MISC_BEGUN)


def _refuse_other_bytes(head: bytes) -> None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        raise DumpError("it is encoded in UTF-16; a dump is UTF-8")
    if head.startswith(b"\x1f\x8b"):
        raise DumpError("it is compressed twice")
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if text and not text.startswith(b"<"):
        raise DumpError(f"it is not XML: it begins with {text[:40]!r}")


def _check_encoding(declaration: bytes) -> None:
    encoding = _ENCODING.search(declaration)
    if encoding and encoding[1].lower() not in _READABLE:
        raise DumpError(
            f"it declares the encoding {encoding[1].decode('ascii', 'replace')}; a dump is UTF-8"
        )


def _check_root(name: bytes, attributes: bytes, entity: Entity) -> None:
    if name != entity.plural.encode():
        raise DumpError(
            f"its root element is <{name.decode('utf-8', 'replace')}>, "
            f"not <{entity.plural}>: it is no dump of {entity.plural}"
        )
    if b"xmlns" in attributes:
        raise DumpError("its root element has a namespace, which no dump has")
