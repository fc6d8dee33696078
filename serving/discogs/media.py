"""Images and videos."""

from collections.abc import Sequence
from typing import Any

from common.records import Image, Video


def images_of(images: Sequence[Image]) -> list[dict[str, Any]]:
    """Return images; without an address, as Discogs has them for who has not logged in."""
    return [
        {
            "type": one.get("type", ""),
            "uri": one.get("uri", ""),
            "resource_url": one.get("uri", ""),
            "uri150": one.get("uri150", ""),
            "width": one.get("width", 0),
            "height": one.get("height", 0),
        }
        for one in images
    ]


def videos_of(videos: Sequence[Video]) -> list[dict[str, Any]]:
    """Return videos; ``duration`` in seconds."""
    return [
        {
            "uri": one.get("src", ""),
            "title": one.get("title", ""),
            "description": one.get("description", ""),
            "duration": one.get("duration", 0),
            "embed": one.get("embed", False),
        }
        for one in videos
    ]
