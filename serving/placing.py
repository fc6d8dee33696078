"""Where answers that depend on many records are cached: by what is asked, in any order."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

from common.cache.keys import DerivedPlace, Kind, Place, digest_of
from serving.sending import header_of

Placing = Callable[[Scope, str], Place | None]
"""Tells the place of an answer by its request and the generation; None: it is not cached."""

_CREDENTIALS = frozenset({"key", "secret", "token"})
"""Parameters that say who asks, and not what."""


def by_question(kind: Kind, *, of_host: bool = False) -> Placing:
    """Return what places answers by path and query; ``of_host`` where they have addresses."""

    def placed(scope: Scope, generation: str) -> Place:
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        said = urlencode(sorted(one for one in asked if one[0] not in _CREDENTIALS))
        host = f"{scope['scheme']}://{header_of(scope, b'host')}" if of_host else ""
        return DerivedPlace(kind, generation, digest_of(f"{host}{scope['path']}?{said}"))

    return placed
