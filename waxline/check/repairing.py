"""Finds what is wrong in the sinks, and makes the next run send and write it again."""

from collections.abc import Collection, Mapping, Sequence

from common.dumps import Dump
from common.entities import Entity
from common.messages import Headers, Kind
from common.store import open_store
from common.store.protocol import BLOCK_SIZE
from config.settings import Settings
from extractor.parsing.pool import open_pool
from loaders.portions import parts
from waxline.check.findings import Findings
from waxline.check.sampling import Sample
from waxline.check.scanning import Scan, find_by_fingerprint
from waxline.check.subjects import Subject, opened
from waxline.check.verifying import Verifier

Wrong = Mapping[Entity, Mapping[str, Collection[int]]]
"""Ids that are not right, by entity and sink."""

_AT_ONCE = 1_000


async def compare_contents(
    dumps: Sequence[Dump],
    settings: Settings,
    findings: Findings,
    samples: Mapping[Entity, Sample] | None = None,
) -> Wrong:
    """Compare records as a whole, all or samples; what differs goes to ``findings``."""
    async with opened(settings) as subjects, open_pool(settings.parse_processes) as pool:
        for dump in dumps:
            verifier = Verifier(dump, subjects, settings, pool, findings)
            if samples is None:
                await verifier.verify()
            else:
                await verifier.verify_sample(samples[dump.entity])
    return {
        dump.entity: {subject.name: findings.ids(dump.entity, subject.name) for subject in subjects}
        for dump in dumps
    }


async def compare_fingerprints(dumps: Sequence[Dump], settings: Settings) -> Wrong:
    """Compare the fingerprints of all records, where those of their range differ."""
    found: dict[Entity, dict[str, Collection[int]]] = {}
    async with opened(settings) as subjects:
        for dump in dumps:
            scan = Scan(dump, settings)
            for subject in subjects:
                await subject.row_of(dump)
            await scan.read()
            found[dump.entity] = {
                subject.name: await find_by_fingerprint(scan, subject) for subject in subjects
            }
    return found


async def mark(dumps: Sequence[Dump], settings: Settings, wrong: Wrong) -> None:
    """Have the sinks take what is wrong for unknown, and the store forget its fingerprints.

    In this order: killed in between, the sinks differ from the dump, and a run finds that.
    """
    async with opened(settings) as subjects:
        for dump in dumps:
            for subject in subjects:
                await _distrust(subject, dump, wrong[dump.entity][subject.name])
    store = open_store(settings)
    try:
        for entity, by_sink in wrong.items():
            blocks = {record_id // BLOCK_SIZE for ids in by_sink.values() for record_id in ids}
            await store.forget_fingerprints(entity, blocks)
    finally:
        await store.close()


async def _distrust(subject: Subject, dump: Dump, ids: Collection[int]) -> None:
    row = await subject.row_of(dump)
    headers = Headers(Kind.BATCH, row.entity, row.run, row.dump, 0)
    for some in parts(sorted(ids), _AT_ONCE):
        await _distrust_some(subject, headers, some)


async def _distrust_some(subject: Subject, headers: Headers, ids: Sequence[int]) -> None:
    await subject.retrying(lambda: subject.sink.content.distrust(headers, ids))
