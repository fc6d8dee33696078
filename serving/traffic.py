"""What was answered: counted for the metrics, and told in the log where that is wanted."""

from collections import Counter

import structlog
from starlette.types import Scope

from serving.answers import Answer

log = structlog.get_logger()


class Traffic:
    """Counts answers by status; with a log, each is an event."""

    def __init__(self, *, logged: bool) -> None:
        self.statuses: Counter[int] = Counter()
        self._logged = logged

    def note(self, scope: Scope, answer: Answer, seconds: float) -> None:
        """Note an answer that was given, and in how many seconds."""
        self.statuses[answer.status] += 1
        if self._logged:
            log.info(
                "answered",
                method=scope["method"],
                path=scope["path"],
                status=answer.status,
                bytes=len(answer.body),
                ms=round(seconds * 1000, 2),
            )
