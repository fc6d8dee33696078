"""Search on many titles, beside a trigram scan of all of them: ``python -m benchmarks.searching``.

A catalogue of releases is put into PostgreSQL as the loader would, and the loader builds its
indexes.  Then each kind of question is asked by turns with the scan that it is there to avoid: the
ratio is what counts, the milliseconds are this machine's.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import accumulate, islice
from pathlib import Path
from statistics import median

from benchmarks.options import CACHE
from benchmarks.servers import POSTGRES, started
from common.entities import Entity
from common.logs import configure_logs
from common.postgres.database import Database
from config.settings import load_settings
from generator.syllables import LATIN
from loaders.postgres import PostgresSink
from serving.search.query import Query
from serving.search.search import Search

_WORDS = 60_000
_ARTISTS = 50_000
_RELEASES_OF_A_MASTER = 6
_AT_ONCE = 20_000
_LIMIT = 50
_LABELS = 5_000
_WARM = 8  # questions that do not count: a session plans a statement five times
_RELEASES = (Entity.RELEASE,)

_SCAN = (
    "SELECT id, title FROM discogs.release WHERE title % $1 "
    "ORDER BY similarity(title, $1) DESC, id LIMIT 50"
)

Ask = Callable[[str], Awaitable[object]]


@dataclass
class Kind:
    """A kind of question: how it is asked, what, its goal in ms, and how many ms each took."""

    name: str
    ask: Ask
    questions: Sequence[str]
    goal: float = 0
    took: list[float] = field(default_factory=list)

    async def once(self, number: int) -> None:
        """Ask one of its questions."""
        began = time.perf_counter()
        await self.ask(self.questions[number % len(self.questions)])
        self.took.append((time.perf_counter() - began) * 1_000)

    def told(self, scan: float) -> dict[str, float]:
        """Return what was found, beside the median of the scan."""
        ordered = sorted(self.took)
        return {
            "asked": len(ordered),
            "median_ms": round(median(ordered), 2),
            "p95_ms": round(ordered[int(len(ordered) * 0.95)], 2),
            "goal_ms": self.goal,
            "of_the_scan": round(median(ordered) / scan, 4),
        }


class Titles:
    """Made-up titles: words as frequent as words are, so that some are in very many."""

    def __init__(self, seed: int, count: int) -> None:
        self._random = random.Random(seed)
        self._words = sorted({self._word() for _ in range(min(_WORDS, count))})
        self._random.shuffle(self._words)
        self._weights = list(accumulate(1 / (n + 10) for n in range(len(self._words))))
        self.made = [self._title() for _ in range(count)]

    @property
    def frequent(self) -> list[str]:
        """The most frequent words."""
        return self._words[:20]

    def some(self, count: int) -> list[str]:
        """Return some titles of at least two words."""
        long = self._random.sample(self.made, min(4 * count, len(self.made)))
        return [title for title in long if " " in title][:count]

    def _title(self) -> str:
        many = self._random.randint(1, 5)
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=many))

    def _word(self) -> str:
        return "".join(self._random.choices(LATIN, k=self._random.randint(2, 4)))


def misspelt(title: str) -> str:
    """Return a title with two letters of its longest word in each other's place."""
    word = max(title.split(), key=len)
    middle = len(word) // 2
    wrong = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    return title.replace(word, wrong, 1)


async def fill(database: Database, titles: Sequence[str]) -> None:
    """Put releases of these titles into the loader's tables, with an artist and a label each."""
    async with database.session() as session:
        numbered = enumerate(titles, 1)
        while some := list(islice(numbered, _AT_ONCE)):
            masters = [(n, 20260101, n, title, n // _RELEASES_OF_A_MASTER) for n, title in some]
            artists = [(n, 1, n % _ARTISTS, f"artist {n % _ARTISTS}") for n, _ in some]
            labels = [(n, 1, n % _LABELS, f"label {n % _LABELS}", f"CAT {n}") for n, _ in some]
            for table, columns, rows in (
                ("release", ("id", "dump", "fingerprint", "title", "master_id"), masters),
                ("release_artist", ("release_id", "sequence", "artist_id", "name"), artists),
                ("release_label", ("release_id", "sequence", "label_id", "name", "catno"), labels),
            ):
                await session.copy_records_to_table(
                    table, schema_name="discogs", columns=columns, records=rows
                )


@asynccontextmanager
async def catalogue(url: str, titles: Sequence[str]) -> AsyncIterator[Database]:
    """Have sessions that read a catalogue of these titles."""
    settings = load_settings(postgres_url=url)
    sink = PostgresSink(settings.sink("postgres"))
    writing = Database(settings.server("postgres"), 1)
    reading = Database(settings.server("reading"), 1, kept=True)
    async with AsyncExitStack() as stack:
        for one in (sink, writing, reading):
            stack.push_async_callback(one.close)
            await one.open()
        await fill(writing, titles)
        await sink.content.prepare(Entity.RELEASE)
        yield reading


def kinds(database: Database, titles: Titles, asked: int) -> list[Kind]:
    """Return the kinds of questions, the scan first."""
    search, some = Search(database), titles.some(asked)

    async def scan(text: str) -> None:
        async with database.session() as session:
            await session.fetch(_SCAN, text)

    async def find(text: str) -> None:
        await search.find(Query(text=text, entities=_RELEASES), _LIMIT)

    async def suggest(text: str) -> None:
        await search.suggest(Query(text=text, entities=_RELEASES), 10)

    return [
        Kind("scan: title % text", scan, [misspelt(title) for title in some]),
        Kind("words", find, some, 5),
        Kind("a frequent word", find, titles.frequent, 0),
        Kind("beginnings", suggest, [title[: len(title) * 2 // 3] for title in some], 5),
        Kind("corrected", find, [misspelt(title) for title in some], 30),
    ]


async def measure(url: str, count: int, asked: int) -> dict[str, dict[str, float]]:
    """Ask all kinds of questions by turns; return what each took."""
    titles = Titles(1, count)
    async with catalogue(url, titles.made) as database:
        every = kinds(database, titles, asked)
        for number in range(-_WARM, asked):
            for kind in every:
                await kind.once(number)
    for kind in every:
        del kind.took[:_WARM]
    scan = median(every[0].took)
    return {kind.name: kind.told(scan) for kind in every}


def main() -> int:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searching")
    parser.add_argument("--titles", type=int, default=600_000)
    parser.add_argument("--asked", type=int, default=40, help="questions of each kind")
    parser.add_argument("--json", type=Path, help="file for the results")
    given = parser.parse_args()
    configure_logs("benchmarks", "error")
    with started(POSTGRES, CACHE) as servers:
        found = asyncio.run(measure(servers.urls["postgres"], given.titles, given.asked))
    for name, told in found.items():
        print(f"{name:20}", *(f"{key} {value:<9}" for key, value in told.items()))
    if given.json:
        given.json.write_text(json.dumps({"titles": given.titles, "found": found}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
