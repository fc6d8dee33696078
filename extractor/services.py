"""What a run works with: connections, parse processes, and how it is to be made."""

from dataclasses import dataclass
from pathlib import Path

from common.broker import Broker
from common.store import Store
from extractor.parsing.pool import ParsePool


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How runs are made.

    ``content`` names the options in force that say what the ``sinks`` hold of a record.  A record
    of more than ``record_limit`` bytes is quarantined, below ``data_folder``.  A group is parsed
    at once; the window is of groups parsed or unconfirmed.
    """

    sinks: tuple[str, ...]
    content: str
    data_folder: Path
    record_limit: int
    group_bytes: int
    publish_window: int
    compiled: bool
    allow_older: bool
    allow_deletions: bool


@dataclass(frozen=True, slots=True)
class Services:
    """Connections and parse processes, and the options of the runs that use them."""

    broker: Broker
    store: Store
    pool: ParsePool
    options: RunOptions
