"""What a process has counted: what it answered, and how often each layer had the answer."""

from collections.abc import Sequence

from common.cache.statistics import Hits, Share
from serving.traffic import Traffic


class Statistics:
    """The counts of this process, since its start."""

    def __init__(self, hits: Hits, traffic: Traffic) -> None:
        self.traffic = traffic
        self._hits = hits

    def shares(self) -> Sequence[Share]:
        """Return hits and questions, by layer and kind."""
        return sorted(self._hits.shares())
