"""Values as they are kept: compressed by zstd with a dictionary of what answers have in common.

A packed value begins with a byte that tells how, and ends with, or has in its frame, a checksum.
"""

from importlib.resources import files

import xxhash
import zstandard

MOST_BYTES = 1_000_000
"""Of a value; a larger one is not cached."""

_SMALL = 200
"""Bytes up to which a value stays as it is."""

_LEVEL = 3
_PLAIN, _ZSTD = b"p", b"z"
_CHECKSUM = 4


class Codec:
    """Packs and unpacks values; it may be used by one thread at a time.

    ``dictionary`` is None for none; what was compressed with another cannot be read.
    """

    def __init__(self, dictionary: bytes | None) -> None:
        trained = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        if trained:
            trained.precompute_compress(level=_LEVEL)
        self._compressor = zstandard.ZstdCompressor(
            level=_LEVEL, dict_data=trained, write_checksum=True, write_content_size=True
        )
        self._decompressor = zstandard.ZstdDecompressor(dict_data=trained)

    def pack(self, value: bytes) -> bytes | None:
        """Return a value as it is kept, None for one that is too large to be."""
        if len(value) > MOST_BYTES:
            return None
        if len(value) > _SMALL:
            packed = self._compressor.compress(value)
            if len(packed) < len(value):
                return _ZSTD + packed
        return _PLAIN + value + xxhash.xxh32_digest(value)

    def unpack(self, packed: bytes | None) -> bytes | None:
        """Return a value, None when there is none that can be read as it was."""
        if not packed:
            return None
        how, rest = packed[:1], packed[1:]
        if how == _ZSTD:
            return self._decompressed(rest)
        value = rest[:-_CHECKSUM]
        sound = how == _PLAIN and xxhash.xxh32_digest(value) == rest[-_CHECKSUM:]
        return value if sound else None

    def _decompressed(self, frame: bytes) -> bytes | None:
        try:
            # What a frame says of its size is believed by the library, which makes room for it.
            if not 0 <= zstandard.frame_content_size(frame) <= MOST_BYTES:
                return None
            return self._decompressor.decompress(frame)
        except zstandard.ZstdError:
            return None


def shipped_dictionary() -> bytes:
    """Return the dictionary that was trained on answers of the generator's catalogue."""
    return (files("common.cache") / "answers.zdict").read_bytes()
