"""The shape of a record's ``data``: what a walker makes of one element of a dump.

A record in a message is ``{"id": int, "fingerprint": int, "data": {...}}``; the classes
below are its ``data``, one per entity.  Rules that hold throughout:

* What the dump leaves out or leaves empty is left out here: no ``None``, no ``""``, no
  empty list.  (Dumps until 2020 write empty elements where later ones write none.)
* Text is kept byte for byte after XML decoding, white space and Discogs markup included.
* ``id`` is missing from a reference that points nowhere: the dumps spell that ``0``, an
  empty element or none at all.
* Dates, quantities, positions and durations of tracks are text: the dumps hold
  ``"1999-00-00"``, ``"200?"`` and quantities of 64 digits.
* Lists keep the order of the dump and its repetitions: child rows have no natural key.
"""

from typing import TypedDict


class Reference(TypedDict, total=False):
    """An artist or label named by another: ``aliases/name``, ``sublabels/label`` and such."""

    id: int
    name: str


class Image(TypedDict, total=False):
    """``images/image``, in dumps until November 2024; ``uri`` is empty since 2015."""

    type: str
    uri: str
    uri150: str
    width: int
    height: int


class Video(TypedDict, total=False):
    """``videos/video``; ``duration`` in seconds."""

    src: str
    duration: int
    embed: bool
    title: str
    description: str


class Credit(TypedDict, total=False):
    """An artist on a master, release or track.

    ``anv`` is the name as printed (artist name variation), ``join`` the text between this
    artist and the next, ``role`` and ``tracks`` Discogs' own free text.
    """

    id: int
    name: str
    anv: str
    join: str
    role: str
    tracks: str


class LabelCredit(TypedDict, total=False):
    """A label or a series on a release, with the catalogue number it has there."""

    id: int
    name: str
    catno: str


class Format(TypedDict, total=False):
    """``formats/format``; ``qty`` is text of any length."""

    name: str
    qty: str
    text: str
    descriptions: list[str]


class Identifier(TypedDict, total=False):
    """``identifiers/identifier``: a barcode, a matrix number and such."""

    type: str
    value: str
    description: str


class Company(TypedDict, total=False):
    """``companies/company``; ``resource_url`` until early 2026."""

    id: int
    name: str
    catno: str
    entity_type: str
    entity_type_name: str
    resource_url: str


class Track(TypedDict, total=False):
    """``tracklist/track``: a heading has neither position nor duration."""

    position: str
    title: str
    duration: str
    artists: list[Credit]
    credits: list[Credit]
    sub_tracks: list["Track"]


class Artist(TypedDict, total=False):
    """A record of artists.xml; a group has ``members``."""

    name: str
    real_name: str
    profile: str
    data_quality: str
    urls: list[str]
    name_variations: list[str]
    aliases: list[Reference]
    groups: list[Reference]
    members: list[Reference]
    images: list[Image]


class Label(TypedDict, total=False):
    """A record of labels.xml; one real label has no name."""

    name: str
    contact_info: str
    profile: str
    data_quality: str
    parent: Reference
    urls: list[str]
    sublabels: list[Reference]
    images: list[Image]


class Master(TypedDict, total=False):
    """A record of masters.xml; an unknown ``year`` (``0`` in the dump) is left out."""

    main_release: int
    artists: list[Credit]
    genres: list[str]
    styles: list[str]
    year: int
    title: str
    data_quality: str
    notes: str
    videos: list[Video]
    images: list[Image]


class Release(TypedDict, total=False):
    """A record of releases.xml; ``credits`` is what the dump calls ``extraartists``."""

    status: str
    artists: list[Credit]
    title: str
    labels: list[LabelCredit]
    series: list[LabelCredit]
    credits: list[Credit]
    formats: list[Format]
    genres: list[str]
    styles: list[str]
    country: str
    released: str
    notes: str
    data_quality: str
    master_id: int
    is_main_release: bool
    tracks: list[Track]
    identifiers: list[Identifier]
    videos: list[Video]
    companies: list[Company]
    images: list[Image]


RecordData = Artist | Label | Master | Release


class Record(TypedDict):
    """One record as it travels in a batch."""

    id: int
    fingerprint: int
    data: RecordData
