"""How far runs and jobs are, for whoever asks often: half a minute old at most."""

from collections.abc import Callable, Mapping
from time import time
from typing import Any

import orjson

from common.cache.json_values import decoded, read_json, write_json
from common.cache.keys import Keys, Kind
from common.cache.protocol import Values
from common.cache.scripts import REPLACE_IF, milliseconds
from common.errors import TransientError

_ATTEMPTS = 20
"""To change the list of what is active, which others change too."""


class ProgressCache:
    """Progress by the name of a run or job; methods raise `TransientError` when the place is gone.

    ``clock`` gives seconds since 1970.
    """

    def __init__(self, values: Values, keys: Keys, clock: Callable[[], float] = time) -> None:
        self._values = values
        self._keys = keys
        self._clock = clock

    async def put(self, name: str, progress: Mapping[str, Any]) -> None:
        """Replace the progress of something, and count it as active."""
        key = self._keys.of(Kind.PROGRESS, name)
        await write_json(self._values, key, dict(progress), Kind.PROGRESS.seconds)
        now = self._clock()
        if now - (await self._active()).get(name, 0.0) > Kind.PROGRESS.seconds:
            await self._change({name: now})

    async def get(self, name: str) -> dict[str, Any] | None:
        """Return the progress of something, None when nothing was heard of it lately."""
        found = await read_json(self._values, self._keys.of(Kind.PROGRESS, name))
        return found if isinstance(found, dict) else None

    async def end(self, name: str) -> None:
        """Count something as active no more; what it came to can be read for a while."""
        await self._change({name: None})

    async def active(self) -> list[str]:
        """Return the names of what is active, in order, and was heard of in the last hour."""
        return sorted(await self._active())

    async def _active(self) -> dict[str, float]:
        return self._swept(await self._values.get(self._keys.of(Kind.ACTIVE)))

    def _swept(self, value: bytes | None) -> dict[str, float]:
        held = decoded(value)
        oldest = self._clock() - Kind.ACTIVE.seconds
        times = held.items() if isinstance(held, dict) else ()
        return {name: at for name, at in times if isinstance(at, int | float) and at > oldest}

    async def _change(self, heard: Mapping[str, float | None]) -> None:
        key = self._keys.of(Kind.ACTIVE)
        for _ in range(_ATTEMPTS):
            before = await self._values.get(key)
            merged = {**self._swept(before), **heard}
            after = orjson.dumps({name: at for name, at in merged.items() if at is not None})
            arguments = (before or b"", after, milliseconds(Kind.ACTIVE.seconds))
            if await self._values.run(REPLACE_IF, [key], arguments) == 1:
                return
        raise TransientError("the list of what is active changes too often")
