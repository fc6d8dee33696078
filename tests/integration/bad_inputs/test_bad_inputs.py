"""What may come in place of a dump: it is refused in a sentence, or costs the bad record only."""

import gzip
from pathlib import Path

import pytest

from common.reports import State
from extractor.sender import MOST_ODD
from tests.integration.bad_inputs import container, markup, records
from tests.integration.bad_inputs.bench import CANARY, Bench
from tests.integration.bad_inputs.cases import DATE, Bad, Case
from tests.integration.bad_inputs.extracting import Read
from tests.integration.bad_inputs.loading import Receiver

CASES = (*container.CASES, *markup.CASES, *records.CASES)


def test_there_is_a_case_of_each() -> None:
    assert {case.number for case in CASES} == set(range(1, 56))
    assert len({case.title for case in CASES}) == len(CASES)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
async def test_bad_input(case: Case, bench: Bench) -> None:
    before = [await receiver.held(case.entity) for receiver in bench.receivers]
    place = bench.place(case.title)
    path, found = await bench.try_out(case, place)

    assert not bench.was_asked()
    assert found.kilobytes <= 1_000 * case.megabytes
    _assert_told(case, path, found)
    for receiver, held in zip(bench.receivers, before, strict=True):
        assert not await receiver.lost(case.entity)
        if case.refused or case.refused_by_sinks:
            assert await receiver.held(case.entity) == held
            await _assert_refused(case, receiver)
        else:
            await _assert_loaded(case, receiver)


def _assert_told(case: Case, path: Path, found: Read) -> None:
    """Check the error, the quarantine, what is warned of, and that the canary is nowhere."""
    assert bool(found.error) == bool(case.refused), found.error
    assert found.error.startswith(f"{path}: " if case.refused else "")
    for word in case.refused:
        assert word in found.error
    assert len(found.bad) == len(case.quarantined)
    for bad, expected in zip(found.bad, case.quarantined, strict=True):
        assert (bad.id, bad.dump, bad.file) == (expected.id, DATE, str(path.resolve()))
        assert expected.reason in bad.reason
        assert CANARY.encode() not in bad.raw()
        assert case.swallowed or f"{case.title}, ".encode() not in bad.raw()
        _assert_kept(_content(path), bad.offset, bad.raw(), expected)
    assert case.unknown in found.told
    assert found.told.count("unknown_in_dump") <= MOST_ODD
    assert CANARY not in found.error + found.told


def _content(path: Path) -> bytes:
    """Return the XML, of a gzip its beginning: it may be a bomb."""
    if path.suffix != ".gz":
        return path.read_bytes()
    with gzip.open(path) as file:
        return file.read(10_000)


def _assert_kept(content: bytes, offset: int, raw: bytes, expected: Bad) -> None:
    """Check that what is kept begins as a record does, and stands where it is said to stand."""
    assert content.startswith(raw, offset)
    assert raw.startswith(b"<")
    assert len(raw) == expected.kept or (not expected.kept and raw)


async def _assert_refused(case: Case, receiver: Receiver) -> None:
    """Check that nothing follows from the run; the caller, that nothing has changed."""
    reasons = (await receiver.refusals()).values()
    assert any(case.refused_by_sinks in reason for reason in reasons) or not case.refused_by_sinks


async def _assert_loaded(case: Case, receiver: Receiver) -> None:
    """Check that the run is complete, and all but the bad record are what they must be."""
    row = await receiver.settled(case.entity)
    assert row.state is State.COMPLETE, row
    assert row.deleted == 0
    rejected = await receiver.rejected(case.entity)
    if not case.quarantined:  # else an earlier case's may still be there
        assert set(rejected) == set(case.rejected)
    expected = {number: data for number, data in case.loaded().items() if number not in rejected}
    assert await receiver.differences(case.entity, expected) == {}
