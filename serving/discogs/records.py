"""The answer with one record, in Discogs' shape."""

from collections.abc import Mapping
from typing import Any

import orjson

from common.cache.keys import Form
from common.entities import ID_LIMIT, Entity
from serving.answers import Answer, message
from serving.database.records import RecordRead, Records
from serving.discogs.addresses import Addresses
from serving.discogs.artist import artist_of
from serving.discogs.label import label_of
from serving.discogs.lists import Lists
from serving.discogs.master import master_of
from serving.discogs.release import release_of

FORM: Form = "discogs"
_VERSION = 1
"""Of this form of a record: part of each ETag, so that a new one is fetched anew."""

_SHAPES: Mapping[Entity, Any] = {
    Entity.ARTIST: artist_of,
    Entity.LABEL: label_of,
    Entity.RELEASE: release_of,
}

_ABSENT: Mapping[Entity, str] = {
    Entity.ARTIST: "Artist not found.",
    Entity.LABEL: "Label not found.",
    Entity.MASTER: "Master Release not found.",
    Entity.RELEASE: "Release not found.",
}


def absent(entity: Entity) -> Answer:
    """Return the answer where there is no such record, in Discogs' words."""
    return message(404, _ABSENT[entity])


def is_id(number: int) -> bool:
    """Tell whether a record can have this id."""
    return number < ID_LIMIT


def record_answer(entity: Entity, found: RecordRead, addresses: Addresses) -> Answer:
    """Return an artist, a label or a release: what the record has, and nothing else."""
    if found.body is None:
        none = absent(entity)
        return Answer(none.body, none.status, as_of=(found.as_of,))
    shaped = _SHAPES[entity](found.id, orjson.loads(found.body), addresses)
    etag = f'"{FORM}.{_VERSION}-{found.fingerprint & (2**64 - 1):016x}"'
    return Answer(orjson.dumps(shaped), etag=etag, as_of=(found.as_of,))


async def master_answer(
    found: RecordRead, records: Records, lists: Lists, addresses: Addresses
) -> Answer:
    """Return a master, which has its main release's tracks besides."""
    if found.body is None:
        return record_answer(Entity.MASTER, found, addresses)
    record = orjson.loads(found.body)
    main, as_of = {}, [found.as_of]
    if "main_release" in record:
        read = await records.read(Entity.RELEASE, record["main_release"])
        main = orjson.loads(read.body or b"{}")
        as_of.append(read.as_of)
    recent = await lists.most_recent(found.id)
    shaped = master_of(found.id, record, main.get("tracks", []), recent, addresses)
    return Answer(orjson.dumps(shaped), as_of=tuple(as_of))
