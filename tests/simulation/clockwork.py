"""An event loop in which time passes only when nothing is left to do, and then at once."""

import asyncio
from collections.abc import Callable
from typing import Any


class StillError(Exception):
    """Everything waits, and nothing will ever come."""


class Clockwork(asyncio.BaseEventLoop):
    """Runs the same way every time: no sockets, no threads, no clock but its own."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._selector = self

    def time(self) -> float:
        """Return the seconds that have passed in here."""
        return self._now

    def select(self, timeout: float | None) -> list[Any]:
        """Pass the time until the next timer."""
        if timeout is None:
            raise StillError
        self._now += timeout
        return []

    def run_in_executor(  # type: ignore[override] # threads would end in another order each time
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Call the function at once."""
        del executor
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is the caller's, whatever it is
            future.set_exception(error)
        return future

    def _process_events(self, event_list: list[Any]) -> None:
        """Do nothing: there are none."""

    def _write_to_self(self) -> None:
        """Do nothing: nobody wakes us from another thread."""
