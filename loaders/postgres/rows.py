"""From records to rows, purely: a whole batch at once, one comprehension per table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from common.entities import Entity
from common.errors import TerminalError
from common.records import Record
from common.records.derive import year_of
from loaders.postgres import shapes, tracks
from loaders.postgres.tables import Row, Rows

Items: TypeAlias = Sequence[tuple[int, Mapping[str, Any]]]
"""Id and ``data`` of each record of a batch; the shapes are those of `common.records`."""


def build(entity: Entity, records: Sequence[Record], dump: int, *, document: bool = False) -> Rows:
    """Return the rows of a batch by table, the entity's own table first.

    The columns are those of `loaders.postgres.tables`, and ``document`` last where it is kept.
    Raises `TerminalError`, naming the record, for one that is not of its entity's shape.
    """
    try:
        return _build(entity, records, dump, document=document)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        if len(records) > 1:
            for record in records:
                build(entity, [record], dump, document=document)
        name = [record.get("id") for record in records]
        raise TerminalError(f"{entity} {name} is not of its shape: {error}") from error


def _build(entity: Entity, records: Sequence[Record], dump: int, *, document: bool) -> Rows:
    items: Any = [(record["id"], record["data"]) for record in records]
    rows = _BUILDERS[entity](items)
    scalars = rows[entity.value]
    rows[entity.value] = [
        (record["id"], dump, record["fingerprint"], *row)
        for record, row in zip(records, scalars, strict=True)
    ]
    if document:
        rows[entity.value] = _documented(rows[entity.value], records)
    return rows


def _documented(rows: list[Row], records: Sequence[Record]) -> list[Row]:
    return [
        (*row, orjson.dumps(record["data"]).decode())
        for row, record in zip(rows, records, strict=True)
    ]


def _lists(items: Items, key: str) -> list[tuple[int, Any]]:
    return [(parent, data[key]) for parent, data in items if key in data]


def _artist(items: Items) -> Rows:
    return {
        "artist": [
            ((get := data.get)("name"), get("real_name"), get("profile"), get("data_quality"))
            for _, data in items
        ],
        "artist_url": shapes.text_rows(_lists(items, "urls")),
        "artist_name_variation": shapes.text_rows(_lists(items, "name_variations")),
        "artist_alias": shapes.reference_rows(_lists(items, "aliases")),
        "artist_group": shapes.reference_rows(_lists(items, "groups")),
        "group_member": shapes.reference_rows(_lists(items, "members")),
        "artist_image": shapes.image_rows(_lists(items, "images")),
    }


def _label(items: Items) -> Rows:
    return {
        "label": [
            (
                (get := data.get)("name"),
                get("contact_info"),
                get("profile"),
                get("data_quality"),
                (parent := get("parent", _NOTHING)).get("id"),
                parent.get("name"),
            )
            for _, data in items
        ],
        "label_url": shapes.text_rows(_lists(items, "urls")),
        "label_sublabel": shapes.reference_rows(_lists(items, "sublabels")),
        "label_image": shapes.image_rows(_lists(items, "images")),
    }


def _master(items: Items) -> Rows:
    return {
        "master": [
            (
                (get := data.get)("main_release"),
                get("year"),
                get("title"),
                get("notes"),
                get("data_quality"),
            )
            for _, data in items
        ],
        "master_artist": shapes.credit_rows(_lists(items, "artists")),
        "master_genre": shapes.text_rows(_lists(items, "genres")),
        "master_style": shapes.text_rows(_lists(items, "styles")),
        "master_video": shapes.video_rows(_lists(items, "videos")),
        "master_image": shapes.image_rows(_lists(items, "images")),
    }


def _release(items: Items) -> Rows:
    flat = tracks.flatten(items)
    return {
        "release": _release_scalars(items),
        "release_artist": shapes.credit_rows(_lists(items, "artists")),
        "release_credit": shapes.credit_rows(_lists(items, "credits")),
        "release_label": shapes.label_credit_rows(_lists(items, "labels")),
        "release_series": shapes.label_credit_rows(_lists(items, "series")),
        "release_format": shapes.format_rows(_lists(items, "formats")),
        "release_genre": shapes.text_rows(_lists(items, "genres")),
        "release_style": shapes.text_rows(_lists(items, "styles")),
        "release_identifier": shapes.identifier_rows(_lists(items, "identifiers")),
        "release_company": shapes.company_rows(_lists(items, "companies")),
        "release_video": shapes.video_rows(_lists(items, "videos")),
        "release_track": tracks.track_rows(flat),
        "release_track_artist": tracks.track_artist_rows(flat),
        "release_track_credit": tracks.track_extra_rows(flat),
        "release_image": shapes.image_rows(_lists(items, "images")),
    }


def _release_scalars(items: Items) -> list[Row]:
    return [
        (
            (get := data.get)("master_id"),
            get("is_main_release"),
            year_of(released := get("released")),
            get("status"),
            get("title"),
            get("country"),
            released,
            get("notes"),
            get("data_quality"),
        )
        for _, data in items
    ]


_NOTHING: Mapping[str, Any] = {}

_BUILDERS: Mapping[Entity, Callable[[Items], Rows]] = {
    Entity.ARTIST: _artist,
    Entity.LABEL: _label,
    Entity.MASTER: _master,
    Entity.RELEASE: _release,
}
