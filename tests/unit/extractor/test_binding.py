"""Fingerprints are believed only where they describe what the sinks in use hold."""

from dataclasses import replace

import pytest

from common.entities import Entity
from common.messages import Headers, Kind
from common.reports import SinkReport, State
from common.store import Binding
from common.store.protocol import BLOCK_SIZE
from extractor.selecting.binding import all_refuse, bind, describes
from tests.fakes.store import MemoryStore
from tests.reports import report as sink_report
from tests.reports import row

ENTITY = Entity.LABEL


def report(
    sink: str, identity: str, run: int | None = None, refused: int = 0, dump: int = 20260401
) -> SinkReport:
    """Return a sink's report, at this run of the entity if any."""
    rows = {} if run is None else {ENTITY: row(State.LOADING, run=run, dump=dump)}
    older = {str(refused): "older"} if refused else {}
    return sink_report(rows, sink, older, identity=identity)


BOUND = Binding(run=7, sinks={"a": "one", "b": "two"})
UNSEEN = Binding(run=7, sinks={"a": None})


@pytest.mark.parametrize(
    ("binding", "sinks", "reports", "expected"),
    [
        (None, ["a"], [], False),
        (None, [], [], False),
        (BOUND, ["a", "b"], [], True),
        (BOUND, ["a"], [], True),
        (BOUND, ["a", "b"], [report("a", "one"), report("b", "two")], True),
        (BOUND, ["a", "b"], [report("b", "other")], False),
        (BOUND, ["a"], [report("b", "other")], True),
        (BOUND, ["a", "b", "c"], [], False),
        (BOUND, ["c"], [report("c", "three", 7)], False),
        (BOUND, ["a", "b"], [report("a", "one"), report("b", "two", refused=7)], False),
        (BOUND, ["a", "b"], [report("a", "one"), report("b", "two", refused=6)], True),
        (BOUND, ["a"], [report("b", "two", refused=7)], True),
        (UNSEEN, ["a"], [], False),
        (UNSEEN, ["a"], [report("a", "one")], False),
        (UNSEEN, ["a"], [report("a", "one", 6)], False),
        (UNSEEN, ["a"], [report("a", "one", 8)], False),
        (UNSEEN, ["a"], [report("a", "one", 7)], True),
    ],
)
def test_describes(
    binding: Binding | None, sinks: list[str], reports: list[SinkReport], expected: bool
) -> None:
    by_name = {one["sink"]: one for one in reports}
    assert describes(binding, sinks, by_name, ENTITY) is expected


async def _store_bound_to(binding: Binding | None) -> MemoryStore:
    store = MemoryStore()
    await store.put_fingerprints(ENTITY, {3: bytes(8 * BLOCK_SIZE)})
    await store.put_fingerprints(Entity.ARTIST, {4: bytes(8 * BLOCK_SIZE)})
    if binding:
        await store.bind(ENTITY, binding)
    return store


async def test_known_sinks_keep_the_fingerprints_and_their_identities() -> None:
    store = await _store_bound_to(BOUND)
    await bind(store, ENTITY, 9, ["a", "b"], {"b": report("b", "two")})
    assert await store.known_blocks(ENTITY) == [3]
    assert await store.binding(ENTITY) == Binding(run=9, sinks={"a": "one", "b": "two"})


@pytest.mark.parametrize("binding", [None, BOUND])
async def test_a_new_sink_forgets_the_fingerprints_of_its_entity(binding: Binding | None) -> None:
    store = await _store_bound_to(binding)
    await bind(store, ENTITY, 9, ["a", "c"], {"c": report("c", "three")})
    assert await store.known_blocks(ENTITY) == []
    assert await store.known_blocks(Entity.ARTIST) == [4]
    assert await store.binding(ENTITY) == Binding(run=9, sinks={"a": None, "c": "three"})


async def test_a_sink_seen_for_the_first_time_gets_its_identity() -> None:
    store = await _store_bound_to(UNSEEN)
    await bind(store, ENTITY, 9, ["a"], {"a": report("a", "one", 7)})
    assert await store.known_blocks(ENTITY) == [3]
    assert await store.binding(ENTITY) == Binding(run=9, sinks={"a": "one"})


async def test_a_sink_out_of_use_is_forgotten() -> None:
    store = await _store_bound_to(BOUND)
    await bind(store, ENTITY, 9, ["a"], {})
    assert await store.binding(ENTITY) == Binding(run=9, sinks={"a": "one"})
    await bind(store, ENTITY, 10, ["a", "b"], {})
    assert await store.known_blocks(ENTITY) == []


async def test_other_options_forget_what_was_sent_and_doubt_the_report_of_the_loader_before() -> (
    None
):
    store = await _store_bound_to(BOUND)
    before = {"a": report("a", "one", 7), "b": report("b", "two", 7)}
    await bind(store, ENTITY, 9, ["a", "b"], before, "extras")
    assert await store.known_blocks(ENTITY) == []
    bound = await store.binding(ENTITY)
    assert bound == Binding(run=9, sinks={"a": None, "b": None}, options="extras")
    assert not describes(bound, ["a", "b"], before, ENTITY, "extras")
    # The loader has started anew and has taken that run: now it is known, and believed.
    after = {"a": report("a", "one", 9), "b": report("b", "two+extras", 9)}
    assert describes(bound, ["a", "b"], after, ENTITY, "extras")
    assert not describes(bound, ["a", "b"], after, ENTITY)
    await bind(store, ENTITY, 10, ["a", "b"], after, "extras")
    assert await store.binding(ENTITY) == Binding(
        run=10, sinks={"a": "one", "b": "two+extras"}, options="extras"
    )


OLDER = Headers(Kind.BATCH, ENTITY, 8, 20260301, 0)


@pytest.mark.parametrize(
    ("headers", "reports", "expected"),
    [
        (OLDER, [report("a", "one", 7), report("b", "two", 7)], True),
        (OLDER, [report("a", "one", 7), report("b", "two", 7, dump=20260301)], False),
        (OLDER, [report("a", "one", 7), report("b", "two")], False),
        (OLDER, [report("a", "one", 7)], False),
        (OLDER, [], False),
        (replace(OLDER, allow_older=True), [report("a", "one", 7), report("b", "two", 7)], False),
        (replace(OLDER, dump=20260401), [report("a", "one", 7), report("b", "two", 7)], False),
    ],
)
def test_what_every_sink_is_going_to_refuse(
    headers: Headers, reports: list[SinkReport], expected: bool
) -> None:
    told = {report["sink"]: report for report in reports}
    assert all_refuse(headers, ["a", "b"], told) is expected
