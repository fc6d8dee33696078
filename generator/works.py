"""What a master and its releases share: title, artists, genres, styles, year."""

from dataclasses import dataclass

from common.entities import Entity
from common.records import Credit
from generator import facts
from generator.catalogue import Catalogue, Draft
from generator.credits import performers
from generator.randomness import Purpose

VARIOUS_SHARE = 0.1


@dataclass(frozen=True)
class Work:
    """A work in one edition or many; ``year`` is 0 where nobody knows it."""

    title: str
    artists: list[Credit]
    genres: list[str]
    styles: list[str]
    year: int
    various: bool


def work(draft: Draft) -> Work:
    """Draw a work; a tenth of all are by Various, who has no record."""
    various = draft.chance(VARIOUS_SHARE)
    return Work(
        title=draft.title(),
        artists=[_various()] if various else performers(draft, draft.pick(facts.RELEASE_ARTISTS)),
        genres=draft.some(facts.GENRES, draft.pick(facts.GENRE_COUNTS)),
        styles=draft.some(facts.STYLES, draft.pick(facts.STYLE_COUNTS)),
        year=2026 - draft.low(80) if draft.chance(0.96) else 0,
        various=various,
    )


def _various() -> Credit:
    number, name = facts.VARIOUS
    return {"id": number, "name": name}


def master_work(catalogue: Catalogue, slot: int) -> Work:
    """Draw the work of a master, the same for the master and for each of its releases."""
    return work(catalogue.draft(Purpose.WORK, Entity.MASTER, slot))
