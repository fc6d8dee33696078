"""The rows of artists, labels and masters, and the child rows that releases share with them."""

from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from tests.oracle.values import (
    Fields,
    attribute,
    credits_of,
    kept,
    names,
    number,
    reference,
    text,
    texts,
    truth,
)

TableRow = tuple[str, Fields]


def artist_rows(artist: Element, own: Fields) -> Iterator[TableRow]:
    """Yield an artist's rows; ``own`` holds its id and dump."""
    fields = {"name": "name", "real_name": "realname", "profile": "profile"}
    yield "artist", own | quality(artist) | _texts(artist, fields)
    key = {"artist_id": own["id"]}
    yield from numbered("artist_url", key, single("url", texts(artist, "urls/url")))
    variations = texts(artist, "namevariations/name")
    yield from numbered("artist_name_variation", key, single("name", variations))
    yield from numbered("artist_alias", key, linked("alias", names(artist, "aliases/name")))
    yield from numbered("artist_group", key, linked("group", names(artist, "groups/name")))
    members = linked("member", names(artist, "members/name"))
    yield from numbered("group_member", {"group_id": own["id"]}, members)
    yield from numbered("artist_image", key, images(artist))


def label_rows(label: Element, own: Fields) -> Iterator[TableRow]:
    """Yield a label's rows."""
    fields = {"name": "name", "contact_info": "contactinfo", "profile": "profile"}
    parent = label.find("parentLabel")
    parents = {
        "parent_id": reference(None if parent is None else parent.get("id")),
        "parent_name": text(label, "parentLabel"),
    }
    yield "label", own | quality(label) | _texts(label, fields) | parents
    key = {"label_id": own["id"]}
    yield from numbered("label_url", key, single("url", texts(label, "urls/url")))
    sublabels = linked("sublabel", names(label, "sublabels/label"))
    yield from numbered("label_sublabel", key, sublabels)
    yield from numbered("label_image", key, images(label))


def master_rows(master: Element, own: Fields) -> Iterator[TableRow]:
    """Yield a master's rows."""
    yield (
        "master",
        own
        | quality(master)
        | _texts(master, {"title": "title", "notes": "notes"})
        | {
            "main_release_id": reference(text(master, "main_release")),
            "year": number(text(master, "year")) or None,
        },
    )
    yield from shared_rows("master", master, {"master_id": own["id"]})


def shared_rows(table: str, element: Element, key: Fields) -> Iterator[TableRow]:
    """Yield what masters and releases both have."""
    yield from numbered(f"{table}_artist", key, people(credits_of(element, "artists")))
    yield from numbered(f"{table}_genre", key, single("genre", texts(element, "genres/genre")))
    yield from numbered(f"{table}_style", key, single("style", texts(element, "styles/style")))
    yield from numbered(f"{table}_video", key, _videos(element))
    yield from numbered(f"{table}_image", key, images(element))


def numbered(table: str, key: Fields, items: Iterable[Fields]) -> Iterator[TableRow]:
    """Yield child rows, numbered from 1 in the order of the dump."""
    for sequence, item in enumerate(items, start=1):
        yield table, key | {"sequence": sequence} | item


def single(column: str, values: Iterable[str]) -> Iterator[Fields]:
    """Yield rows of one column."""
    return ({column: value} for value in values)


def linked(what: str, references: Iterable[Fields]) -> Iterator[Fields]:
    """Yield references with their id under its column's name."""
    for found in references:
        yield {f"{what}_id": found["id"]} | {k: v for k, v in found.items() if k != "id"}


def people(found: Iterable[Fields]) -> Iterator[Fields]:
    """Yield credits under the columns' names: ``join`` is a word of SQL."""
    for credit in found:
        renamed = {"artist_id": credit["id"], "join_phrase": credit["join"]}
        yield renamed | {k: v for k, v in credit.items() if k not in ("id", "join")}


def quality(element: Element) -> Fields:
    """Return the column that every entity has."""
    return {"data_quality": text(element, "data_quality")}


def images(element: Element) -> list[Fields]:
    """Return the images of any record."""
    return kept(
        {name: attribute(image, name) for name in ("type", "uri", "uri150")}
        | {name: number(image.get(name)) for name in ("width", "height")}
        for image in element.iterfind("images/image")
    )


def _videos(element: Element) -> list[Fields]:
    return kept(
        {
            "src": attribute(video, "src"),
            "duration": number(video.get("duration")),
            "embed": truth(video.get("embed")),
            "title": text(video, "title"),
            "description": text(video, "description"),
        }
        for video in element.iterfind("videos/video")
    )


def _texts(element: Element, tags: Mapping[str, str]) -> Fields:
    return {column: text(element, tag) for column, tag in tags.items()}
