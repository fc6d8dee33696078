"""The fingerprints' hash as a function of C, from xxhash's wheel: it needs no interpreter."""

import ctypes
from importlib.util import find_spec

from xxhash import xxh3_64_intdigest

_NAME = "XXH3_64bits_withSeed"
"""In libxxhash's stable interface: ``uint64_t (const void *, size_t, uint64_t seed)``."""

_SAMPLES = tuple(bytes(range(250)) * times for times in (0, 1, 20))
_SEED = 7


def find_hash() -> int:
    """Return the address of the function, or 0 where the library does not show it."""
    module = find_spec("xxhash._xxhash")
    try:
        found = ctypes.CDLL(module.origin if module else None)[_NAME]
    except (AttributeError, OSError):
        return 0
    function = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64)
    address = ctypes.cast(found, ctypes.c_void_p).value or 0
    hashed = [function(address)(sample, len(sample), _SEED) for sample in _SAMPLES]
    return address if hashed == [xxh3_64_intdigest(sample, _SEED) for sample in _SAMPLES] else 0
