"""Two transactions that wait for each other, on any server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

T = TypeVar("T")

DEADLINE = 60.0


async def deadlock(
    transaction: Callable[[], AbstractAsyncContextManager[T]],
    touch: Callable[[T, int], Awaitable[object]],
) -> list[BaseException]:
    """Let two transactions touch 1 and 2 crosswise; return the errors that they end with."""
    both = asyncio.Barrier(2)

    async def lock(*numbers: int) -> None:
        async with transaction() as given:
            for number in numbers:
                await touch(given, number)
                if number == numbers[0]:
                    await both.wait()

    async with asyncio.timeout(DEADLINE):
        ends = await asyncio.gather(lock(1, 2), lock(2, 1), return_exceptions=True)
    return [end for end in ends if end]
