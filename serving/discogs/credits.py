"""Artists as they are credited: the objects of Discogs' lists, and the line that is printed."""

from collections.abc import Callable, Sequence
from typing import Any

from common.entities import Entity
from common.records import Credit
from serving.discogs.addresses import Addresses

_THE = "The "


def credited(artists: Sequence[Credit], addresses: Addresses) -> list[dict[str, Any]]:
    """Return artists with all their keys; ``id`` 0 says that the name is not linked to any."""
    return [_credited(credit, addresses) for credit in artists]


def printed(artists: Sequence[Credit]) -> str:
    """Return the line of artists in lists: ``Stephan-G* & The Persuader``.

    An asterisk tells that a name is printed otherwise than its artist is called.
    """
    return _joined(artists, _as_printed)


def sorted_by(artists: Sequence[Credit]) -> str:
    """Return the line that releases are sorted by: ``Beatles, The``."""
    return _joined(artists, _as_sorted)


def _credited(credit: Credit, addresses: Addresses) -> dict[str, Any]:
    id_ = credit.get("id", 0)
    return {
        "name": credit.get("name", ""),
        "anv": credit.get("anv", ""),
        "join": credit.get("join", ""),
        "role": credit.get("role", ""),
        "tracks": credit.get("tracks", ""),
        "id": id_,
        "resource_url": addresses.resource(Entity.ARTIST, id_),
    }


def _joined(artists: Sequence[Credit], said: Callable[[Credit], str]) -> str:
    last = len(artists) - 1
    return "".join(
        said(credit) + (_between(credit.get("join", "")) if place < last else "")
        for place, credit in enumerate(artists)
    )


def _between(join: str) -> str:
    words = join.strip()
    if not words:
        return " "
    return f"{words} " if words == "," else f" {words} "


def _as_printed(credit: Credit) -> str:
    anv = credit.get("anv")
    return f"{anv}*" if anv else credit.get("name", "")


def _as_sorted(credit: Credit) -> str:
    name = credit.get("name", "")
    return f"{name.removeprefix(_THE)}, The" if name.startswith(_THE) else name
