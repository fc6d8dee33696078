"""Every operation tried on a place of values, and how long each took."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import perf_counter
from uuid import uuid4

from common.cache import Values
from common.cache.invalidation import drop_matching
from common.cache.keys import CATALOGUE, Keys
from common.errors import ServerError
from waxline.cache.operations import OPERATIONS, Operation, connect


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of an operation: it took so long, or ``wrong`` says why it does not work."""

    operation: str
    milliseconds: float
    wrong: str = ""


async def check_place(values: Values) -> AsyncIterator[Trial]:
    """Yield what becomes of each operation; of none but the first where that gets no answer.

    What it makes are keys that nobody else has, and it deletes them.
    """
    prefix = f"{CATALOGUE}:{uuid4().hex[:8]}"
    keys = Keys(prefix)
    connected = await _tried("connect", connect, values, keys)
    yield connected
    if connected.wrong:
        return
    for name, operation in OPERATIONS.items():
        yield await _tried(name, operation, values, keys)

    async def clean(values: Values, _keys: Keys) -> bool:
        return await drop_matching(values, f"{prefix}:*") > 0

    yield await _tried("clean up", clean, values, keys)


async def _tried(name: str, operation: Operation, values: Values, keys: Keys) -> Trial:
    began = perf_counter()
    try:
        right = await operation(values, keys)
    except ServerError as error:
        return Trial(name, 0.0, str(error))
    milliseconds = (perf_counter() - began) * 1000
    return Trial(name, milliseconds, "" if right else "it answers otherwise than it should")
