from array import array
from collections.abc import Mapping
from typing import Any

from common.entities import Entity
from common.records.shape import Shape

class Walker:
    def __init__(self, tag: str, shape: Shape) -> None: ...
    def __call__(
        self, root: Any, ids: array[int], fingerprints: array[int]
    ) -> tuple[bytes, array[int], int]: ...

WALKERS: Mapping[Entity, Walker]
