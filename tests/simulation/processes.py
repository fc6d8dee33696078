"""Processes that a simulation can freeze and kill at any call they make to a server."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from random import Random
from typing import Any, TypeVar

from common.errors import TransientError

T = TypeVar("T")

_UNTOUCHED = frozenset(("open", "close", "receive", "subscribe"))
_NEVER_FAIL = frozenset(("ack", "reject", "identity"))


class Fault(Enum):
    """What happens to a process at a call."""

    DIE = auto()
    FREEZE = auto()
    FAIL = auto()
    STALL = auto()  # this one call waits, the process goes on


_ORDER = (Fault.DIE, Fault.FREEZE, Fault.FAIL, Fault.STALL)


class Moment(Enum):
    """When it happens: before the server has heard, or before we hear that it has."""

    BEFORE = auto()
    AFTER = auto()


@dataclass(eq=False)
class Trap:
    """A fault at the ``countdown``-th call from now, of those of this name or of any."""

    fault: Fault
    moment: Moment
    call: str = ""
    countdown: int = 1

    def springs(self, call: str, moment: Moment) -> bool:
        """Count a call, and tell whether this is the one."""
        if moment is self.moment and self.call in ("", call):
            self.countdown -= 1
        return self.countdown == 0


class Process:
    """What a process has beside its code: its pace, and an end."""

    def __init__(self, name: str, chance: Random, pace: float) -> None:
        self.name = name
        self.pace = pace
        self.traps: list[Trap] = []
        self.dead = False
        self._chance = chance
        self._running = asyncio.Event()
        self._running.set()
        self._released = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None

    @property
    def frozen(self) -> bool:
        """Whether it waits to be thawed."""
        return not self._running.is_set()

    def start(self, work: "asyncio.Task[Any]") -> None:
        """Note the task that ends with the process."""
        self._task = work

    def freeze(self) -> None:
        """Let no call through until `thaw`."""
        self._running.clear()

    def thaw(self) -> None:
        """Go on, stalled calls too."""
        self._running.set()
        self._released.set()
        self._released = asyncio.Event()

    def kill(self) -> None:
        """End at once: whatever still runs gets nothing out."""
        self.dead = True
        self.traps = []
        self.thaw()
        if self._task:
            self._task.cancel()

    async def call(self, name: str, effect: Callable[[], Awaitable[T]]) -> T:
        """Have an effect on a server, late, or never, or without hearing of it."""
        await self._reach(name, Moment.BEFORE)
        result = await effect()
        await self._reach(name, Moment.AFTER)
        return result

    async def _reach(self, name: str, moment: Moment) -> None:
        if self.dead:
            raise asyncio.CancelledError
        late = self._chance.random()
        if late > 0.7:
            await asyncio.sleep(self.pace * late)
        elif late > 0.3:
            await asyncio.sleep(0)
        sprung = [trap for trap in self.traps if trap.springs(name, moment)]
        self.traps = [trap for trap in self.traps if trap not in sprung]
        # A stall comes last and once: nothing may be left to happen when the process is thawed.
        for fault in sorted({trap.fault for trap in sprung}, key=_ORDER.index):
            await self._spring(fault, name)
        await self._running.wait()
        if self.dead:
            raise asyncio.CancelledError

    async def _spring(self, fault: Fault, name: str) -> None:
        if fault is Fault.DIE:
            self.kill()
        elif fault is Fault.FREEZE:
            self.freeze()
        elif fault is Fault.STALL:
            await self._released.wait()
        elif name not in _NEVER_FAIL:
            raise TransientError(f"simulated: {name}")


class Link:
    """A server's interface as one process has it."""

    def __init__(self, target: object, process: Process) -> None:
        self._target = target
        self._process = process

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._target, name)
        if name in _UNTOUCHED or not inspect.iscoroutinefunction(attribute):
            return attribute

        async def call(*arguments: Any, **named: Any) -> Any:
            return await self._process.call(name, partial(attribute, *arguments, **named))

        self.__dict__[name] = call  # the next look-up ends there
        return call
