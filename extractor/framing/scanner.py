"""Finds the records in a buffer by the tokens of XML that can hide, open or close one."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from common.entities import Entity

MOST_BAD = 100_000
"""Bad records in one buffer: a dump has no room there for so many of any kind."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A record without a proper start or end: what there is of it, and why it is bad.

    Unless it is ``whole`` its end is a guess, and there may be another record in it.
    """

    begin: int
    end: int
    reason: str
    whole: bool = False


@dataclass(slots=True)
class Scan:
    """What a buffer holds: ``records`` as (start, start of the end tag).

    ``done`` is how far the scan got: behind the last record, bad or not, or the root's end.
    ``open`` are the starts of the elements that have not ended, a record first.
    ``refused`` says what is wrong at ``done``, if the file cannot be read on.
    """

    records: list[tuple[int, int]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    done: int = 0
    closed: bool = False
    refused: str = ""


class Scanner:
    """Scans buffers that begin between two records.

    ``line_start`` is how a record begins in every dump seen; it is trusted only to find the
    next record after one that has no end.
    """

    def __init__(self, entity: Entity, line_start: bytes) -> None:
        self._tokens = _token_pattern(entity.value.encode(), entity.plural.encode())
        self._begun = re.compile(b"<" + entity.value.encode() + rb"[\s/>]")
        self._line_start = line_start

    def scan(self, buffer: bytes) -> Scan:
        """Return all records that end in the buffer."""
        scan = Scan()
        endless: AbstractSet[int] = frozenset()
        position = stop = 0
        while token := self._tokens.search(buffer, position):
            position = token.end()
            kind, begin = token.lastgroup, token.start()
            if kind == "unfinished":
                _look_at_unfinished(scan, buffer, begin)
                break
            if kind == "root" and scan.open:
                endless, stop, begin = frozenset(scan.open), begin, scan.open[0]
            elif scan.open:
                _within_a_record(scan, token)
            elif not _between_records(scan, buffer, token, self._begun):
                break
            if begin in endless:
                scan.bad += self.without_end(buffer, begin, stop, endless, "it has no end tag")
                position = scan.done = scan.bad[-1].end
                scan.open = []
            if scan.closed:
                break
        return scan

    def without_end(
        self, buffer: bytes, begin: int, stop: int, endless: AbstractSet[int], reason: str
    ) -> list[Bad]:
        """Return a record that has no end before ``stop``, and those that follow it at once.

        What follows is what begins a line; it has no end either if it is one of ``endless``.
        To find that out by another look at all that follows would take a time quadratic in it.
        """
        found: list[Bad] = []
        while len(found) <= MOST_BAD:
            following = buffer.find(self._line_start, begin + 1, stop)
            end = stop if following < 0 else following + 1
            found.append(Bad(begin, end, reason))
            if end not in endless:
                break
            begin = end
        return found


def _within_a_record(scan: Scan, token: re.Match[bytes]) -> None:
    """Note what opens or closes in a record, and the record when it ends."""
    if token.lastgroup == "open":
        scan.open.append(token.start())
    elif token.lastgroup == "close":
        begin = scan.open.pop()
        if not scan.open:
            scan.records.append((begin, token.start()))
            scan.done = token.end()


def _between_records(
    scan: Scan, buffer: bytes, token: re.Match[bytes], begun: re.Pattern[bytes]
) -> bool:
    """Settle a token met outside of any record; False when the file cannot be read on."""
    gap = buffer[scan.done : token.start()].lstrip()
    begin = token.start() - len(gap)
    if token.lastgroup == "close":
        scan.bad.append(Bad(begin, token.end(), "its end tag has no start tag"))
    elif begun.match(gap):
        scan.bad.append(Bad(begin, token.start(), "its start tag has no end"))
        scan.done = token.start()  # or it would be met again while what follows has no end
    elif gap:
        scan.refused = f"there is something between two records: {gap[:40]!r}"
    elif len(scan.bad) > MOST_BAD:
        scan.refused = f"there have been more than {MOST_BAD} bad records on end"
    if scan.refused:
        return False
    if token.lastgroup == "empty":
        scan.bad.append(Bad(token.start(), token.end(), "it is empty", whole=True))
    if token.lastgroup == "open":
        scan.open.append(token.start())
    else:
        scan.done = token.end()
    scan.closed = token.lastgroup == "root"
    return True


def _look_at_unfinished(scan: Scan, buffer: bytes, start: int) -> None:
    if buffer.startswith(b"<!DOCTYPE", start):
        scan.refused = "there is a DOCTYPE, which no dump has"


def _token_pattern(name: bytes, root: bytes) -> re.Pattern[bytes]:
    # A value has no "<", so that one without its closing quote does not reach into others; nor
    # does a tag without its end reach into the next, or each of many would be read to the last.
    other = rb"<(?!/?(?:" + name + rb"|" + root + rb")[\s/>])"
    attributes = rb"(?:[^\"'<>]|" + other + rb"|\"[^\"<]*\"|'[^'<]*')*"
    return re.compile(
        rb"(?P<hidden><!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>)"
        rb"|(?P<unfinished><[!?])"
        rb"|(?P<close></" + name + rb"\s*>)"
        rb"|(?P<root></" + root + rb"\s*>)"
        rb"|(?P<empty><" + name + rb"(?=[\s/])" + attributes + rb"/>)"
        rb"|(?P<open><" + name + rb"(?=[\s>])" + attributes + rb">)",
        re.DOTALL,
    )
