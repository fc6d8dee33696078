"""The tables of each entity and the columns that `loaders.postgres.rows` fills, in its order."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from common.entities import Entity

Row: TypeAlias = tuple[Any, ...]
Rows: TypeAlias = dict[str, list[Row]]
"""Rows by table, the entity's own table first."""

_ROW = ("id", "dump", "fingerprint")
_CREDIT = ("artist_id", "name", "anv", "join_phrase", "role", "tracks")
_IMAGE = ("type", "uri", "uri150", "width", "height")
_VIDEO = ("src", "duration", "embed", "title", "description")
_LABEL_CREDIT = ("name", "catno")


def _of(parent: str, *columns: str) -> tuple[str, ...]:
    return (f"{parent}_id", "sequence", *columns)


TABLES: Mapping[Entity, Mapping[str, tuple[str, ...]]] = {
    Entity.ARTIST: {
        "artist": (*_ROW, "name", "real_name", "profile", "data_quality"),
        "artist_url": _of("artist", "url"),
        "artist_name_variation": _of("artist", "name"),
        "artist_alias": _of("artist", "alias_id", "name"),
        "artist_group": _of("artist", "group_id", "name"),
        "group_member": _of("group", "member_id", "name"),
        "artist_image": _of("artist", *_IMAGE),
    },
    Entity.LABEL: {
        "label": (
            *_ROW,
            *("name", "contact_info", "profile", "data_quality", "parent_id", "parent_name"),
        ),
        "label_url": _of("label", "url"),
        "label_sublabel": _of("label", "sublabel_id", "name"),
        "label_image": _of("label", *_IMAGE),
    },
    Entity.MASTER: {
        "master": (*_ROW, "main_release_id", "year", "title", "notes", "data_quality"),
        "master_artist": _of("master", *_CREDIT),
        "master_genre": _of("master", "genre"),
        "master_style": _of("master", "style"),
        "master_video": _of("master", *_VIDEO),
        "master_image": _of("master", *_IMAGE),
    },
    Entity.RELEASE: {
        "release": (
            *_ROW,
            *("master_id", "is_main_release", "year", "status", "title", "country", "released"),
            *("notes", "data_quality"),
        ),
        "release_artist": _of("release", *_CREDIT),
        "release_credit": _of("release", *_CREDIT),
        "release_label": _of("release", "label_id", *_LABEL_CREDIT),
        "release_series": _of("release", "series_id", *_LABEL_CREDIT),
        "release_format": _of("release", "name", "qty", "text", "descriptions"),
        "release_genre": _of("release", "genre"),
        "release_style": _of("release", "style"),
        "release_identifier": _of("release", "type", "value", "description"),
        "release_company": _of(
            "release",
            *("company_id", "name", "catno", "entity_type", "entity_type_name", "resource_url"),
        ),
        "release_video": _of("release", *_VIDEO),
        "release_track": _of(
            "release", "parent_sequence", "position", "title", "duration", "seconds"
        ),
        "release_track_artist": ("release_id", "track_sequence", "sequence", *_CREDIT),
        "release_track_credit": ("release_id", "track_sequence", "sequence", *_CREDIT),
        "release_image": _of("release", *_IMAGE),
    },
}


def columns_of(entity: Entity, table: str, *, document: bool) -> tuple[str, ...]:
    """Return the columns to fill: an entity's own table has its document last, if kept."""
    columns = TABLES[entity][table]
    return (*columns, "document") if document and table == entity.value else columns
