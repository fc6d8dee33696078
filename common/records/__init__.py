"""The shape of a record's ``data``, declared once: what a walker makes of an element of a dump.

A record in a message is ``{"id": int, "fingerprint": int, "data": {...}}``; the classes of this
room are its ``data``.  Beside each field stands where the dump says it, which column holds it and
what the graph has of it: walkers, tables, rows and edges are made from that.  Rules that hold
throughout:

* What the dump leaves out or leaves empty is left out here: no ``None``, no ``""``, no
  empty list.  (Dumps until 2020 write empty elements where later ones write none.)
* Text is kept byte for byte after XML decoding, white space and Discogs markup included.
* Dates, quantities, positions and durations of tracks are text: the dumps hold
  ``"1999-00-00"``, ``"200?"`` and quantities of 64 digits.
* Lists keep the order of the dump and its repetitions: child rows have no natural key.
"""

from collections.abc import Mapping
from typing import TypedDict

from common.entities import Entity
from common.records.artist import ARTIST, Artist
from common.records.declaring import RecordType
from common.records.label import LABEL, Label
from common.records.master import MASTER, Master
from common.records.parts import Credit, Image, Reference, Video
from common.records.release import (
    RELEASE,
    Company,
    Format,
    Identifier,
    LabelCredit,
    Release,
    Track,
)

__all__ = [
    "RECORD_TYPES",
    "SCHEMA_VERSION",
    "Artist",
    "Company",
    "Credit",
    "Format",
    "Identifier",
    "Image",
    "Label",
    "LabelCredit",
    "Master",
    "Record",
    "RecordData",
    "Reference",
    "Release",
    "Track",
    "Video",
]

SCHEMA_VERSION = 2
"""Of records and their messages; fingerprints are seeded with it, so a new one sends everything."""

RecordData = Artist | Label | Master | Release


class Record(TypedDict):
    """One record as it travels in a batch."""

    id: int
    fingerprint: int
    data: RecordData


RECORD_TYPES: Mapping[Entity, RecordType] = {
    Entity.ARTIST: ARTIST,
    Entity.LABEL: LABEL,
    Entity.MASTER: MASTER,
    Entity.RELEASE: RELEASE,
}
