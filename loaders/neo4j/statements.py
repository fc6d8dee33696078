"""Reads the Cypher files: `.cypher` text with named sections."""

import re
from collections.abc import Mapping
from importlib.resources import files

_NAME = re.compile(r"^// name: ([a-z_]+)$", re.MULTILINE)
_COMMENT = re.compile(r"^//.*\n?", re.MULTILINE)


def sections(file: str) -> dict[str, str]:
    """Return the statements of a file by the name above each, without comments."""
    parts = _NAME.split(_read(file))[1:]
    return {
        name: _COMMENT.sub("", body).strip()
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def schema() -> list[str]:
    """Return the statements that make constraints, in order; each can be repeated."""
    text = _COMMENT.sub("", _read("schema.cypher"))
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def fill(template: str, words: Mapping[str, str]) -> str:
    """Put words from closed lists in for ``<name>``: Cypher has no parameters for labels."""
    for name, word in words.items():
        template = template.replace(f"<{name}>", word)
    return template


def _read(file: str) -> str:
    return files(__package__).joinpath(file).read_text(encoding="utf-8")
