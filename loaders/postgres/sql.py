"""Reads the SQL files of this package: each statement stands under a ``-- name:`` line."""

import re
from importlib.resources import files

from common.entities import Entity

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_STATEMENT_END = re.compile(r";$", re.MULTILINE)


class Statements:
    """The blocks of one file, by name."""

    def __init__(self, file: str) -> None:
        _, *parts = _NAME.split(read(file))
        self._blocks = dict(zip(parts[::2], parts[1::2], strict=True))

    def __call__(self, name: str, entity: Entity | None = None) -> str:
        """Return a block, made for an entity where it is written for all of them."""
        block = self._blocks[name].strip().removesuffix(";")
        return block if entity is None else block.replace("{entity}", entity.value)

    def each(self, name: str) -> list[str]:
        """Return the statements of a block that has several."""
        statements = _STATEMENT_END.split(self._blocks[name])
        return [statement.strip() for statement in statements if statement.strip()]


def read(file: str) -> str:
    """Return the text of a file of this package."""
    return files(__package__).joinpath(file).read_text(encoding="utf-8")
