"""The rows of releases."""

from collections.abc import Iterator
from itertools import count
from xml.etree.ElementTree import Element

from tests.oracle.rows import TableRow, linked, numbered, people, quality, shared_rows
from tests.oracle.values import (
    Fields,
    attribute,
    credits_of,
    kept,
    labels_of,
    reference,
    seconds,
    text,
    texts,
    truth,
    year,
)


def release_rows(release: Element, own: Fields) -> Iterator[TableRow]:
    """Yield a release's rows."""
    yield "release", own | quality(release) | _own_columns(release)
    key = {"release_id": own["id"]}
    yield from shared_rows("release", release, key)
    yield from numbered("release_credit", key, people(credits_of(release, "extraartists")))
    labels = linked("label", labels_of(release, "labels/label"))
    yield from numbered("release_label", key, labels)
    series = linked("series", labels_of(release, "series/series"))
    yield from numbered("release_series", key, series)
    yield from numbered("release_format", key, _formats(release))
    yield from numbered("release_identifier", key, _identifiers(release))
    yield from numbered("release_company", key, _companies(release))
    yield from _track_rows(release, key)


def _own_columns(release: Element) -> Fields:
    master = release.find("master_id")
    said = None if master is None else master.get("is_main_release")
    columns: Fields = {
        name: text(release, name) for name in ("title", "country", "released", "notes")
    }
    return columns | {
        "status": attribute(release, "status"),
        "year": year(columns["released"]),
        "master_id": reference(text(release, "master_id")),
        "is_main_release": truth(said),
    }


def _formats(release: Element) -> list[Fields]:
    return kept(
        {name: attribute(form, name) for name in ("name", "qty", "text")}
        | {"descriptions": texts(form, "descriptions/description") or None}
        for form in release.iterfind("formats/format")
    )


def _identifiers(release: Element) -> list[Fields]:
    return kept(
        {name: attribute(found, name) for name in ("type", "value", "description")}
        for found in release.iterfind("identifiers/identifier")
    )


def _companies(release: Element) -> list[Fields]:
    tags = ("name", "catno", "entity_type", "entity_type_name", "resource_url")
    return kept(
        {"company_id": reference(text(company, "id"))}
        | {name: text(company, name) for name in tags}
        for company in release.iterfind("companies/company")
    )


def _track_rows(release: Element, key: Fields) -> Iterator[TableRow]:
    """Number all tracks of a release, each before its sub-tracks."""
    numbers = count(1)

    def rows(track: Element, parent: int | None) -> Iterator[TableRow]:
        sequence = next(numbers)
        place = {"sequence": sequence, "parent_sequence": parent}
        yield "release_track", key | place | _track(track)
        own = key | {"track_sequence": sequence}
        yield from numbered("release_track_artist", own, people(credits_of(track, "artists")))
        extra = people(credits_of(track, "extraartists"))
        yield from numbered("release_track_credit", own, extra)
        for child in track.iterfind("sub_tracks/track"):
            yield from rows(child, sequence)

    for track in release.iterfind("tracklist/track"):
        yield from rows(track, None)


def _track(track: Element) -> Fields:
    found: Fields = {name: text(track, name) for name in ("position", "title", "duration")}
    return found | {"seconds": seconds(found["duration"])}
