"""What a place of values is, and how full."""

from collections.abc import Mapping
from dataclasses import dataclass

NEVER = "noeviction"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a place is called with its version, bytes used and at most (0: not said).

    ``evicts``: whether something goes when it is full, or is refused.
    """

    title: str
    used: int
    most: int
    evicts: bool


def usage_of(info: Mapping[str, object]) -> Usage:
    """Return what a server says of itself by INFO: Dragonfly, Valkey or Redis."""
    # Dragonfly's cache mode has had no policy in some versions.
    policy = info.get("maxmemory_policy", "" if info.get("cache_mode") == "cache" else NEVER)
    used, most = _count(info, "used_memory"), _count(info, "maxmemory")
    return Usage(_title(info), used, most, evicts=policy != NEVER)


def _title(info: Mapping[str, object]) -> str:
    for name in ("Dragonfly", "Valkey", "Redis"):
        if version := info.get(f"{name.lower()}_version"):
            return f"{name} {str(version).removeprefix('df-').removeprefix('v')}"
    return "a server that does not tell what it is"


def _count(info: Mapping[str, object], name: str) -> int:
    said = str(info.get(name, ""))
    return int(said) if said.isdigit() else 0
