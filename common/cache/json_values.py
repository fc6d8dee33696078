"""Documents among values, as JSON; what cannot be read counts as absent."""

from typing import Any

import orjson

from common.cache.protocol import Values


async def read_json(values: Values, key: str) -> Any:
    """Return a document, None when there is none."""
    return decoded(await values.get(key))


async def write_json(values: Values, key: str, document: object, seconds: float) -> None:
    """Replace a document; raise `TypeError` for what JSON has not."""
    await values.set(key, orjson.dumps(document), seconds)


def decoded(value: bytes | None) -> Any:
    """Return the document that a value is, None when it is none."""
    try:
        return None if value is None else orjson.loads(value)
    except ValueError:
        return None
