"""Where answers that depend on many records are cached: by what is asked, in any order."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

from common.cache.keys import DerivedPlace, Kind, Place, digest_of

Placing = Callable[[Scope, str], Place | None]
"""Tells the place of an answer by its request and the generation; None: it is not cached."""

CREDENTIALS = frozenset({"key", "secret", "token"})
"""Parameters that say who asks, and not what."""


def by_question(kind: Kind) -> Placing:
    """Return what places answers by path and query."""

    def placed(scope: Scope, generation: str) -> Place:
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        said = urlencode(sorted(one for one in asked if one[0] not in CREDENTIALS))
        return DerivedPlace(kind, generation, digest_of(f"{scope['path']}?{said}"))

    return placed
