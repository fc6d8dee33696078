"""Cuts blocks of a dump into whole records, on raw bytes and without parsing them.

Most of a dump is regular: one record after the other, and no other element of the record's
name.  That is for the cutter.  The rest (comments, CDATA, a record without an end) is cut by a
scanner that knows the few tokens of XML that can hide, open or close a record.  Where both apply
they give the same stems, and tests hold both against lxml's iterparse.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from common.entities import Entity
from common.errors import DumpError
from extractor.framing.cutter import choose_cutter, opening_of
from extractor.framing.prolog import find_root, may_be_misc, past_misc
from extractor.framing.raw_records import end_tag_of
from extractor.framing.scanner import Bad, Scanner
from extractor.framing.stems import PlainStems, Stems

_HEAD = 4096
_MOST_GIVEN_UP = 100
"""Times that records are left out for their length: each costs another look at the buffer."""


@dataclass(frozen=True, slots=True)
class BadStem:
    """A record that is not cut out: where it starts, its first bytes, and why.

    Unless it is ``whole`` its end is a guess, and there may be another record in it.
    """

    offset: int
    head: bytes
    reason: str
    whole: bool = False


@dataclass(slots=True)
class Cut:
    """What one block yields; its length counts good and bad records."""

    parts: list[Stems] = field(default_factory=list)
    bad: list[BadStem] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(map(len, self.parts)) + len(self.bad)

    def records(self) -> Iterator[tuple[int, bytes]]:
        """Yield the stems in order, each after its offset in the unpacked file."""
        for stems in self.parts:
            for place in range(len(stems)):
                yield stems.offset(place), stems[place]


class Splitter:
    """Feed it the blocks of one file in order, then `finish` it.

    Both raise `DumpError` when the file is no dump, or ends before its root does.
    """

    def __init__(self, entity: Entity, record_limit: int, *, compiled: bool = False) -> None:
        self._end_tag = end_tag_of(entity)
        self._entity = entity
        self._limit = record_limit
        self._longest = record_limit + len(self._end_tag)
        self._excess = f"longer than {record_limit} bytes"
        self._cutter = choose_cutter(entity, record_limit, compiled=compiled)
        self._scanner = Scanner(entity, b"\n" + opening_of(entity))
        self._tail = b""
        self._offset = 0  # of the tail's first byte, in the unpacked file
        self._in_root = False
        self._closed = False
        self._skipping = False
        self._given_up = 0

    def feed(self, block: bytes) -> Cut:
        """Return the records that end in this block."""
        cut = Cut()
        self._tail += block
        if not self._in_root and not self._enter_root():
            return cut
        if self._skipping and not self._skip_to_end_tag():
            return cut
        if not self._closed and not self._cut_regular(cut):
            while self._cut_by_tokens(cut):
                pass
        if self._closed:
            self._pass_over_misc()
        return cut

    def finish(self) -> None:
        """Check that the root was closed, and that nothing is left."""
        if not self._in_root:
            raise DumpError(
                "it is empty" if not self._tail else f"it has no <{self._entity.plural}> element"
            )
        if not self._closed:
            raise DumpError(
                f"it is cut short: it ends at byte {self._offset + len(self._tail)} "
                f"before </{self._entity.plural}>"
            )
        if self._tail:
            self._refuse_more()

    def _enter_root(self) -> bool:
        root = find_root(self._tail, self._entity)
        if root is None:
            return False
        self._drop(root[0])
        self._in_root = True
        self._closed = root[1]
        return True

    def _drop(self, length: int) -> None:
        self._tail = self._tail[length:]
        self._offset += length

    def _skip_to_end_tag(self) -> bool:
        end = self._tail.find(self._end_tag)
        if end < 0:
            self._drop(max(0, len(self._tail) - len(self._end_tag)))
            return False
        self._drop(end + len(self._end_tag))
        self._skipping = False
        return True

    def _pass_over_misc(self) -> None:
        """Go on to what is behind the root and must not be there, or may be cut off here."""
        self._drop(past_misc(self._tail))
        if not may_be_misc(self._tail) or self._outgrown(self._tail):
            self._refuse_more()

    def _refuse_more(self) -> None:
        raise DumpError(
            f"after </{self._entity.plural}> there is more, at byte {self._offset}: "
            f"{self._tail[:40]!r}"
        )

    def _cut_regular(self, cut: Cut) -> bool:
        """Cut what is regular; False when something else, or the root's end, follows."""
        stems, done, unfinished = self._cutter.cut(self._tail, self._offset)
        cut.parts.append(stems)
        self._drop(done)
        return unfinished and not self._outgrown(self._tail)

    def _outgrown(self, tail: bytes) -> bool:
        return len(tail) > self._longest

    def _cut_by_tokens(self, cut: Cut) -> bool:
        """Cut all records that end in the buffer; True when there may be more."""
        buffer = self._tail
        scan = self._scanner.scan(buffer)
        stems, offsets = [], []
        for begin, end in scan.records:
            if end - begin > self._limit:
                cut.bad.append(self._bad(Bad(begin, end, self._excess, whole=True)))
                continue
            stems.append(buffer[begin:end])
            offsets.append(self._offset + begin)
        cut.parts.append(PlainStems(self._entity, stems, offsets))
        cut.bad.extend(self._bad(bad) for bad in scan.bad)
        if scan.refused:
            raise DumpError(f"at byte {self._offset + scan.done} {scan.refused}")
        self._closed = scan.closed
        done = len(buffer) - len(buffer[scan.done :].lstrip())
        self._drop(done)
        if self._closed or not self._outgrown(self._tail):
            return False
        return self._give_up(cut, [begin - done for begin in scan.open])

    def _bad(self, bad: Bad) -> BadStem:
        head = self._tail[bad.begin : min(bad.end, bad.begin + _HEAD)]
        return BadStem(self._offset + bad.begin, head, bad.reason, bad.whole)

    def _give_up(self, cut: Cut, unfinished: list[int]) -> bool:
        """Leave out what outgrows the limit; True when something follows it in the buffer."""
        tail = self._tail
        self._given_up += 1
        if self._given_up > _MOST_GIVEN_UP:
            raise DumpError(
                f"at byte {self._offset} there is once more a record {self._excess} or without "
                f"an end, after {_MOST_GIVEN_UP} of them"
            )
        endless = {begin for begin in unfinished if len(tail) - begin > self._longest}
        bad = self._scanner.without_end(tail, 0, len(tail), endless, self._excess)
        cut.bad.extend(map(self._bad, bad))
        if bad[-1].end < len(tail):
            self._drop(bad[-1].end)
            return True
        self._drop(bad[-1].begin)
        self._skipping = True
        return self._skip_to_end_tag()
