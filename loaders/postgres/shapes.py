"""Rows of the lists inside records.

Each function takes ``(parent id, list)`` pairs of a whole batch and makes the rows of one table
in one comprehension: calls per row are what makes building rows slow.
"""

from collections.abc import Iterable, Sequence

from common.records import Company, Credit, Format, Identifier, Image, LabelCredit, Reference, Video
from loaders.postgres.tables import Row


def text_rows(lists: Iterable[tuple[int, Sequence[str]]]) -> list[Row]:
    """Rows of plain texts: addresses, name variations, genres, styles."""
    return [(parent, n, text) for parent, texts in lists for n, text in enumerate(texts, 1)]


def reference_rows(lists: Iterable[tuple[int, Sequence[Reference]]]) -> list[Row]:
    """Rows of references to artists or labels."""
    return [
        (parent, n, other.get("id"), other.get("name"))
        for parent, others in lists
        for n, other in enumerate(others, 1)
    ]


def credit_rows(lists: Iterable[tuple[int, Sequence[Credit]]]) -> list[Row]:
    """Rows of artists on a master or a release."""
    return [
        (
            parent,
            n,
            (get := artist.get)("id"),
            get("name"),
            get("anv"),
            get("join"),
            get("role"),
            get("tracks"),
        )
        for parent, artists in lists
        for n, artist in enumerate(artists, 1)
    ]


def track_credit_rows(lists: Iterable[tuple[int, int, Sequence[Credit]]]) -> list[Row]:
    """Rows of artists on tracks, from ``(release id, track's sequence, list)``."""
    return [
        (
            parent,
            track,
            n,
            (get := artist.get)("id"),
            get("name"),
            get("anv"),
            get("join"),
            get("role"),
            get("tracks"),
        )
        for parent, track, artists in lists
        for n, artist in enumerate(artists, 1)
    ]


def label_credit_rows(lists: Iterable[tuple[int, Sequence[LabelCredit]]]) -> list[Row]:
    """Rows of labels or series on a release."""
    return [
        (parent, n, label.get("id"), label.get("name"), label.get("catno"))
        for parent, labels in lists
        for n, label in enumerate(labels, 1)
    ]


def image_rows(lists: Iterable[tuple[int, Sequence[Image]]]) -> list[Row]:
    """Rows of images."""
    return [
        (
            parent,
            n,
            (get := image.get)("type"),
            get("uri"),
            get("uri150"),
            get("width"),
            get("height"),
        )
        for parent, images in lists
        for n, image in enumerate(images, 1)
    ]


def video_rows(lists: Iterable[tuple[int, Sequence[Video]]]) -> list[Row]:
    """Rows of videos."""
    return [
        (
            parent,
            n,
            (get := video.get)("src"),
            get("duration"),
            get("embed"),
            get("title"),
            get("description"),
        )
        for parent, videos in lists
        for n, video in enumerate(videos, 1)
    ]


def format_rows(lists: Iterable[tuple[int, Sequence[Format]]]) -> list[Row]:
    """Rows of the media a release consists of."""
    return [
        (parent, n, (get := medium.get)("name"), get("qty"), get("text"), get("descriptions"))
        for parent, media in lists
        for n, medium in enumerate(media, 1)
    ]


def identifier_rows(lists: Iterable[tuple[int, Sequence[Identifier]]]) -> list[Row]:
    """Rows of barcodes, matrix numbers and such."""
    return [
        (parent, n, (get := identifier.get)("type"), get("value"), get("description"))
        for parent, identifiers in lists
        for n, identifier in enumerate(identifiers, 1)
    ]


def company_rows(lists: Iterable[tuple[int, Sequence[Company]]]) -> list[Row]:
    """Rows of companies with a part in a release."""
    return [
        (
            parent,
            n,
            (get := company.get)("id"),
            get("name"),
            get("catno"),
            get("entity_type"),
            get("entity_type_name"),
            get("resource_url"),
        )
        for parent, companies in lists
        for n, company in enumerate(companies, 1)
    ]
