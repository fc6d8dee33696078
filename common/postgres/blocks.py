"""Statements stand in files of their own, each under its name: ``-- name: find``."""

import re
from collections.abc import Mapping
from importlib.resources import files

from common.entities import Entity

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_STATEMENT_END = re.compile(r";$", re.MULTILINE)


class Blocks:
    """The blocks of one file of a package, by name."""

    def __init__(self, package: str, file: str) -> None:
        _, *parts = _NAME.split(read_text(package, file))
        self._blocks = dict(zip(parts[::2], parts[1::2], strict=True))

    def __call__(self, name: str, entity: Entity | None = None) -> str:
        """Return a block, made for an entity where it is written for all of them."""
        block = self._blocks[name].strip().removesuffix(";")
        return block if entity is None else block.replace("{entity}", entity.value)

    def filled(self, name: str, words: Mapping[str, str], entity: Entity | None = None) -> str:
        """Return a block with words in place of their names, which stand in braces."""
        block = self(name, entity)
        for word, text in words.items():
            block = block.replace(f"{{{word}}}", text)
        return block

    def each(self, name: str) -> list[str]:
        """Return the statements of a block that has several."""
        statements = _STATEMENT_END.split(self._blocks[name])
        return [statement.strip() for statement in statements if statement.strip()]


def read_text(package: str, file: str) -> str:
    """Return the text of a file of a package."""
    return files(package).joinpath(file).read_text(encoding="utf-8")
