"""A server that is gone is not waited for again and again."""

from collections.abc import Callable
from time import monotonic

FAILURES = 3
PAUSE_SECONDS = 1.0


class Breaker:
    """Opens after some calls without an answer in a row; then one call a second tries.

    So a dead server costs the deadline of one call each second, and not of each call.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._next_try = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the server counts as gone."""
        return self._failures >= FAILURES

    def lets_through(self) -> bool:
        """Tell whether a call may be made now; of an open breaker's, one in a while."""
        if not self.is_open:
            return True
        if self._clock() < self._next_try:
            return False
        self._next_try = self._clock() + PAUSE_SECONDS
        return True

    def succeeded(self) -> None:
        """Note an answer, whatever it was."""
        self._failures = 0

    def failed(self) -> None:
        """Note that none came."""
        self._failures += 1
        if self.is_open:
            self._next_try = self._clock() + PAUSE_SECONDS
