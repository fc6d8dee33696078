"""Pieces of XML, escaped as the dumps escape them."""

import re
from collections.abc import Iterable

from common.records import Image, Video

_SPECIAL_TEXT = re.compile(r"[&<>\r]").search
_SPECIAL_ATTRIBUTE = re.compile(r'[&<>"\t\n\r]').search
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)


def text(value: str) -> str:
    """Escape text: line feeds stay raw, carriage returns do not."""
    return value.translate(_TEXT) if _SPECIAL_TEXT(value) else value


def attribute(value: str) -> str:
    """Escape the value of an attribute."""
    return value.translate(_ATTRIBUTE) if _SPECIAL_ATTRIBUTE(value) else value


def element(tag: str, value: str) -> str:
    """Write an element of text; an empty one as ``<tag></tag>``."""
    return f"<{tag}>{text(value)}</{tag}>"


def elements(tag: str, values: Iterable[str]) -> str:
    """Write one element for each value."""
    return "".join([f"<{tag}>{text(value)}</{tag}>" for value in values])


def wrap(tag: str, parts: Iterable[str]) -> str:
    """Write a container of what is already XML."""
    return f"<{tag}>{''.join(parts)}</{tag}>"


class Shape:
    """What the two shapes have in common, and how they differ.

    The old one writes empty elements, the bare ids of members, and attributes by name.
    """

    def __init__(self, old: bool) -> None:
        """Choose the shape of 2020 and before, or today's."""
        self.old = old

    def optional(self, tag: str, value: str) -> str:
        """Write an element that only the old shape writes when it is empty."""
        return f"<{tag}>{text(value)}</{tag}>" if value or self.old else ""

    def tag(self, name: str, attributes: dict[str, str]) -> str:
        """Begin a start tag, without its ``>``: attributes in the order of the shape."""
        pairs = sorted(attributes.items()) if self.old else attributes.items()
        return f"<{name}" + "".join([f' {key}="{attribute(value)}"' for key, value in pairs])

    def images(self, images: Iterable[Image]) -> str:
        """Write images, whose addresses have been empty since 2015."""
        written = [self.tag("image", _image(image)) + "/>" for image in images]
        return wrap("images", written) if written else ""

    def videos(self, videos: Iterable[Video]) -> str:
        """Write videos."""
        written = [self._video(video) for video in videos]
        return wrap("videos", written) if written else ""

    def _video(self, video: Video) -> str:
        start = self.tag(
            "video",
            {
                "src": video["src"],
                "duration": str(video["duration"]),
                "embed": "true" if video["embed"] else "false",
            },
        )
        title = element("title", video.get("title", ""))
        description = self.optional("description", video.get("description", ""))
        return f"{start}>{title}{description}</video>"


def _image(image: Image) -> dict[str, str]:
    return {
        "type": image["type"],
        "uri": "",
        "uri150": "",
        "width": str(image["width"]),
        "height": str(image["height"]),
    }
