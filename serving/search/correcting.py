"""Words misspelt are corrected by the loader's vocabulary; pg_trgm finds what is like them."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.entities import Entity
from common.postgres.database import Session
from serving.search.query import Query
from serving.search.statements import SQL

_STEP_SECONDS = 0.5
_SHORTEST = 4  # letters: a shorter word is like too many


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that is like the one asked, and how many records have it."""

    word: str
    records: int
    likeness: float


async def corrected(session: Session, query: Query) -> str:
    """Return the query's text with words that no record has corrected, or an empty text.

    Raises `TimeoutError` where that takes too long.
    """
    words = query.text.split()
    asked = [await session.fetchval(SQL("words"), word) for word in words]
    folded = {one for some in asked for one in some if len(one) >= _SHORTEST and one.isalpha()}
    unknown = folded - await _known(session, query.asked_of, folded)
    better = {word: await _better(session, query.asked_of, word) for word in sorted(unknown)}
    changed = [_replaced(word, some, better) for word, some in zip(words, asked, strict=True)]
    return " ".join(changed) if changed != words else ""


def _replaced(word: str, folded: Sequence[str], better: dict[str, str]) -> str:
    """Return a word as it stands, or its parts with those that are misspelt corrected."""
    if not any(better.get(one) for one in folded):
        return word
    return " ".join(better.get(one) or one for one in folded)


async def _known(session: Session, entities: Sequence[Entity], words: set[str]) -> set[str]:
    known: set[str] = set()
    for entity in entities:
        rows = await session.fetch(SQL("knows", entity), list(words), timeout=_STEP_SECONDS)
        known.update(row["word"] for row in rows)
    return known


async def _better(session: Session, entities: Sequence[Entity], word: str) -> str:
    found: list[Candidate] = []
    for entity in entities:
        if await session.fetchval(SQL("can_correct", entity)):
            rows = await session.fetch(SQL("similar", entity), word, timeout=_STEP_SECONDS)
            found.extend(Candidate(**row) for row in rows)
    return best_of(word, found)


def best_of(word: str, found: Sequence[Candidate]) -> str:
    """Return the word with the fewest changes, of those the likest, then the most frequent."""
    near = [(distance(word, one.word), -one.likeness, -one.records, one.word) for one in found]
    return min((one for one in near if one[0] <= max(1, len(word) // 3)), default=(0, 0, 0, ""))[3]


def distance(one: str, other: str) -> int:
    """Return how many letters are to be put in, left out, changed or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        last, before, row = before, row, [n]
        for m, wanted in enumerate(other, 1):
            least = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != wanted))
            if n > 1 and m > 1 and (letter, one[n - 2]) == (other[m - 2], wanted):
                least = min(least, last[m - 2] + 1)
            row.append(least)
    return row[-1]
