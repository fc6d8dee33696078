"""Labels: ``<label><id>1</id><name>…</name>…</label>``."""

from typing import Annotated, TypedDict

from common.records.declaring import (
    ITEM,
    Child,
    Column,
    Columns,
    Edge,
    Property,
    RecordType,
    Table,
)
from common.records.parts import ADDRESS, IMAGES, QUALITY, Image, Reference, link


class Label(TypedDict, total=False):
    """A record of labels.xml; one real label has no name."""

    name: Annotated[str, Column("name; one real label has none"), Property()]
    contact_info: Annotated[
        str, Child("contactinfo"), Column("addresses and such, several lines"), Property()
    ]
    profile: Annotated[str, Column("description with Discogs' own markup"), Property()]
    data_quality: Annotated[str, QUALITY, Property()]
    parent: Annotated[
        Reference,
        Child("parentLabel"),
        Columns(
            {
                "id": Column(
                    "the label this one belongs to; may be an id that no label row has",
                    name="parent_id",
                ),
                "name": Column("name of that label", name="parent_name"),
            }
        ),
        Edge("SUBLABEL_OF", "Label"),
    ]
    urls: Annotated[
        list[str],
        Child(item="url"),
        Table("label_url", "Web addresses of a label.", {ITEM: ADDRESS}),
    ]
    sublabels: Annotated[
        list[Reference],
        Child(item="label"),
        Table(
            "label_sublabel",
            "Labels that belong to a label, as the parent's record lists them.",
            {
                "id": link("sublabel_id", "the sublabel"),
                "name": Column("its name"),
            },
        ),
        Edge("HAS_SUBLABEL", "Label"),
    ]
    images: Annotated[
        list[Image],
        IMAGES,
        Table("label_image", "Images of a label; dumps have none since December 2024."),
    ]


LABEL = RecordType(Label, Child("id"), "Labels, companies and series.")
