"""What a check draws, finds and says, without any server."""

import pytest

from common.entities import Entity
from extractor.framing.raw_records import RawRecord
from loaders.differences import NOTHING, Part
from waxline.check.findings import Coverage, Findings
from waxline.check.sampling import Sample
from waxline.check.scanning import differing_ids
from waxline.check.showing import findings_remarks

RELEASE = Entity.RELEASE
PART = Part("release", "", "title", "a", "b")


def drawn(ids: list[int], size: int, seed: int) -> list[int]:
    sample = Sample(size, seed)
    for record_id in ids:
        sample.offer(RawRecord(record_id, 1, 0, b""))
    return [record.id for record in sample.drawn()]


def test_a_sample_is_the_same_by_its_seed_whatever_the_order() -> None:
    ids = list(range(1, 5_001))
    found = drawn(ids, 100, 1)
    assert len(set(found)) == 100
    assert found == sorted(found) == drawn(ids[::-1], 100, 1)
    assert found != drawn(ids, 100, 2)


def test_a_sample_of_a_few_more_records_is_nearly_the_same() -> None:
    before, after = drawn([*range(1, 5_001)], 100, 1), drawn([*range(1, 5_051)], 100, 1)
    assert len(set(before) & set(after)) > 90


def test_every_part_of_a_dump_is_drawn_alike() -> None:
    found = [record_id for seed in range(20) for record_id in drawn([*range(1, 1_001)], 100, seed)]
    tenths = [sum(record_id > 100 * n for record_id in found) for n in range(10)]
    shares = [one - other for one, other in zip(tenths, [*tenths[1:], 0], strict=True)]
    assert sum(shares) == 2_000
    assert min(shares) > 140
    assert max(shares) < 260


def test_a_sample_larger_than_the_dump_is_all_of_it() -> None:
    assert drawn([3, 1, 2], 10, 0) == [1, 2, 3]


@pytest.mark.parametrize(
    ("expected", "held", "left_out", "differing"),
    [
        ({1: 10, 2: 2**64 - 5}, {1: 10, 2: -5}, (), set()),
        ({1: 10}, {1: 11}, (), {1}),
        ({1: 10}, {1: 0}, (), {1}),
        ({1: 10}, {}, (), {1}),
        ({}, {4: 40}, (), {4}),
        ({1: 10}, {1: 11, 4: 40}, (4,), {1}),
    ],
)
def test_ids_differ_by_fingerprint_or_by_being_on_one_side(
    expected: dict[int, int], held: dict[int, int], left_out: tuple[int, ...], differing: set[int]
) -> None:
    assert differing_ids(expected, held, left_out) == differing


def test_of_many_differences_the_first_are_kept_and_all_are_counted() -> None:
    findings = Findings(limit=3)
    findings.note(RELEASE, "postgres", {1: [PART, PART], 2: [PART, PART]})
    findings.note(RELEASE, "neo4j", {2: [Part("", "", "", NOTHING, "it")]})
    assert [difference.id for difference in findings.shown] == [1, 1, 2]
    assert findings.count == 5
    assert findings.records == 3
    assert findings.ids(RELEASE, "postgres") == {1, 2}
    assert list(findings_remarks(findings))[3:] == ["… and 2 more differences"]


def test_what_was_not_compared_is_said() -> None:
    findings = Findings(limit=3)
    findings.tallies[RELEASE, "neo4j"].kept = 1_234
    findings.coverage[RELEASE] = Coverage(read=20_000, left_out=1, drawn=1_000)
    assert list(findings_remarks(findings)) == [
        "neo4j, releases: 1,234 that the dump has not are kept: they could not be "
        "deleted, or it has a record whose id cannot be read",
        "releases: a sample of 1,000 of 20,000 records",
    ]
