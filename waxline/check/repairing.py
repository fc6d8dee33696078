"""Finds what is wrong in the sinks, and makes the next run send and write it again."""

from collections.abc import Collection, Iterable, Sequence

from common.dumps import Dump
from common.entities import Entity
from common.messages import Headers, Kind
from common.store import Store
from common.store.protocol import BLOCK_SIZE
from extractor.dry_run import DryRun
from loaders.portions import parts
from waxline.check.findings import Wrong
from waxline.check.scanning import Scan, find_by_fingerprint
from waxline.check.subjects import Subject

_AT_ONCE = 1_000


async def compare_fingerprints(dry_runs: Iterable[DryRun], subjects: Sequence[Subject]) -> Wrong:
    """Compare the fingerprints of all records, where those of their range differ."""
    found: dict[Entity, dict[str, Collection[int]]] = {}
    for dry_run in dry_runs:
        scan = Scan(dry_run)
        for subject in subjects:
            await subject.row_of(scan.dump)
        await scan.read()
        found[scan.dump.entity] = {
            subject.name: await find_by_fingerprint(scan, subject) for subject in subjects
        }
    return found


async def mark(
    dumps: Sequence[Dump], subjects: Sequence[Subject], store: Store, wrong: Wrong
) -> None:
    """Have the sinks take what is wrong for unknown, and the store forget its fingerprints.

    In this order: killed in between, the sinks differ from the dump, and a run finds that.
    """
    for dump in dumps:
        for subject in subjects:
            await _distrust(subject, dump, wrong[dump.entity][subject.name])
    for entity, by_sink in wrong.items():
        blocks = {record_id // BLOCK_SIZE for ids in by_sink.values() for record_id in ids}
        await store.forget_fingerprints(entity, blocks)


async def _distrust(subject: Subject, dump: Dump, ids: Collection[int]) -> None:
    row = await subject.row_of(dump)
    headers = Headers(Kind.BATCH, row.entity, row.run, row.dump, 0)
    for some in parts(sorted(ids), _AT_ONCE):
        await _distrust_some(subject, headers, some)


async def _distrust_some(subject: Subject, headers: Headers, ids: Sequence[int]) -> None:
    await subject.retrying(lambda: subject.sink.content.distrust(headers, ids))
