"""Every key of the caches and how long it lives, in one place.

Of the catalogue: ``wx:<8 of the sink's identity>:…``, so that another database finds nothing of the
one before.  Of people and of what runs: ``<namespace>:…``, which outlives a database.
"""

import hashlib
import random
import re
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from common.entities import Entity

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

CATALOGUE = "wx"
"""What every key of a catalogue begins with."""

SPREAD = 0.1
"""Times to live differ by so much: what was filled together does not run out together."""


class Kind(Enum):
    """What is kept: the word in its keys, and its time to live in seconds."""

    # Of the catalogue
    RECORD = "d", _DAY
    ABSENT = "n", _MINUTE
    """The answer that a record is not there; it stands at the record's key."""
    TOMBSTONE = "t", 2 * _MINUTE
    """Longer than the deadlines of a statement and of a fill together."""
    STATE = "e", 90 * _DAY
    """How far an entity's entries follow the change feed."""
    SEARCH = "q", 10 * _MINUTE
    LIST = "l", 5 * _MINUTE
    SIMILAR = "s", _HOUR
    SIMILAR_MADE_AHEAD = "m", 7 * _DAY
    PAGE = "h", 5 * _MINUTE
    """Home, statistics, discover."""
    # Of people and programs
    API_KEY = "key", 5 * _MINUTE
    SESSION = "session", _DAY
    REFRESH = "refresh", 30 * _DAY
    FAMILY = "family", 30 * _DAY
    """The sessions that follow from one login."""
    PROFILE = "profile", 15 * _MINUTE
    PREFERENCES = "prefs", 12 * _HOUR
    RATE = "rate", 2 * _MINUTE
    """A window of one minute; two are kept."""
    LOCK = "lock", 30
    FENCE = "fence", 30 * _DAY
    RECENT = "recent", 30 * _DAY
    STAR = "star", _DAY
    SYNC = "sync", 30 * _DAY
    EXPORT = "export", 30 * _DAY
    # Of what runs
    HITS = "hits", _DAY
    PROGRESS = "progress", 30
    ACTIVE = "active", _HOUR
    STATISTICS = "stats", _MINUTE

    def __init__(self, word: str, seconds: int) -> None:
        self.word = word
        self.seconds = seconds

    @property
    def title(self) -> str:
        """What it is called in a table, and by ``--kind``."""
        return self.name.lower().replace("_", "-")


OF_THE_CATALOGUE = tuple(Kind)[: tuple(Kind).index(Kind.API_KEY)]

DERIVED = (Kind.SEARCH, Kind.LIST, Kind.SIMILAR, Kind.SIMILAR_MADE_AHEAD, Kind.PAGE)
"""Kinds of answers that depend on more than one record."""

Form = Literal["v1", "discogs"]
FORMS: tuple[Form, ...] = ("v1", "discogs")
"""The forms that a record is answered in; dropped, all of them go."""


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where the answer of one record stands."""

    entity: Entity
    id: int
    form: Form

    @property
    def kind(self) -> Kind:
        """What it is counted as."""
        return Kind.RECORD


@dataclass(frozen=True, slots=True)
class DerivedPlace:
    """Where an answer stands that depends on more than one record.

    ``generation`` is a word that changes when such answers are to be made anew; ``digest`` tells
    one answer of a kind from another, as `digest_of` makes it.
    """

    kind: Kind
    generation: str
    digest: str


Place = RecordPlace | DerivedPlace


class CatalogueKeys:
    """The keys of what one database's catalogue was asked."""

    def __init__(self, identity: str) -> None:
        self._prefix = f"{CATALOGUE}:{identity[:8]}"

    def of(self, place: Place) -> str:
        """Return the key of an answer."""
        if isinstance(place, RecordPlace):
            return self.record(place.entity, place.id, place.form)
        return f"{self._prefix}:{place.generation}:{place.kind.word}:{place.digest}"

    def record(self, entity: Entity, record_id: int, form: Form) -> str:
        """Return the key of a record's answer."""
        return f"{self._prefix}:{Kind.RECORD.word}:{entity.value}:{record_id}:{form}"

    def tombstone(self, entity: Entity, record_id: int) -> str:
        """Return the key of the sequence at which a record was dropped."""
        return f"{self._prefix}:{Kind.TOMBSTONE.word}:{entity.value}:{record_id}"

    def state(self, entity: Entity) -> str:
        """Return the key of how far an entity's entries follow the change feed."""
        return f"{self._prefix}:{Kind.STATE.word}:{entity.value}"


class Keys:
    """The keys of people's sessions and limits, and of what runs.

    Where a key is of a person, `digest_of` that one comes first.
    """

    def __init__(self, namespace: str) -> None:
        self._prefix = namespace

    def of(self, kind: Kind, *parts: str) -> str:
        """Return a key."""
        return ":".join((self._prefix, kind.word, *parts))

    def pattern(self, kind: Kind, *parts: str) -> str:
        """Return the pattern of the keys that begin with these parts."""
        return f"{literal(self.of(kind, *parts))}:*"

    def pattern_of(self, person: str) -> str:
        """Return the pattern of all keys of a person, whose word comes after the kind's."""
        return f"{literal(self._prefix)}:*:{digest_of(person)}*"


def catalogue_pattern(kind: Kind) -> str:
    """Return the pattern of the keys of a kind, of every database's catalogue."""
    generation = "*:" if kind in DERIVED else ""
    return f"{CATALOGUE}:????????:{generation}{kind.word}:*"


def literal(text: str) -> str:
    """Return text as a glob that matches it alone."""
    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)


def digest_of(text: str | bytes) -> str:
    """Return what stands for a text in a key: 32 hexadecimal digits."""
    data = text.encode() if isinstance(text, str) else text
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def lifetime(seconds: float) -> float:
    """Return a time to live, spread."""
    return seconds * random.uniform(1 - SPREAD, 1 + SPREAD)
