"""Masters: ``<master id="18500">…</master>``, what several releases have in common."""

from typing import Annotated, TypedDict

from common.records.declaring import (
    ITEM,
    Attribute,
    Child,
    Column,
    Edge,
    Id,
    Property,
    RecordType,
    Table,
    ZeroIsNone,
)
from common.records.parts import GENRE, IMAGES, NOTES, QUALITY, STYLE, Credit, Image, Video


class Master(TypedDict, total=False):
    """A record of masters.xml; an unknown ``year`` (``0`` in the dump) is left out."""

    main_release: Annotated[
        Id, Column("the release that stands for the master", name="main_release_id"), Property()
    ]
    artists: Annotated[
        list[Credit],
        Child(item="artist"),
        Table("master_artist", "Artists of a master."),
        Edge("BY", "Artist", ("position", "anv", "join")),
    ]
    genres: Annotated[
        list[str],
        Child(item="genre"),
        Table("master_genre", "Genres of a master.", {ITEM: GENRE}),
        Edge("IS", "Genre"),
    ]
    styles: Annotated[
        list[str],
        Child(item="style"),
        Table("master_style", "Styles of a master.", {ITEM: STYLE}),
        Edge("IS", "Style"),
    ]
    year: Annotated[
        int, ZeroIsNone(), Column("year of the main release; NULL: unknown"), Property()
    ]
    title: Annotated[str, Column("title"), Property()]
    notes: Annotated[str, NOTES]
    data_quality: Annotated[str, QUALITY, Property()]
    videos: Annotated[
        list[Video], Child(item="video"), Table("master_video", "Videos of a master.")
    ]
    images: Annotated[
        list[Image],
        IMAGES,
        Table("master_image", "Images of a master; dumps have none since December 2024."),
    ]


MASTER = RecordType(Master, Attribute(), "Masters: what the releases of one work have in common.")
