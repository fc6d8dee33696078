"""What is declared of an object, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints, is_typeddict

_Mark = TypeVar("_Mark")


@dataclass(frozen=True, slots=True)
class Field:
    """A member of an object; ``of`` is the type of its value, or of its items if it ``is_list``."""

    key: str
    of: type
    is_list: bool
    marks: tuple[object, ...]

    def marked(self, kind: type[_Mark]) -> _Mark | None:
        """Return what stands beside it of this kind."""
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)

    @property
    def is_object(self) -> bool:
        """Tell whether it holds one object, or a list of them."""
        return is_typeddict(self.of)


@cache
def fields_of(declared: type) -> tuple[Field, ...]:
    """Return the fields of a ``TypedDict``, in the order of their declaration."""
    return tuple(_fields(declared))


def _fields(declared: type) -> Iterator[Field]:
    for key, hint in get_type_hints(declared, include_extras=True).items():
        plain: Any = hint.__origin__
        is_list = get_origin(plain) is list
        of: type = get_args(plain)[0] if is_list else plain
        yield Field(key, of, is_list, hint.__metadata__)
