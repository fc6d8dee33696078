"""Selects, among the records of a block, those whose content the sinks may not have."""

from dataclasses import dataclass, field
from typing import NamedTuple

import xxhash

from common.entities import Entity
from common.messages import SCHEMA_VERSION
from common.store.protocol import BLOCK_SIZE
from extractor.fingerprints import Fingerprints
from extractor.identify import Identifier
from extractor.presence import Presence
from extractor.splitter import Cut
from extractor.walkers import BadRecordError

_BLOCK_SHIFT = BLOCK_SIZE.bit_length() - 1
_BLOCK_MASK = BLOCK_SIZE - 1


class RawRecord(NamedTuple):
    """A record to be parsed: ``fingerprint`` unsigned, ``offset`` in bytes of the XML."""

    id: int
    fingerprint: int
    offset: int
    stem: bytes


class BadRecord(NamedTuple):
    """A record left out; ``id`` is None when it could not be read."""

    id: int | None
    offset: int
    raw: bytes
    reason: str


@dataclass(slots=True)
class Selected:
    """What becomes of a block's records: each is in exactly one of the three."""

    changed: list[RawRecord] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    unchanged: int = 0


class Selector:
    """Compares records with the fingerprints held, and notes all ids in ``presence``."""

    def __init__(
        self,
        entity: Entity,
        end_tag: bytes,
        fingerprints: Fingerprints,
        *,
        compiled: bool = False,
    ) -> None:
        self.presence = Presence()
        self._identifier = Identifier(entity, end_tag, compiled=compiled)
        self._fingerprints = fingerprints

    async def select(self, cut: Cut) -> Selected:
        """Sort a block's records into unchanged, changed and bad ones."""
        selected = Selected()
        for bad in cut.bad:
            self._leave_out(bad.offset, bad.head, bad.reason, selected)
            self.presence.hold_deletions |= not bad.whole
        ids = self._identify(cut, selected)
        blocks = await self._fingerprints.load({record_id >> _BLOCK_SHIFT for record_id in ids})
        current = -1
        for record_id, offset, stem in zip(ids, cut.offsets, cut.stems, strict=True):
            if not record_id:
                continue
            fingerprint = fingerprint_of(stem)
            if record_id >> _BLOCK_SHIFT != current:
                current = record_id >> _BLOCK_SHIFT
                held = blocks[current]
                presence = self.presence.block(current)
                seen = presence.seen
            place = record_id & _BLOCK_MASK
            byte, bit = place >> 3, 1 << (place & 7)
            if seen[byte] & bit:
                again = RawRecord(record_id, fingerprint, offset, stem)
                self._meet_again(again, held[place], selected)
                continue
            seen[byte] |= bit
            presence.count += 1
            presence.total += fingerprint
            if held[place] == fingerprint:
                selected.unchanged += 1
            else:
                selected.changed.append(RawRecord(record_id, fingerprint, offset, stem))
                self._fingerprints.expect(record_id, fingerprint)
        return selected

    def quarantine(self, record: RawRecord) -> None:
        """Take back a record counted as good: it does not parse."""
        self.presence.quarantine(record.id, record.fingerprint)
        self._fingerprints.give_up(record.id)

    def _identify(self, cut: Cut, selected: Selected) -> list[int]:
        """Return the ids in order, 0 for a record whose id cannot be read."""
        ids = self._identifier.glance_all(cut.stems)
        if not all(ids):
            for place, (offset, stem) in enumerate(zip(cut.offsets, cut.stems, strict=True)):
                if not ids[place]:
                    ids[place] = self._ask(offset, stem, selected)
        return ids

    def _ask(self, offset: int, stem: bytes, selected: Selected) -> int:
        try:
            return self._identifier.identify(stem)
        except BadRecordError as error:
            self._leave_out(offset, stem, str(error), selected)
            return 0

    def _leave_out(self, offset: int, raw: bytes, reason: str, selected: Selected) -> None:
        record_id = self._identifier.glance(raw)
        selected.bad.append(BadRecord(record_id, offset, raw, reason))
        if record_id is None:
            self.presence.hold_deletions = True
        else:
            self.presence.note_bad(record_id)

    def _meet_again(self, record: RawRecord, held: int, selected: Selected) -> None:
        """Settle a second record of an id: the first one counts, whatever it was."""
        first = self._fingerprints.on_the_way(record.id) or held
        if record.id not in self.presence.quarantined and first == record.fingerprint:
            selected.unchanged += 1
            return
        reason = f"the id {record.id} again, with other content: the first one counts"
        selected.bad.append(BadRecord(record.id, record.offset, record.stem, reason))


def fingerprint_of(stem: bytes) -> int:
    """Return the unsigned fingerprint of a record's bytes; never 0, which means absent."""
    return xxhash.xxh3_64_intdigest(stem, SCHEMA_VERSION) or 1
