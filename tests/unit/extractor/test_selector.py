"""Each record is unchanged, changed or bad; the first of an id counts."""

from collections.abc import Sequence

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from common.entities import Entity
from common.records import SCHEMA_VERSION
from common.store.protocol import BLOCK_SIZE
from extractor.framing.raw_records import RawRecord
from extractor.framing.splitter import BadStem, Cut
from extractor.framing.stems import PlainStems, fingerprint_of
from extractor.selecting.fingerprints import Fingerprints
from extractor.selecting.selector import Selected, Selector
from tests.fakes.store import MemoryStore
from tests.unit.extractor.failing_store import FailingStore

ENTITY = Entity.RELEASE


def stem(number: int | str, content: str = "") -> bytes:
    """Return a release without its end tag."""
    return f'<release id="{number}">{content}'.encode()


def cut_of(*stems: bytes) -> Cut:
    """Return these records as the splitter gives them, with offsets 0, 100, 200, …."""
    offsets = [100 * place for place in range(len(stems))]
    return Cut([PlainStems(ENTITY, stems, offsets)])


class Run:
    """One reading of a dump into a store, without the broker."""

    def __init__(self, store: MemoryStore) -> None:
        self.fingerprints = Fingerprints(store, ENTITY)
        self.selector = Selector(ENTITY, self.fingerprints)

    async def select(self, *stems: bytes) -> Selected:
        """Select among records; what the answer has is in the order of the records."""
        return await self.selector.select(cut_of(*stems))

    async def confirm(self, selected: Selected) -> None:
        """Settle what changed, as a broker that confirms."""
        for records in selected.changed:
            self.fingerprints.confirm(records.ids)
        await self.fingerprints.flush()

    def counted(self) -> tuple[int, int, tuple[int, ...]]:
        """Return count, total and quarantined ids over all ranges."""
        ranges = self.selector.presence.ranges()
        return (
            sum(one.count for one in ranges),
            sum(one.total for one in ranges) % 2**64,
            tuple(i for one in ranges for i in one.quarantined),
        )


def changed(selected: Selected) -> list[RawRecord]:
    """Return the records to be sent, one by one."""
    return [record for records in selected.changed for record in records]


def total(*stems: bytes) -> int:
    """Return the sum of fingerprints, by its definition."""
    return sum(xxhash.xxh3_64_intdigest(one, seed=SCHEMA_VERSION) for one in stems) % 2**64


async def loaded(*stems: bytes) -> MemoryStore:
    """Return a store that knows these records from an earlier run."""
    store = MemoryStore()
    run = Run(store)
    await run.confirm(await run.select(*stems))
    return store


async def test_new_changed_and_unchanged() -> None:
    first = [stem(1), stem(2), stem(70_000)]
    store = await loaded(*first)
    run = Run(store)
    selected = await run.select(stem(70_000), stem(2, "new"), stem(1), stem(3))
    assert [(one.id, one.offset, one.stem) for one in changed(selected)] == [
        (2, 100, stem(2, "new")),
        (3, 300, stem(3)),
    ]
    assert [one.fingerprint for one in changed(selected)] == [
        fingerprint_of(stem(2, "new")),
        fingerprint_of(stem(3)),
    ]
    assert (selected.unchanged, selected.bad) == (2, [])
    assert run.counted() == (4, total(stem(70_000), stem(2, "new"), stem(1), stem(3)), ())


async def test_what_was_sent_is_unchanged_next_time() -> None:
    store = await loaded(stem(1))
    run = Run(store)
    await run.confirm(await run.select(stem(1, "b")))
    assert (await Run(store).select(stem(1, "b"))).unchanged == 1
    assert len(changed(await Run(store).select(stem(1)))) == 1


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("together", [False, True])
async def test_an_id_again(known: bool, confirmed: bool, together: bool) -> None:
    store = await loaded(stem(5)) if known else MemoryStore()
    run, selected = Run(store), Selected()
    if not together:
        selected = await run.select(stem(5))
    if confirmed:
        await run.confirm(selected)
    again = await run.select(*([stem(5)] if together else []), stem(5), stem(5, "other"), stem(6))
    assert again.unchanged == 1 + (known and together)
    (bad,) = again.bad
    assert (bad.id, bad.raw) == (5, stem(5, "other"))
    assert "again, with other content" in bad.reason
    assert run.counted() == (2, total(stem(5), stem(6)), ())


async def test_the_first_counts_even_when_a_later_one_is_what_the_store_holds() -> None:
    run = Run(await loaded(stem(5, "old")))
    selected = await run.select(stem(5, "new"), stem(5, "old"))
    assert [one.stem for one in changed(selected)] == [stem(5, "new")]
    assert [one.raw for one in selected.bad] == [stem(5, "old")]
    assert run.counted() == (1, total(stem(5, "new")), ())


async def test_a_quarantined_id_stays_so_whatever_comes_later() -> None:
    run = Run(MemoryStore())
    (spoiled, _) = changed(await run.select(stem(5, "&"), stem(6)))
    run.selector.quarantine(spoiled.id, spoiled.fingerprint)
    selected = await run.select(stem(5), stem(5, "&"))
    assert changed(selected) == []
    assert [one.id for one in selected.bad] == [5, 5]
    assert run.counted() == (1, total(stem(6)), (5,))


async def test_what_the_store_holds_does_not_undo_a_quarantine() -> None:
    run = Run(await loaded(stem(5)))
    (spoiled,) = changed(await run.select(stem(5, "&")))
    run.selector.quarantine(spoiled.id, spoiled.fingerprint)
    selected = await run.select(stem(5))
    assert (selected.unchanged, len(selected.bad)) == (0, 1)
    assert run.counted() == (0, 0, (5,))


async def test_a_record_that_did_not_parse_is_tried_again_next_time() -> None:
    store = MemoryStore()
    run = Run(store)
    (spoiled,) = changed(await run.select(stem(5, "&")))
    run.selector.quarantine(spoiled.id, spoiled.fingerprint)
    await run.fingerprints.flush()
    assert len(changed(await Run(store).select(stem(5, "&")))) == 1


@pytest.mark.parametrize(
    "unreadable", [stem("x"), stem(0), stem(2**31), b"<release>", stem("1\x07")]
)
async def test_an_unreadable_id_holds_all_deletions(unreadable: bytes) -> None:
    run = Run(MemoryStore())
    selected = await run.select(stem(1), unreadable, stem(2))
    (bad,) = selected.bad
    assert (bad.id, bad.offset, bad.raw) == (None, 100, unreadable)
    assert [one.id for one in changed(selected)] == [1, 2]
    assert all(one.hold_deletions for one in run.selector.presence.ranges())
    assert run.counted() == (2, total(stem(1), stem(2)), ())


async def test_an_id_with_other_content_is_left_out_and_counted() -> None:
    run = Run(MemoryStore())
    selected = await run.select(stem(1), stem(1, "other"), stem(1), stem(2))
    assert (len(selected.bad), selected.unchanged) == (1, 1)
    assert {(one.left_out, one.without_id) for one in run.selector.presence.ranges()} == {(1, 0)}


async def test_a_bad_stem_with_an_id_is_quarantined() -> None:
    run = Run(MemoryStore())
    cut = cut_of(stem(1))
    cut.bad = [BadStem(7, stem(3), "too long", True), BadStem(8, stem(3), "again", True)]
    selected = await run.selector.select(cut)
    assert [(one.id, one.offset, one.reason) for one in selected.bad] == [
        (3, 7, "too long"),
        (3, 8, "again"),
    ]
    assert run.counted() == (1, total(stem(1)), (3,))
    assert not run.selector.presence.hold_deletions


async def test_a_bad_stem_that_may_hold_another_record_holds_all_deletions() -> None:
    run = Run(MemoryStore())
    cut = cut_of()
    cut.bad = [BadStem(7, stem(3), "it has no end tag")]
    assert (await run.selector.select(cut)).bad[0].id == 3
    assert run.selector.presence.hold_deletions


async def test_a_bad_stem_without_id_holds_all_deletions() -> None:
    run = Run(MemoryStore())
    cut = cut_of()
    cut.bad = [BadStem(7, b"<title>", "its end tag has no start tag", True)]
    assert (await run.selector.select(cut)).bad[0].id is None
    assert run.selector.presence.hold_deletions


_STEMS = st.lists(
    st.builds(
        stem,
        st.one_of(st.integers(1, 4), st.integers(1, 3 * BLOCK_SIZE), st.integers(1, 2**31 - 1)),
        st.sampled_from(("", "a")),
    ),
    max_size=12,
)


@given(_STEMS, st.lists(_STEMS, max_size=3), st.booleans())
async def test_runs_add_up(before: list[bytes], blocks: list[list[bytes]], confirm: bool) -> None:
    store = await loaded(*before)
    run = Run(store)
    everything = [one for block in blocks for one in block]
    first = _first_of_each_id(everything)
    settled = 0
    sent = []
    for block in blocks:
        selected = await run.select(*block)
        settled += len(changed(selected)) + len(selected.bad) + selected.unchanged
        sent += [one.stem for one in changed(selected)]
        if confirm:
            await run.confirm(selected)
    assert settled == len(everything)
    assert sent == [one for one in first if one not in _first_of_each_id(before)]
    assert run.counted() == (len(first), total(*first), ())


def _first_of_each_id(stems: Sequence[bytes]) -> list[bytes]:
    found: dict[bytes, bytes] = {}
    for one in stems:
        found.setdefault(one.partition(b">")[0], one)
    return list(found.values())


@pytest.mark.parametrize("calls", range(3))
async def test_a_store_that_fails_sends_everything(calls: int) -> None:
    store = FailingStore(calls)
    store.blocks = (await loaded(*(stem(i * BLOCK_SIZE + 1) for i in range(5)))).blocks
    run = Run(store)
    unchanged = 0
    for i in range(5):
        selected = await run.select(stem(i * BLOCK_SIZE + 1))
        unchanged += selected.unchanged
        assert len(changed(selected)) + selected.unchanged == 1
        await run.confirm(selected)
    assert unchanged == calls
    assert run.counted()[0] == 5
