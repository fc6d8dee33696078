"""``/masters/{id}/versions``: the releases of a master, filtered, sorted, and counted by facet."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import orjson

from common.entities import Entity
from common.records import Format, LabelCredit
from serving.discogs.addresses import Addresses
from serving.discogs.formats import all_words, description_line, media_of
from serving.discogs.items import STATS
from serving.discogs.release import ACCEPTED

FACETS = ("format", "label", "country", "released")
"""What versions are filtered by, in the order in which the answer counts them."""

Filters = Mapping[str, Sequence[str]]
"""By facet, the values of which one has to fit; case does not matter."""


@dataclass(frozen=True, slots=True)
class Version:
    """A release of a master."""

    id: int
    title: str
    country: str
    released: str
    year: int | None
    labels: Sequence[LabelCredit]
    formats: Sequence[Format]

    @property
    def label(self) -> str:
        """The names of its labels, each once."""
        return _once(one.get("name", "") for one in self.labels)

    @property
    def catno(self) -> str:
        """Its catalogue numbers, each once."""
        return _once(one.get("catno", "") for one in self.labels)

    @property
    def format(self) -> str:
        """How its media are described."""
        return description_line(self.formats)

    @property
    def year_text(self) -> str:
        """The year, or an empty text."""
        return str(self.year or "")

    def facet(self, name: str) -> list[str]:
        """Return the values that it is found by."""
        values: Mapping[str, Iterable[str]] = {
            "format": all_words(self.formats),
            "label": dict.fromkeys(one.get("name", "") for one in self.labels),
            "country": [self.country],
            "released": [self.year_text],
        }
        return [value for value in values[name] if value]


SORTS: Mapping[str, Callable[[Version], Any]] = {
    "released": lambda one: (one.year or 9999, one.released),
    "title": lambda one: one.title.casefold(),
    "format": lambda one: (media_of(one.formats), one.format),
    "label": lambda one: one.label.casefold(),
    "catno": lambda one: one.catno.casefold(),
    "country": lambda one: one.country.casefold(),
}
"""What versions are sorted by; those of unknown year stand last."""


def version_of(row: Mapping[str, Any]) -> Version:
    """Return the version that a row has."""
    return Version(
        row["id"],
        row["title"] or "",
        row["country"] or "",
        row["released"] or "",
        row["year"],
        orjson.loads(row["labels"]),
        orjson.loads(row["formats"]),
    )


def chosen(
    versions: Iterable[Version], filters: Filters, sort: str, *, descending: bool
) -> list[Version]:
    """Return the versions that fit every filter, in order; equal ones by their ids."""
    wanted = {name: {value.casefold() for value in values} for name, values in filters.items()}
    fitting = [one for one in versions if _fits(one, wanted)]
    return sorted(sorted(fitting, key=lambda one: one.id), key=SORTS[sort], reverse=descending)


def facets_of(versions: Sequence[Version], filters: Filters) -> dict[str, Any]:
    """Return how many versions there are of each format, label, country and year."""
    counted = {name: _counted(versions, name) for name in FACETS}
    applied = {name: list(values) for name, values in filters.items() if values}
    return {
        "filters": {"applied": applied, "available": counted},
        "filter_facets": [_facet(name, values) for name, values in counted.items()],
    }


def version_item(one: Version, addresses: Addresses) -> dict[str, Any]:
    """Return a version as it stands in the list; of its date the year, as at Discogs."""
    return {
        "id": one.id,
        "label": one.label,
        "country": one.country,
        "title": one.title,
        "major_formats": media_of(one.formats),
        "format": one.format,
        "catno": one.catno,
        "released": one.year_text,
        "status": ACCEPTED,
        "resource_url": addresses.resource(Entity.RELEASE, one.id),
        "thumb": "",
        "stats": STATS,
    }


def _fits(one: Version, wanted: Mapping[str, set[str]]) -> bool:
    return all(
        not values or values & {value.casefold() for value in one.facet(name)}
        for name, values in wanted.items()
    )


def _counted(versions: Iterable[Version], name: str) -> dict[str, int]:
    counts = Counter(value for one in versions for value in one.facet(name))
    return dict(sorted(counts.items(), key=lambda found: (-found[1], found[0])))


def _facet(name: str, counted: Mapping[str, int]) -> dict[str, Any]:
    values = [
        {"title": value, "value": quote_plus(value), "count": count}
        for value, count in counted.items()
    ]
    return {
        "title": name.capitalize(),
        "id": name,
        "values": values,
        "allows_multiple_values": True,
    }


def _once(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(word for word in words if word))
