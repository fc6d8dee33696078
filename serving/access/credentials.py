"""Which key a request comes with, in any of the forms that clients of Discogs have."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl

from serving.access.keys import PREFIX

_PAIR = re.compile(r'(\w+)="?([^",\s]*)"?')
_NAMES = ("token", "secret", "key")
"""``token=…``, or ``key=…, secret=…``: where there are several, ours is told by its beginning."""

Header = Iterable[tuple[bytes, bytes]]
"""Names in lower case, as ASGI has them."""


def key_of(headers: Header, query: bytes) -> str:
    """Return a request's key of ours, else an empty text.

    A token of Discogs' own, which a client sends that has only been given another address, is none.
    """
    for name, value in headers:
        if name == b"authorization" and (found := _ours(_authorized(value.decode("latin-1")))):
            return found
    if b"token=" in query or b"secret=" in query or b"key=" in query:
        pairs = parse_qsl(query.decode("latin-1"))
        return _ours(value for name, value in pairs if name in _NAMES)
    return ""


def _authorized(header: str) -> Iterator[str]:
    """Yield what may be a key: ``Discogs token=…``, ``Discogs key=…, secret=…``, ``Bearer …``."""
    scheme, _, rest = header.partition(" ")
    match scheme.lower():
        case "bearer":
            yield rest.strip()
        case "discogs":
            yield from (value for name, value in _PAIR.findall(rest) if name.lower() in _NAMES)


def _ours(values: Iterable[str]) -> str:
    return next((value for value in values if value.startswith(PREFIX)), "")
