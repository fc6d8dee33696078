"""What the sinks' contract writes: headers, releases, and one call to write them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from common.entities import Entity
from common.messages import Headers, Kind, Range
from common.records import Record, Release
from loaders.sink import Digest, Sink, Written
from tests.contract.sinks import Harness

RELEASE = Entity.RELEASE
ALL = Range(index=0, ranges=1, first=0, last=65_536, bitmap=b"", count=0, total=0)


@asynccontextmanager
async def opened(harness: Harness) -> AsyncIterator[Sink]:
    sink = harness.sink()
    await sink.open()
    try:
        yield sink
    finally:
        await sink.close()


def headers(run: int = 1, entity: Entity = RELEASE, dump: int = 20260801) -> Headers:
    return Headers(kind=Kind.BATCH, entity=entity, run=run, dump=dump, count=0)


def release(
    record_id: int,
    fingerprint: int,
    title: str = "Blue",
    artists: Sequence[int] = (3,),
    genres: Sequence[str] = ("Jazz",),
) -> Record:
    data: Release = {
        "title": title,
        "artists": [{"id": artist, "name": f"Artist {artist}"} for artist in artists],
        "genres": list(genres),
    }
    return {"id": record_id, "fingerprint": fingerprint, "data": data}


async def written(sink: Sink, *records: Record, run: int = 1) -> Written:
    await sink.bookkeeping.advance(headers(run))
    return await sink.content.write(headers(run), records)


async def digest(sink: Sink, without: Sequence[int] = ()) -> Digest:
    return (await sink.content.digests(RELEASE, [ALL.span], without))[0]
