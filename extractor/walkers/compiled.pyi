from collections.abc import Sequence
from typing import Any

def encode_regular(
    root: Any, entity: str, keys: Sequence[tuple[int, int]]
) -> list[bytes | None]: ...
