"""Values as they are kept: smaller, and what cannot be read as it was counts as absent."""

from itertools import islice

import pytest
import zstandard

from common.cache.compression import MOST_BYTES, Codec, shipped_dictionary
from common.entities import LOAD_ORDER, Entity
from generator import Plan
from tests.dictionary import answers, trained

PLAN = Plan(releases=120, seed=8)  # another catalogue than the one that was trained on


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec(shipped_dictionary())


def sizes(codec: Codec, entity: Entity) -> tuple[int, int]:
    """Return bytes of answers as they are, and as they are kept."""
    found = list(islice(answers(PLAN, entity), 200))
    packed = [codec.pack(one) or b"" for one in found]
    assert [codec.unpack(one) for one in packed] == found
    return sum(map(len, found)), sum(map(len, packed))


@pytest.mark.parametrize("entity", LOAD_ORDER)
def test_the_dictionary_makes_answers_a_quarter_smaller(codec: Codec, entity: Entity) -> None:
    plain, packed = sizes(codec, entity)
    without = sizes(Codec(None), entity)[1]
    assert packed < plain
    assert packed < without * 0.9
    if entity is Entity.RELEASE:
        assert plain > 2.5 * packed
        assert without > 1.25 * packed


@pytest.mark.parametrize("value", [b"", b"{}", b"x" * 200, bytes(range(256)) * 10, b"\xff" * 9_000])
def test_whatever_is_packed_comes_back(codec: Codec, value: bytes) -> None:
    packed = codec.pack(value)
    assert packed is not None
    assert codec.unpack(packed) == value
    assert len(packed) <= len(value) + 5


def test_what_is_small_stays_as_it_is(codec: Codec) -> None:
    assert b"x" * 200 in (codec.pack(b"x" * 200) or b"")
    assert len(codec.pack(b"x" * 201) or b"") < 50


def test_more_than_a_megabyte_is_not_kept(codec: Codec) -> None:
    assert codec.pack(bytes(MOST_BYTES)) is not None
    assert codec.pack(bytes(MOST_BYTES + 1)) is None


def test_what_another_dictionary_was_used_for_is_absent(codec: Codec) -> None:
    answer = next(answers(PLAN, Entity.RELEASE))
    other = Codec(trained(1_000, islice(answers(PLAN, Entity.ARTIST), 100)))
    packed = other.pack(answer)
    assert other.unpack(packed) == answer
    assert codec.unpack(packed) is None
    assert Codec(None).unpack(codec.pack(answer)) is None
    # What was compressed without any can be read by whoever has one.
    assert codec.unpack(Codec(None).pack(answer)) == answer


@pytest.mark.parametrize("size", [100, 3_000])
def test_one_changed_bit_makes_a_value_absent(codec: Codec, size: int) -> None:
    value = bytes(number * number % 251 for number in range(size // 2)) + b"x" * (size // 2)
    packed = codec.pack(value) or b""
    for place in range(len(packed)):
        spoilt = bytearray(packed)
        spoilt[place] ^= 4
        assert codec.unpack(bytes(spoilt)) in (None, value)
        assert codec.unpack(packed[:place]) is None


def test_a_frame_that_would_fill_the_memory_is_not_read(codec: Codec) -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))
    assert codec.unpack(b"z" + bomb) is None
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(5_000))
    assert codec.unpack(b"z" + unsized) is None
    assert codec.unpack(b"z" + bomb[:4]) is None
