from array import array
from typing import Any

def encode_regular(
    root: Any, entity: str, ids: array[int], fingerprints: array[int]
) -> tuple[bytes, array[int], int]: ...
