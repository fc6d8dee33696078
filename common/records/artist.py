"""Artists: ``<artist><id>1</id><name>…</name>…</artist>``."""

from typing import Annotated, TypedDict

from common.records.declaring import ITEM, Child, Column, Edge, Property, RecordType, Table
from common.records.parts import ADDRESS, IMAGES, QUALITY, Image, Reference, link


class Artist(TypedDict, total=False):
    """A record of artists.xml; a group has ``members``."""

    name: Annotated[
        str,
        Column("name; a number in brackets tells namesakes apart, as in Prince (2)"),
        Property(),
    ]
    real_name: Annotated[str, Child("realname"), Column("the real name"), Property()]
    profile: Annotated[
        str,
        Column("biography with Discogs' own markup, as in [a=Name] or [url=...]"),
        Property(),
    ]
    data_quality: Annotated[str, QUALITY, Property()]
    urls: Annotated[
        list[str],
        Child(item="url"),
        Table("artist_url", "Web addresses of an artist.", {ITEM: ADDRESS}),
    ]
    name_variations: Annotated[
        list[str],
        Child("namevariations", item="name"),
        Table(
            "artist_name_variation",
            "Other spellings of an artist's name.",
            {ITEM: Column("the variation", name="name")},
        ),
    ]
    aliases: Annotated[
        list[Reference],
        Child(item="name"),
        Table(
            "artist_alias",
            "Other artists that are the same person or group.",
            {
                "id": link("alias_id", "the other artist"),
                "name": Column("its name"),
            },
        ),
        Edge("ALIAS_OF", "Artist"),
    ]
    groups: Annotated[
        list[Reference],
        Child(item="name"),
        Table(
            "artist_group",
            "Groups an artist is a member of, as the artist's record lists them.",
            {
                "id": link("group_id", "the group, an artist"),
                "name": Column("its name"),
            },
        ),
        Edge("MEMBER_OF", "Artist"),
    ]
    members: Annotated[
        list[Reference],
        Child(item="name"),
        Table(
            "group_member",
            "Members of a group, as the group's record lists them.",
            {
                "id": link("member_id", "the member, an artist"),
                "name": Column("the member's name"),
            },
            parent=Column("the group: an artist with members", name="group_id"),
        ),
        Edge("HAS_MEMBER", "Artist"),
    ]
    images: Annotated[
        list[Image],
        IMAGES,
        Table("artist_image", "Images of an artist; dumps have none since December 2024."),
    ]


ARTIST = RecordType(Artist, Child("id"), "Artists: people and groups.")
