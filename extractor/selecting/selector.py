"""Selects, among the records of a block, those whose content the sinks may not have."""

from dataclasses import dataclass, field
from typing import NamedTuple

from common.entities import Entity
from common.store.protocol import BLOCK_SIZE
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.framing.splitter import Cut
from extractor.framing.stems import Stems
from extractor.selecting.fingerprints import Fingerprints
from extractor.selecting.identifier import Identifier
from extractor.selecting.presence import Presence
from extractor.walkers import BadRecordError


class BadRecord(NamedTuple):
    """A record left out; ``id`` is None when it could not be read."""

    id: int | None
    offset: int
    raw: bytes
    reason: str


@dataclass(slots=True)
class Selected:
    """What becomes of a block's records: each is in exactly one of the three."""

    changed: list[RawRecords] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    unchanged: int = 0


class Selector:
    """Compares records with the fingerprints held, and notes all ids in ``presence``."""

    def __init__(self, entity: Entity, fingerprints: Fingerprints) -> None:
        self.presence = Presence()
        self._identifier = Identifier(entity)
        self._fingerprints = fingerprints

    async def select(self, cut: Cut) -> Selected:
        """Sort a block's records into unchanged, changed and bad ones."""
        selected = Selected()
        for bad in cut.bad:
            self._leave_out(bad.offset, bad.head, bad.reason, selected)
            self.presence.hold_deletions |= not bad.whole
        for stems in cut.parts:
            await self._select(stems, selected)
        return selected

    def quarantine(self, record_id: int, fingerprint: int) -> None:
        """Take back a record counted as good: it does not parse."""
        self.presence.quarantine(record_id, fingerprint)
        self._fingerprints.give_up(record_id)

    async def _select(self, stems: Stems, selected: Selected) -> None:
        for place in stems.doubtful():
            stems.set_id(place, self._ask(stems.offset(place), stems[place], selected))
        held = await self._fingerprints.load(stems.blocks())
        unchanged, changed, again = stems.compare(held, self.presence.part)
        selected.unchanged += unchanged
        if changed:
            selected.changed.append(changed)
        for place, record_id, fingerprint in again:
            number, within = divmod(record_id, BLOCK_SIZE)
            record = RawRecord(record_id, fingerprint, stems.offset(place), stems[place])
            self._meet_again(record, held[number].first(within), selected)

    def _ask(self, offset: int, stem: bytes, selected: Selected) -> int:
        try:
            return self._identifier.identify(stem)
        except BadRecordError as error:
            self._leave_out(offset, stem, str(error), selected)
            return 0

    def _leave_out(self, offset: int, raw: bytes, reason: str, selected: Selected) -> None:
        record_id = self._identifier.glance(raw)
        selected.bad.append(BadRecord(record_id, offset, raw, reason))
        self.presence.note_bad(record_id)

    def _meet_again(self, record: RawRecord, first: int, selected: Selected) -> None:
        """Settle a second record of an id: the first one counts, whatever it was."""
        if record.id not in self.presence.quarantined and first == record.fingerprint:
            selected.unchanged += 1
            return
        self.presence.note_bad(record.id)
        reason = f"the id {record.id} again, with other content: the first one counts"
        selected.bad.append(BadRecord(record.id, record.offset, record.stem, reason))
