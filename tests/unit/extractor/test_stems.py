"""The compiled cutter's stems are those of its twin, and answer as they do."""

from array import array

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from common.entities import ID_LIMIT, Entity
from common.records import SCHEMA_VERSION
from common.store.packing import BLOCK_BYTES
from common.store.protocol import BLOCK_SIZE
from extractor.framing.cutter import CUTTING, choose_cutter, find_hash
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.framing.stems import Compared, PlainStems, Stems, fingerprint_of
from extractor.selecting.held import HeldBlock
from extractor.selecting.presence import FEW as FEW_IDS
from extractor.selecting.presence import Presence
from tests.unit.compiled_parts import needed
from tests.unit.extractor.documents import LIMIT, regular_record

_OFFSET = 2**40
_IDS = st.one_of(
    st.integers(1, 4),
    st.sampled_from((BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, 0, ID_LIMIT - 1, ID_LIMIT)),
    st.integers(1, ID_LIMIT - 1),
)
_RECORDS = st.lists(st.tuples(_IDS, st.sampled_from(("a", "b" * 300))), max_size=12)


def both(entity: Entity, records: list[tuple[int, str]]) -> tuple[Stems, Stems]:
    """Return the stems of such records, by the compiled cutter and by the plain one."""
    needed(CUTTING, "Cutter")
    text = b"".join(regular_record(entity, number, body) + b"\n" for number, body in records)
    first, second = (
        choose_cutter(entity, LIMIT, compiled=compiled).cut(text, _OFFSET)
        for compiled in (True, False)
    )
    assert first[1:] == second[1:] == (len(text), True)
    assert not isinstance(first[0], PlainStems)
    return first[0], second[0]


@given(st.sampled_from(Entity), _RECORDS)
def test_what_they_hold(entity: Entity, records: list[tuple[int, str]]) -> None:
    compiled, plain = both(entity, records)
    places = range(len(records))
    assert len(compiled) == len(plain) == len(records)
    assert [compiled[place] for place in places] == [plain[place] for place in places]
    assert list(map(compiled.offset, places)) == list(map(plain.offset, places))
    assert compiled.doubtful() == plain.doubtful()
    assert compiled.blocks() == plain.blocks()


@given(st.sampled_from(Entity), _RECORDS, _RECORDS, _RECORDS, st.booleans())
def test_how_they_compare(
    entity: Entity,
    held: list[tuple[int, str]],
    before: list[tuple[int, str]],
    records: list[tuple[int, str]],
    identified: bool,
) -> None:
    compiled, plain = both(entity, records)
    for stems in (compiled, plain):
        for place in stems.doubtful() if identified else ():
            stems.set_id(place, 7)
    (first, seen, met), (second, as_well, also) = (
        _compared(stems, _before(entity, before), entity, held) for stems in (compiled, plain)
    )
    assert (first, met) == (second, also)
    assert seen.ranges() == as_well.ranges()


def _compared(
    stems: Stems, presence: Presence, entity: Entity, held: list[tuple[int, str]]
) -> tuple[Compared, Presence, dict[int, tuple[int, dict[int, int]]]]:
    blocks = {number: HeldBlock() for number in stems.blocks()}
    for record_id, body in held:
        number, place = divmod(record_id, BLOCK_SIZE)
        if number in blocks:
            blocks[number].held[place] = _fingerprint(entity, record_id, body)
    compared = stems.compare(blocks, presence.part)
    return compared, presence, {n: (b.expected, _met(b)) for n, b in blocks.items()}


def _met(block: HeldBlock) -> dict[int, int]:
    met = block.met.items() if isinstance(block.met, dict) else enumerate(block.met)
    return {place: mark for place, mark in met if mark}


def _before(entity: Entity, records: list[tuple[int, str]]) -> Presence:
    presence = Presence()
    for record_id, body in records:
        if 0 < record_id < ID_LIMIT:
            presence.add(record_id, _fingerprint(entity, record_id, body))
    return presence


def _fingerprint(entity: Entity, record_id: int, body: str) -> int:
    return fingerprint_of(regular_record(entity, record_id, body).removesuffix(_end_of(entity)))


def _end_of(entity: Entity) -> bytes:
    return f"</{entity}>".encode()


def test_many_records_of_one_buffer() -> None:
    records = [(number, "a") for number in range(1, 3 * BLOCK_SIZE, 2)]
    compiled, plain = both(Entity.ARTIST, records)
    (first, seen, met), (second, as_well, also) = (
        _compared(stems, Presence(), Entity.ARTIST, records[::3]) for stems in (compiled, plain)
    )
    assert (first, met) == (second, also)
    unchanged, changed, again = first
    assert unchanged == len(records[::3])
    assert list(changed.ids) == [number for number, _ in records if (number // 2) % 3]
    assert not again
    assert seen.ranges() == as_well.ranges()


@pytest.mark.parametrize("found", [False, True])
def test_fingerprints_are_taken_with_the_interpreter_and_without(found: bool) -> None:
    address = find_hash() if found else 0
    record = regular_record(Entity.ARTIST, 5, "b" * 300)
    make = needed(CUTTING, "Cutter")
    cutter = make(
        b"artist", b"<artist>", nests=False, in_attribute=False, limit=LIMIT, hash_address=address
    )
    stems, _, _ = cutter.cut(record, 0)
    stem = record.removesuffix(b"</artist>")
    changed = RawRecords.of(Entity.ARTIST, [RawRecord(5, fingerprint_of(stem), 0, stem)])
    held = {0: HeldBlock()}
    assert stems.compare(held, Presence().part) == (0, changed, [])


def test_the_hash_is_in_the_wheel() -> None:
    assert find_hash() != 0


@pytest.mark.parametrize("place", [-1, 1])
def test_the_compiled_ones_have_no_more_than_they_have(place: int) -> None:
    compiled, _ = both(Entity.LABEL, [(1, "a")])
    for ask in (compiled.__getitem__, compiled.offset, lambda place: compiled.set_id(place, 2)):
        with pytest.raises(IndexError):
            ask(place)


def test_the_compiled_ones_read_no_further_than_a_block() -> None:
    compiled, _ = both(Entity.LABEL, [(1, "a")])
    block = HeldBlock()
    block.held, block.met = array("Q", [0]), array("Q", bytes(BLOCK_BYTES))
    with pytest.raises(IndexError):
        compiled.compare({0: block}, Presence().part)


@pytest.mark.parametrize("step", [1, 2, 30, 70, 4_099, 100_003])
def test_blocks_and_ranges_that_fill_up_on_the_way(step: int) -> None:
    """Few at first, they become arrays and bits in the middle of a buffer, or stay few."""
    count = 2 * FEW_IDS
    records = [(number, "a") for number in range(step, (count + 1) * step, step)]
    records += records[: count // 2]  # again, and not in order
    compiled, plain = both(Entity.RELEASE, records)
    (first, seen, met), (second, as_well, also) = (
        _compared(stems, Presence(), Entity.RELEASE, records[:count:3])
        for stems in (compiled, plain)
    )
    assert (first, met) == (second, also)
    unchanged, changed, again = first
    assert unchanged + len(changed) == sum(expected for expected, _ in met.values()) + unchanged
    assert unchanged == len(records[:count:3])
    assert [record_id for _, record_id, _ in again] == [number for number, _ in records[count:]]
    assert seen.ranges() == as_well.ranges()
    assert sum(one.count for one in seen.ranges()) == count


def test_a_fingerprint_covers_every_byte_and_is_never_zero() -> None:
    stems = (b"<release>", b"<release >", b"<release>\0", b"")
    assert [fingerprint_of(stem) for stem in stems] == [
        xxhash.xxh3_64_intdigest(stem, seed=SCHEMA_VERSION) for stem in stems
    ]
    assert len({fingerprint_of(stem) for stem in stems}) == len(stems)
