"""The ranges of a run cover all ids, and say of each range what a naive count says."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from common.entities import ID_LIMIT
from common.messages import Range, decode_range, encode_range
from common.run_rules import RANGE_SIZE
from common.store.protocol import BLOCK_SIZE
from extractor.selecting.presence import FEW, MOST_LISTED, PLAIN, Presence

_EDGES = (1, BLOCK_SIZE - 1, BLOCK_SIZE, RANGE_SIZE - 1, RANGE_SIZE, RANGE_SIZE + 1, 3 * RANGE_SIZE)
_IDS = st.one_of(
    st.sampled_from(_EDGES),
    st.integers(1, 3 * RANGE_SIZE),
    st.integers(1, ID_LIMIT - 1),
    st.sampled_from((ID_LIMIT - 1, ID_LIMIT - RANGE_SIZE, ID_LIMIT - RANGE_SIZE - 1)),
)
_FINGERPRINTS = st.one_of(st.integers(1, 2**64 - 1), st.just(2**64 - 1))
_PLAIN = st.sampled_from((0, 64))
_GOOD = st.dictionaries(_IDS, _FINGERPRINTS, max_size=12)


def note_good(presence: Presence, record_id: int, fingerprint: int) -> None:
    """Note a good record, as the selector does."""
    assert presence.add(record_id, fingerprint)


def presence_of(good: dict[int, int], bad: set[int], plain: int = PLAIN) -> Presence:
    """Return what a run knows after these records."""
    presence = Presence(plain)
    for record_id, fingerprint in good.items():
        note_good(presence, record_id, fingerprint)
    for record_id in bad:
        presence.note_bad(record_id)
    return presence


@given(_GOOD, st.sets(_IDS, max_size=4), _PLAIN)
def test_ranges_cover_all_ids_without_a_gap(
    good: dict[int, int], bad: set[int], plain: int
) -> None:
    ranges = presence_of(good, bad, plain).ranges()
    assert ranges[0].first == 0
    assert ranges[-1].last == ID_LIMIT
    assert all(one.last == after.first for one, after in pairwise(ranges))
    assert all(one.first < one.last for one in ranges)
    assert [one.index for one in ranges] == list(range(len(ranges)))
    assert {one.ranges for one in ranges} == {len(ranges)}
    assert all(one.last - one.first <= RANGE_SIZE or not one.bitmap for one in ranges)


@given(_GOOD, st.sets(_IDS, max_size=4), st.sets(st.integers(0, 11)), _PLAIN)
def test_a_range_says_what_a_naive_count_says(
    good: dict[int, int], bad: set[int], spoiled: set[int], plain: int
) -> None:
    presence = presence_of(good, bad, plain)
    taken_back = {record_id for index, record_id in enumerate(good) if index in spoiled}
    for record_id in taken_back:
        presence.quarantine(record_id, good[record_id])
    left = {i: fingerprint for i, fingerprint in good.items() if i not in taken_back}
    quarantined = taken_back | (bad - set(good))
    for one in presence.ranges():
        assert decode_range(encode_range(one)) == one
        assert all(map(one.holds, _ids(one)))
        assert not any(one.holds(i) for i in (one.first, one.last - 1) if i not in _ids(one))
        assert _ids(one) == sorted(i for i in set(good) | bad if one.first <= i < one.last)
        within = {i: f for i, f in left.items() if one.first <= i < one.last}
        assert one.count == len(within)
        assert one.total == sum(within.values()) % 2**64
        assert one.quarantined == tuple(sorted(i for i in quarantined if one.first <= i < one.last))


def _ids(one: Range) -> list[int]:
    """Read a bitmap bit by bit, or the list in its place."""
    return list(one.ids) or [
        one.first + 8 * place + bit
        for place, byte in enumerate(one.bitmap)
        for bit in range(8)
        if byte >> bit & 1
    ]


def test_an_empty_run_is_one_range() -> None:
    (one,) = Presence().ranges(allow_deletions=True)
    assert (one.first, one.last, one.bitmap, one.count) == (0, ID_LIMIT, b"", 0)
    assert one.allow_deletions
    assert not one.hold_deletions


def test_every_range_carries_the_flags() -> None:
    presence = presence_of({5: 1, 10 * RANGE_SIZE: 2}, set())
    presence.hold_deletions = True
    assert all(one.hold_deletions and not one.allow_deletions for one in presence.ranges())
    assert len(presence.ranges()) == 4


def test_a_bad_record_of_a_known_id_changes_nothing() -> None:
    presence = presence_of({5: 7}, {5, 6})
    assert presence.quarantined == {6}
    assert presence.seen(0) == bytes([0b1100000]) + bytes(BLOCK_SIZE // 8 - 1)
    assert presence.seen(99) == bytes(BLOCK_SIZE // 8)


def test_what_is_left_out_is_counted_even_where_it_cannot_be_named() -> None:
    presence = presence_of({5: 7, 6: 8, 10 * RANGE_SIZE: 9}, {7})
    presence.quarantine(6, 8)
    for record_id in (None, 5, None):
        presence.note_bad(record_id)
    assert presence.hold_deletions
    assert {(one.left_out, one.without_id) for one in presence.ranges()} == {(5, 2)}
    assert presence.quarantined == {6, 7}


def test_a_total_stays_within_64_bits() -> None:
    assert presence_of({5: 2**64 - 1, 6: 2**64 - 1}, set()).ranges()[0].total == 2**64 - 2


def test_ranges_go_by_the_records_and_not_by_how_far_apart_they_are() -> None:
    spread = presence_of({16_000 * n: n for n in range(1, 100_000)}, set())
    ranges = spread.ranges()
    assert len(ranges) <= 100_000 / MOST_LISTED + 2
    assert sum(len(encode_range(one)) for one in ranges) < 8 * 100_000
    assert sum(one.count for one in ranges) == 99_999


def test_a_dense_range_among_sparse_ones_keeps_its_bitmap() -> None:
    sparse = {RANGE_SIZE * n: 1 for n in range(1, 3 * PLAIN)}
    dense = {9 * RANGE_SIZE + n: 1 for n in range(FEW + 1)}
    ranges = presence_of({**sparse, **dense}, set()).ranges()
    assert [bool(one.bitmap) for one in ranges] == [False, False, True, False, False]
    assert [len(one.ids) for one in ranges] == [0, 8, 0, 3 * PLAIN - 10, 0]


class Counted(int):
    """An id that counts how often it is compared with another."""

    comparisons = 0

    def __lt__(self, other: object) -> bool:
        Counted.comparisons += 1
        return int(self) < other  # type: ignore[operator]

    def __le__(self, other: object) -> bool:
        Counted.comparisons += 1
        return int(self) <= other  # type: ignore[operator]

    def __ge__(self, other: object) -> bool:
        Counted.comparisons += 1
        return int(self) >= other  # type: ignore[operator]

    __hash__ = int.__hash__


def test_quarantined_ids_are_looked_through_once_and_not_for_each_range() -> None:
    presence = presence_of({RANGE_SIZE * n: 1 for n in range(1, 500)}, set(), plain=1_000)
    presence.quarantined = {Counted(RANGE_SIZE * n + 1) for n in range(1, 500)}
    Counted.comparisons = 0
    assert sum(len(one.quarantined) for one in presence.ranges()) == 499
    assert Counted.comparisons < 500 * 40
