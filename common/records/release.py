"""Releases: ``<release id="1">…</release>``, nine tenths of a dump."""

from typing import Annotated, TypedDict

from common.records.declaring import (
    ITEM,
    Attribute,
    Child,
    Column,
    Derived,
    Edge,
    Id,
    Property,
    RecordType,
    Table,
)
from common.records.derive import seconds_of, year_of
from common.records.parts import GENRE, IMAGES, NOTES, QUALITY, STYLE, Credit, Image, Video, link

_CATNO = "catalogue number; none is what Discogs writes for none"


class LabelCredit(TypedDict, total=False):
    """A label or a series on a release, with the catalogue number it has there."""

    id: Annotated[Id, Attribute()]
    name: Annotated[str, Attribute()]
    catno: Annotated[str, Attribute(), Column(_CATNO)]


class Format(TypedDict, total=False):
    """``formats/format``; ``qty`` is text of any length."""

    name: Annotated[str, Attribute(), Column("medium: Vinyl, CD and such")]
    qty: Annotated[str, Attribute(), Column("how many, as text: real ones have up to 64 digits")]
    text: Annotated[str, Attribute(), Column("free text, as in a colour")]
    descriptions: Annotated[
        list[str],
        Child(item="description"),
        Column("what kind, in the order of the dump: {LP,Album}"),
    ]


class Identifier(TypedDict, total=False):
    """``identifiers/identifier``: a barcode, a matrix number and such."""

    type: Annotated[str, Attribute(), Column("Barcode, Matrix / Runout and such")]
    value: Annotated[
        str, Attribute(), Column("the value as entered; barcodes with spaces or without")
    ]
    description: Annotated[str, Attribute(), Column("what it stands on")]


class Company(TypedDict, total=False):
    """``companies/company``; ``resource_url`` until early 2026."""

    id: Annotated[
        Id,
        link("company_id", "the company, a label in Discogs"),
    ]
    name: Annotated[str, Column("the company's name")]
    catno: Annotated[str, Column("the company's catalogue number")]
    entity_type: Annotated[str, Column("Discogs' number of the part, as text")]
    entity_type_name: Annotated[str, Column("the part: Pressed By and such")]
    resource_url: Annotated[str, Column("address in Discogs' API, in dumps until early 2026")]


class Track(TypedDict, total=False):
    """``tracklist/track``: a heading has neither position nor duration."""

    position: Annotated[
        str,
        Column("position as printed: A1, 1-5, CD1-3; neither unique nor sortable, use sequence"),
    ]
    title: Annotated[str, Column("title")]
    duration: Annotated[
        str,
        Column("length as the dump has it: 3:45"),
        Derived(
            "seconds", seconds_of, "length in seconds; NULL when duration is no M:SS or H:MM:SS"
        ),
    ]
    artists: Annotated[
        list[Credit],
        Child(item="artist"),
        Table("release_track_artist", "Artists a track is by."),
    ]
    credits: Annotated[
        list[Credit],
        Child("extraartists", item="artist"),
        Table("release_track_credit", "Other artists with a role on a track."),
    ]
    sub_tracks: Annotated[list["Track"], Child(item="track", keeps_empty=True)]


class Release(TypedDict, total=False):
    """A record of releases.xml; ``credits`` is what the dump calls ``extraartists``."""

    status: Annotated[
        str, Attribute(), Column("Accepted and such, in dumps until 2025"), Property()
    ]
    artists: Annotated[
        list[Credit],
        Child(item="artist"),
        Table("release_artist", "Artists a release is by."),
        Edge("BY", "Artist", ("position", "anv", "join")),
    ]
    title: Annotated[str, Column("title"), Property()]
    labels: Annotated[
        list[LabelCredit],
        Child(item="label"),
        Table(
            "release_label",
            "Labels of a release; the same label may stand there with several catalogue numbers.",
            {
                "id": link("label_id", "the label"),
                "name": Column("the label's name"),
            },
        ),
        Edge("ON", "Label", ("catno",)),
    ]
    series: Annotated[
        list[LabelCredit],
        Child(item="series"),
        Table(
            "release_series",
            "Series a release belongs to.",
            {
                "id": link("series_id", "the series, a label in Discogs"),
                "name": Column("the series' name"),
                "catno": Column("number in the series"),
            },
        ),
    ]
    credits: Annotated[
        list[Credit],
        Child("extraartists", item="artist"),
        Table("release_credit", "Other artists with a role on a release: the dump's extraartists."),
        Edge("CREDITS", "Artist", ("role", "tracks", "track", "track_sequence")),
    ]
    formats: Annotated[
        list[Format],
        Child(item="format"),
        Table("release_format", "What a release consists of: media, their number and kind."),
    ]
    genres: Annotated[
        list[str],
        Child(item="genre"),
        Table("release_genre", "Genres of a release.", {ITEM: GENRE}),
        Edge("IS", "Genre"),
    ]
    styles: Annotated[
        list[str],
        Child(item="style"),
        Table("release_style", "Styles of a release.", {ITEM: STYLE}),
        Edge("IS", "Style"),
    ]
    country: Annotated[str, Column("country, or a group of countries"), Property()]
    released: Annotated[
        str,
        Column("date as the dump has it: 1999, 1999-03-00, 200? and stranger; not a date type"),
        Derived(
            "year",
            year_of,
            "the four digits that released starts with (1980s gives 1980); "
            "NULL: it does not, or not with 1000 to 2999",
            small=True,
        ),
        Property(),
    ]
    notes: Annotated[str, NOTES]
    data_quality: Annotated[str, QUALITY, Property()]
    master_id: Annotated[
        Id,
        Column("the master; NULL: none; may be an id that no master row has"),
        Edge("DERIVED_FROM", "Master", ("main",)),
    ]
    is_main_release: Annotated[
        bool,
        Attribute(of="master_id"),
        Column("whether it is its master's main release; NULL: the dump does not say"),
    ]
    tracks: Annotated[
        list[Track],
        Child("tracklist", item="track", keeps_empty=True),
        Table(
            "release_track",
            "Tracks, headings and sub-tracks of a release in the order of the dump. "
            "A heading has neither position nor duration.",
            sequence="place among all tracks of the release, sub-tracks included, from 1",
        ),
    ]
    identifiers: Annotated[
        list[Identifier],
        Child(item="identifier"),
        Table("release_identifier", "Barcodes, matrix numbers and other identifiers."),
    ]
    videos: Annotated[
        list[Video], Child(item="video"), Table("release_video", "Videos of a release.")
    ]
    companies: Annotated[
        list[Company],
        Child(item="company"),
        Table("release_company", "Companies with a part in a release."),
    ]
    images: Annotated[
        list[Image],
        IMAGES,
        Table("release_image", "Images of a release; dumps have none since December 2024."),
    ]


RELEASE = RecordType(
    Release,
    Attribute(),
    "Releases: one issue of a record each.",
    first=("master_id", "is_main_release", "year"),
)
