"""Makes of a record what the upsert takes: the node's properties and its distinct edges.

A row is ``{"id", "fingerprint", "properties", <one list per kind of edge>}``; its lists are named
as the members of the record that they are made of, and hold the key of each edge's target, then
the values of its properties, as `common.records.graph.EDGES` has them.  That an edge's values are
taken out here by hand, and not by the declaration, is for speed; a test holds that they agree.
Where edges are held already `loaders.neo4j.replacing` takes them out.
CREATE does not look for an edge that is there already, so edges that say the same are sent once.
A reference without an id makes no edge.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from common.entities import Entity
from common.messages import Headers
from common.records import Artist, Credit, Label, Master, Record, Reference, Release, Track
from common.records.derive import year_of
from common.records.graph import EDGES, PROPERTIES
from loaders.lazy_json import Picker
from loaders.neo4j.schema import KEYS, LABELS

_T = TypeVar("_T")
Row = dict[str, Any]
Targets = dict[str, set[Any]]
"""Keys of nodes by label."""

_BESIDE = ("is_main_release", "formats", "identifiers")
"""What a release's row is made of besides what is declared: of two edges' and nodes' properties."""


class RowMaker:
    """Makes the rows of batches, decoding of their records only what the graph takes."""

    def __init__(self, *, track_credits: bool, compiled: bool) -> None:
        self._track_credits = track_credits
        self._pickers = {
            entity: Picker(members(entity, track_credits=track_credits), compiled=compiled)
            for entity in Entity
        }

    def make(self, headers: Headers, records: Iterable[Record]) -> list[Row]:
        """Return the rows of records, by id."""
        rows = [self._row(headers, record) for record in records]
        rows.sort(key=lambda row: row["id"])
        return rows

    def _row(self, headers: Headers, record: Record) -> Row:
        slim = Record(
            id=record["id"],
            fingerprint=record["fingerprint"],
            data=self._pickers[headers.entity].data(record),
        )
        return make_row(headers.entity, slim, headers.dump, track_credits=self._track_credits)


def members(entity: Entity, *, track_credits: bool = False) -> tuple[str, ...]:
    """Return the members of a record's data that `make_row` looks at."""
    declared = (*PROPERTIES[entity], *(edge.key for edge in EDGES[entity]))
    if entity is not Entity.RELEASE:
        return declared
    return (*declared, *_BESIDE, "tracks") if track_credits else (*declared, *_BESIDE)


def make_row(entity: Entity, record: Record, dump: int, *, track_credits: bool = False) -> Row:
    """Return the row of one record; ``dump`` is the date of the dump as eight digits."""
    data: Any = record["data"]
    marks: Row = {"id": record["id"], "fingerprint": record["fingerprint"]}
    properties = marks | {"dump": dump}
    for name in PROPERTIES[entity]:
        if name in data:
            properties[name] = data[name]
    row = marks | {"properties": properties} | _EDGES[entity](data)
    if entity is Entity.RELEASE:
        properties.update(_release_properties(data))
        if track_credits:
            row["credits"] = _distinct((*row["credits"], *_track_credits(data)))
    return row


def targets(entity: Entity, rows: Iterable[Row]) -> Targets:
    """Return what must be in the graph before these rows are: all that they point at.

    With them the rows' own nodes, if others point at such: two sessions that both make nodes
    of one label in their batches would wait for each other.
    """
    rows = list(rows)
    found: Targets = {}
    for edge in EDGES[entity]:
        keys = found.setdefault(edge.target, set())
        keys.update(target[0] for row in rows for target in row[edge.key])
    if LABELS[entity] in KEYS:
        found.setdefault(LABELS[entity], set()).update(row["id"] for row in rows)
    return found


def parts(rows: Iterable[Row]) -> set[tuple[str, str]]:
    """Return (style, genre) of the rows with a single genre: only there it is sure."""
    return {
        (style, row["genres"][0][0])
        for row in rows
        if len(row.get("genres", ())) == 1
        for (style,) in row["styles"]
    }


def _artist(data: Artist) -> Row:
    return {
        "groups": _ids(data.get("groups", ())),
        "members": _ids(data.get("members", ())),
        "aliases": _ids(data.get("aliases", ())),
    }


def _label(data: Label) -> Row:
    return {
        "parent": _ids((data["parent"],) if "parent" in data else ()),
        "sublabels": _ids(data.get("sublabels", ())),
    }


def _master(data: Master | Release) -> Row:
    return {
        "artists": _by(data.get("artists", ())),
        "genres": _names(data.get("genres", ())),
        "styles": _names(data.get("styles", ())),
    }


def _release(data: Release) -> Row:
    row = _master(data)
    row["credits"] = _distinct(_credits(data.get("credits", ())))
    row["labels"] = _distinct(
        (label["id"], label.get("catno")) for label in data.get("labels", ()) if "id" in label
    )
    main = data.get("is_main_release")  # dumps before 201712 do not say
    row["master_id"] = [(data["master_id"], main)] if "master_id" in data else []
    return row


_EDGES: dict[Entity, Callable[[Any], Row]] = {
    Entity.ARTIST: _artist,
    Entity.LABEL: _label,
    Entity.MASTER: _master,
    Entity.RELEASE: _release,
}


def _release_properties(data: Release) -> Row:
    properties: Row = {}
    if year := year_of(data.get("released")):
        properties["year"] = year
    formats = [form["name"] for form in data.get("formats", ()) if "name" in form]
    if formats:
        properties["formats"] = _distinct(formats)
    barcodes = [
        identifier["value"]
        for identifier in data.get("identifiers", ())
        if identifier.get("type") == "Barcode" and "value" in identifier
    ]
    if barcodes:
        properties["barcodes"] = _distinct(barcodes)
    return properties


def _by(artists: Iterable[Credit]) -> list[tuple[Any, ...]]:
    return [
        (artist["id"], position, artist.get("anv"), artist.get("join"))
        for position, artist in enumerate(artists, start=1)
        if "id" in artist
    ]


def _credits(
    credits_: Iterable[Credit], track: str | None = None, sequence: int | None = None
) -> Iterator[tuple[Any, ...]]:
    for credit in credits_:
        if "id" in credit:
            yield credit["id"], credit.get("role"), credit.get("tracks"), track, sequence


def _track_credits(data: Release) -> Iterator[tuple[Any, ...]]:
    # A position may be missing, and is not unique: the number is the one the tables have.
    for sequence, track in enumerate(_tracks(data.get("tracks", ())), start=1):
        yield from _credits(track.get("credits", ()), track.get("position"), sequence)


def _tracks(tracks: Iterable[Track]) -> Iterator[Track]:
    for track in tracks:
        yield track
        yield from _tracks(track.get("sub_tracks", ()))


def _ids(references: Iterable[Reference]) -> list[tuple[int]]:
    return _distinct((reference["id"],) for reference in references if "id" in reference)


def _names(names: Iterable[str]) -> list[tuple[str]]:
    return _distinct((name,) for name in names)


def _distinct(items: Iterable[_T]) -> list[_T]:
    return list(dict.fromkeys(items))
