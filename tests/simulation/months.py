"""Successive dumps as hypothesis draws them: changed, deleted and returning records, bad ones."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from common.entities import ID_LIMIT
from tests.simulation.dumps import Entry, Kind, Month, many

IDS = (*range(1, 17), 4_095, 4_096, 65_535, 65_536, 65_537, 200_000, ID_LIMIT - 1)
"""Few ids, in several ranges and blocks, on either side of their borders."""

FIRST_DATE = 20260101

KINDS = (Kind.GOOD, Kind.GOOD, Kind.GOOD, Kind.POISON, Kind.BROKEN, Kind.NAMELESS)
"""What an odd record may be."""


def _odd_entries() -> SearchStrategy[list[Entry]]:
    return st.lists(
        st.builds(Entry, st.sampled_from(IDS), st.integers(0, 2), st.sampled_from(KINDS)),
        max_size=4,
    )


@st.composite
def months(draw: DrawFn) -> list[Month]:
    """Return three or four dumps, the later of later dates; few records differ between them.

    Contents are 0, 1 or 2, so that a record often returns to what it was.
    """
    found = []
    for number in range(draw(st.integers(3, 4))):
        odd = draw(_odd_entries())
        first = draw(st.booleans())  # an odd record before or after the plain one of its id
        gone = draw(st.sets(st.sampled_from(IDS), max_size=3))
        plain = many(i for i in IDS if i not in gone)
        cut = draw(st.sampled_from((False, False, False, True)))
        entries = odd + plain if first else plain + odd
        found.append(Month(FIRST_DATE + number, tuple(entries), cut))
    return found
