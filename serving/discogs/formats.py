"""What a release consists of: the objects of a release, and the short line of lists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.records import Format

SHORT: Mapping[str, str] = {
    "Box Set": "Box",
    "Cassette": "Cass",
    "Club Edition": "Club",
    "Compilation": "Comp",
    "Deluxe Edition": "Dlx",
    "Etched": "Etch",
    "Limited Edition": "Ltd",
    "Maxi-Single": "Maxi",
    "Mini-Album": "MiniAlbum",
    "Misprint": "M/Print",
    "Numbered": "Num",
    "Partially Mixed": "P/Mixed",
    "Picture Disc": "Pic",
    "Quadraphonic": "Quad",
    "Record Store Day": "RSD",
    "Reissue": "RE",
    "Remastered": "RM",
    "Repress": "RP",
    "Sampler": "Smplr",
    "Single Sided": "S/Sided",
    "Special Edition": "S/Edition",
    "Test Pressing": "TP",
    "Unofficial Release": "Unofficial",
    "White Label": "W/Lbl",
}
"""How lists shorten media and descriptions; others stand there as they are."""

_UNSAID = frozenset({"Stereo", "45 RPM", "33 ⅓ RPM"})
_COUNTED_DIGITS = 6  # a real quantity has 64 digits: no number for a client


def formats_of(formats: Sequence[Format]) -> list[dict[str, Any]]:
    """Return formats with the keys that clients read without asking; ``text`` only if there."""
    return [
        {
            "name": one.get("name", ""),
            "qty": one.get("qty", ""),
            **({"text": one["text"]} if "text" in one else {}),
            "descriptions": one.get("descriptions", []),
        }
        for one in formats
    ]


def quantity_of(formats: Iterable[Format]) -> int:
    """Return how many pieces there are; what is no plain number counts as one."""
    return sum(_count(one.get("qty", "")) for one in formats)


def short_line(formats: Sequence[Format]) -> str:
    """Return the line of lists: ``2xCD, Comp, Mixed + Box, Ltd``."""
    return " + ".join(_shortened(one) for one in formats)


def description_line(formats: Sequence[Format]) -> str:
    """Return the line of a master's versions, whose media stand apart: ``LP, Album``."""
    return ", ".join(
        word for one in formats for word in (*one.get("descriptions", []), *_text(one))
    )


def media_of(formats: Iterable[Format]) -> list[str]:
    """Return the media, each once: ``["Vinyl"]``."""
    return list(dict.fromkeys(one["name"] for one in formats if "name" in one))


def all_words(formats: Iterable[Format]) -> list[str]:
    """Return media and descriptions, each once: what formats are counted and found by."""
    words = ((one.get("name", ""), *one.get("descriptions", [])) for one in formats)
    return list(dict.fromkeys(word for several in words for word in several if word))


def _text(one: Format) -> tuple[str, ...]:
    return (one["text"],) if "text" in one else ()


def _count(qty: str) -> int:
    plain = qty.isascii() and qty.isdigit() and len(qty) <= _COUNTED_DIGITS
    return int(qty) if plain else 1


def _shortened(one: Format) -> str:
    """A record says its size, so its medium is not said."""
    said = [word for word in one.get("descriptions", []) if word not in _UNSAID]
    name = one.get("name", "")
    words = said if name == "Vinyl" and said else [name, *said]
    count = _count(one.get("qty", ""))
    line = ", ".join([*(SHORT.get(word, word) for word in words), *_text(one)])
    return f"{count}x{line}" if count > 1 else line
