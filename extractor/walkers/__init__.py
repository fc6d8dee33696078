"""From one parsed element to one plain record: a hand-written walker per entity.

A walker returns the record's id and data.  It counts in `Oddities` what it does not know, and
raises `BadRecordError` for a record that must not be loaded.
"""

from collections.abc import Callable

from common.entities import Entity
from common.records import RecordData
from extractor.walkers.artist import walk_artist
from extractor.walkers.fields import Element
from extractor.walkers.label import walk_label
from extractor.walkers.master import walk_master
from extractor.walkers.release import walk_release
from extractor.walkers.values import BadRecordError, Oddities

__all__ = ["WALKERS", "BadRecordError", "Element", "Oddities", "Walker"]

Walker = Callable[[Element, Oddities], tuple[int, RecordData]]

WALKERS: dict[Entity, Walker] = {
    Entity.ARTIST: walk_artist,
    Entity.LABEL: walk_label,
    Entity.MASTER: walk_master,
    Entity.RELEASE: walk_release,
}
