"""Finds the records in a buffer by the tokens of XML that can hide, open or close one."""

import re
from dataclasses import dataclass, field

from common.entities import Entity


@dataclass(frozen=True, slots=True)
class Bad:
    """A record without a proper start or end."""

    begin: int
    reason: str


@dataclass(slots=True)
class Scan:
    """What a buffer holds: ``records`` as (start, start of the end tag).

    ``done`` is how far the scan got: behind the last record, bad or not, or the root's end.
    ``refused`` says what is wrong there, if the file cannot be read on.
    """

    records: list[tuple[int, int]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
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
        self._line_start = line_start

    def scan(self, buffer: bytes) -> Scan:
        """Return all records that end in the buffer."""
        scan = Scan()
        begin = depth = position = 0
        while token := self._tokens.search(buffer, position):
            position = token.end()
            kind = token.lastgroup
            if kind == "unfinished":
                _look_at_unfinished(scan, buffer, token.start())
                break
            if depth == 0:
                if not _between_records(scan, buffer, token):
                    break
                begin = token.start()
                depth = int(kind == "open")
            elif kind == "open":
                depth += 1
            elif kind == "close":
                depth -= 1
                if depth == 0:
                    scan.records.append((begin, token.start()))
                    scan.done = position
            elif kind == "root":
                position = self._resume(scan, buffer, begin, token)
                depth = 0
            if scan.closed:
                break
        return scan

    def _resume(self, scan: Scan, buffer: bytes, begin: int, root: re.Match[bytes]) -> int:
        """Leave out a record that runs into the root's end; return where to go on."""
        scan.bad.append(Bad(begin, "it has no end tag"))
        following = buffer.find(self._line_start, begin + 1, root.start())
        scan.done = root.start() if following < 0 else following + 1
        return scan.done


def _between_records(scan: Scan, buffer: bytes, token: re.Match[bytes]) -> bool:
    """Settle a token met outside of any record; False when the file cannot be read on."""
    gap = buffer[scan.done : token.start()].lstrip()
    if token.lastgroup == "close":
        scan.bad.append(Bad(token.start() - len(gap), "its end tag has no start tag"))
    elif gap:
        scan.refused = f"there is something between two records: {gap[:40]!r}"
        return False
    if token.lastgroup == "empty":
        scan.bad.append(Bad(token.start(), "it is empty"))
    if token.lastgroup != "open":
        scan.done = token.end()
    scan.closed = token.lastgroup == "root"
    return True


def _look_at_unfinished(scan: Scan, buffer: bytes, start: int) -> None:
    if buffer.startswith(b"<!DOCTYPE", start):
        scan.refused = "there is a DOCTYPE, which no dump has"


def _token_pattern(name: bytes, root: bytes) -> re.Pattern[bytes]:
    # A value has no "<", so that one without its closing quote does not reach into others.
    attributes = rb"(?:[^\"'>]|\"[^\"<]*\"|'[^'<]*')*"
    return re.compile(
        rb"(?P<hidden><!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>)"
        rb"|(?P<unfinished><[!?])"
        rb"|(?P<close></" + name + rb"\s*>)"
        rb"|(?P<root></" + root + rb"\s*>)"
        rb"|(?P<empty><" + name + rb"(?=[\s/])" + attributes + rb"/>)"
        rb"|(?P<open><" + name + rb"(?=[\s>])" + attributes + rb">)",
        re.DOTALL,
    )
