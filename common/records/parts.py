"""What several records are made of: references, credits, images, videos."""

from typing import Annotated, TypedDict

from common.records.declaring import Attribute, Child, Column, Content, Id


class Reference(TypedDict, total=False):
    """An artist or label named by another: ``aliases/name``, ``sublabels/label`` and such.

    ``id`` is missing where it points nowhere: the dumps spell that ``0``, an empty element or
    none at all.
    """

    id: Annotated[Id, Attribute()]
    name: Annotated[str, Content()]


def link(name: str, about: str, row: str = "row") -> Column:
    """Return the column of an id that may be missing, and need not be any record's."""
    return Column(f"{about}; NULL: not linked to any; may be an id that no {row} has", name)


class Image(TypedDict, total=False):
    """``images/image``, in dumps until November 2024; ``uri`` is empty since 2015."""

    type: Annotated[str, Attribute(), Column("primary or secondary")]
    uri: Annotated[str, Attribute(), Column("address; empty in the dumps since 2015, NULL here")]
    uri150: Annotated[str, Attribute(), Column("address of the small version; as uri")]
    width: Annotated[int, Attribute(), Column("pixels")]
    height: Annotated[int, Attribute(), Column("pixels")]


class Video(TypedDict, total=False):
    """``videos/video``; ``duration`` in seconds."""

    src: Annotated[str, Attribute(), Column("address of the video")]
    duration: Annotated[int, Attribute(), Column("length in seconds")]
    embed: Annotated[bool, Attribute(), Column("whether it may be embedded")]
    title: Annotated[str, Column("title")]
    description: Annotated[str, Column("description; may span lines")]


class Credit(TypedDict, total=False):
    """An artist on a master, release or track.

    ``anv`` is the name as printed (artist name variation), ``join`` the text between this
    artist and the next, ``role`` and ``tracks`` Discogs' own free text.
    """

    id: Annotated[
        Id,
        link("artist_id", "the artist", "artist row"),
    ]
    name: Annotated[str, Column("the artist's name, number suffix included, as in Prince (2)")]
    anv: Annotated[str, Column("artist name variation: the name as printed; NULL: printed as name")]
    join: Annotated[
        str,
        Column(
            "text between this artist and the next, as in & or Feat.; the dump calls it join",
            name="join_phrase",
        ),
    ]
    role: Annotated[
        str,
        Column("what was done: comma-separated roles, details in brackets that may hold commas"),
    ]
    tracks: Annotated[str, Column("the tracks it applies to, as text: A1, A3 to B4")]


QUALITY = Column("Discogs' verdict on the data: Correct, Needs Vote and such")
NOTES = Column("notes with Discogs' own markup")
ADDRESS = Column("the address, as entered", name="url")
GENRE = Column(
    "the genre; a closed list of 15, commas and ampersands included", name="genre", longest=1000
)
STYLE = Column("the style; an open list", name="style", longest=1000)
IMAGES = Child(item="image")
