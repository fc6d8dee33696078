"""Numbers made of the dump's free text: a release's year, a track's seconds."""

import re

_DURATION = re.compile(r"(?:([0-9]{1,3}):(?=[0-9]+:))?([0-9]{1,5}):([0-9]{1,2})")


def year_of(released: str | None) -> int | None:
    """Return the year a date starts with, None where it does not.

    ``1999-03-00``, ``19990300`` and ``1999`` give 1999, ``1980s`` gives 1980.  ``200?``,
    years outside 1000 to 2999 and digits of other scripts give none.
    """
    if released is None:
        return None
    digits = released[:4]
    plausible = len(digits) == 4 and digits.isascii() and digits.isdigit() and digits[0] in "12"
    return int(digits) if plausible else None


def seconds_of(duration: str) -> int | None:
    """Return the seconds of ``M:SS``, ``MMM:SS``, ``3:5`` or ``H:MM:SS``, None of anything else.

    Minutes pass 59 only where no hours stand before them.
    """
    parts = _DURATION.fullmatch(duration.strip())
    if parts is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    if seconds > 59 or (parts[1] and minutes > 59):
        return None
    return (hours * 60 + minutes) * 60 + seconds
