"""The steps of a search: numbers, words, beginnings of words, words corrected."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import attrgetter

import asyncpg
import orjson

from common.entities import Entity
from common.postgres.database import Database, Session
from serving.answers import AsOf
from serving.search.correcting import corrected
from serving.search.hits import KINDS, Cursor, Found, Hit, Place, Step
from serving.search.query import NOTHING_ELSE, Query, barcodes_of, digits_of, id_of
from serving.search.statements import SQL, ranked

FEW = 5
"""Fewer hits, and the next step is tried."""

_STEP_SECONDS = 1.0
_LETTERS_TO_GO_BY = 3  # a word's beginning: shorter ones are those of too many words
_BEFORE_ALL = -99  # in place of how popular it is: before names that match as well


class Search:
    """Finds records by what somebody asks.

    Each step has a deadline of its own.  Where the first does not keep it `TransientError` is
    raised; of the others, what was found before is the answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, query: Query, limit: int, after: Cursor | None = None, skip: int = 0
    ) -> Found:
        """Return ``limit`` hits: the first, or those after a page or after some to ``skip``."""
        page = _Page(limit + skip, after.place if after else None)
        async with self._database.session() as session:
            states = await _states(session, query)
            if after:
                found = await _again(session, query, page, after.step)
            else:
                found = await _first(session, query, page)
            numbers = await _numbers(session, query)
        return replace(_merged(found, numbers, page, skip), as_of=states)

    async def suggest(self, query: Query, limit: int) -> Found:
        """Return hits whose name, or a word of theirs, begins as somebody is typing it."""
        begins = len(query.words.split()[-1]) >= _LETTERS_TO_GO_BY
        async with self._database.session() as session:
            states = await _states(session, query)
            found = await _ranked(session, query, "beginning", _Page(limit), begins=begins)
        return replace(found, hits=found.hits[:limit], as_of=states)


@dataclass(frozen=True, slots=True)
class _Page:
    """How many hits, and after which place; one more is asked for, to know whether there is any."""

    limit: int
    after: Place | None = None


async def _ranked(
    session: Session, query: Query, source: str, page: _Page, *, begins: bool = False
) -> Found:
    """Ask each kind of record, and put the hits in one order."""
    hits: list[Hit] = []
    total = 0
    filtered = query.filters != NOTHING_ELSE
    for entity in query.asked_of:
        rows = await session.fetch(
            ranked(entity, source, filtered=filtered),
            *(query.words, query.name, begins, query.filters, page.limit + 1, page.after),
            timeout=_STEP_SECONDS,
        )
        hits.extend(_hit(entity, row) for row in rows if row["id"] is not None)
        total += rows[0]["total"]
    hits.sort(key=attrgetter("place"))
    return Found(tuple(hits), total)


async def _first(session: Session, query: Query, page: _Page) -> Found:
    """Try step after step while there are few hits, none of which is called as was asked.

    Where anything is found, each of the words is some record's: there is nothing to correct.
    """
    found = await _ranked(session, query, query.source, page)
    if query.source != "words" or found.total >= FEW or _is_named(found):
        return found
    with suppress(TimeoutError):
        begun = await _again(session, query, page, Step.BEGINNING)
        if begun.total:
            return begun if begun.total > found.total else found
        return await _again(session, query, page, Step.CORRECTED)
    return found


def _is_named(found: Found) -> bool:
    return bool(found.hits) and found.hits[0].place[0] == 0


async def _again(session: Session, query: Query, page: _Page, step: Step) -> Found:
    """Take one step alone."""
    if step is Step.WORDS:
        return await _ranked(session, query, query.source, page)
    if step is Step.BEGINNING:
        return replace(await _ranked(session, query, "words", page, begins=True), step=step)
    text = await corrected(session, query)
    if not text:
        return Found((), 0)
    found = await _ranked(session, replace(query, text=text), "words", page)
    return replace(found, step=step, corrected=text)


async def _states(session: Session, query: Query) -> tuple[AsOf, ...]:
    """Return what the answer is made of at least; read before it is."""
    rows = await session.fetch(SQL("states"), list(query.asked_of), timeout=_STEP_SECONDS)
    return tuple(AsOf(Entity(row["entity"]), row["dump"], row["sequence"]) for row in rows)


async def _numbers(session: Session, query: Query) -> list[Hit]:
    """Return what digits name: a barcode, a catalogue number, an id."""
    digits = digits_of(query.text)
    if not digits or query.filters != NOTHING_ELSE:
        return []
    given = (barcodes_of(digits), query.text.strip(), id_of(digits))
    rows = await session.fetch(SQL("numbers"), *given, timeout=_STEP_SECONDS)
    hits = {(row["entity"], row["id"]): row for row in reversed(rows)}
    return [_number(row) for row in hits.values() if row["entity"] in query.asked_of]


def _merged(found: Found, numbers: Sequence[Hit], page: _Page, skip: int) -> Found:
    named = {(hit.entity, hit.id) for hit in numbers}
    others = [hit for hit in found.hits if (hit.entity, hit.id) not in named]
    later = [hit for hit in numbers if page.after is None or hit.place > page.after]
    hits = sorted((*later, *others), key=attrgetter("place"))
    more = len(hits) > page.limit
    return replace(
        found,
        hits=tuple(hits[skip : page.limit]),
        total=max(found.total, len(others) + len(numbers)),
        after=Cursor(found.step, hits[page.limit - 1].place) if more else None,
    )


def _hit(entity: Entity, row: asyncpg.Record) -> Hit:
    place = (row["place"], -row["popularity"], row["apart"], KINDS[entity], row["id"])
    shown = {key: value for key, value in orjson.loads(row["shown"]).items() if value is not None}
    return Hit(entity, row["id"], row["name"] or "", place, shown)


def _number(row: asyncpg.Record) -> Hit:
    entity = Entity(row["entity"])
    place = (row["place"], _BEFORE_ALL, 0, KINDS[entity], row["id"])
    return Hit(entity, row["id"], row["name"] or "", place, {})
