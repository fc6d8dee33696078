"""The dictionary of the cache's compression: ``python -m tests.dictionary`` trains it anew.

It is trained on answers of a catalogue of the generator's, in every form that records are answered
in, never on real data: what they share are the keys, and the words of Discogs' closed lists.  After
it has changed, what is cached elsewhere counts as absent.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import orjson
import zstandard

from common.entities import LOAD_ORDER, Entity
from generator import Plan
from generator.dumps import truth
from serving.discogs.addresses import Addresses
from serving.discogs.artist import artist_of
from serving.discogs.label import label_of
from serving.discogs.master import master_of
from serving.discogs.release import release_of
from tests.servers import REPOSITORY

DICTIONARY = REPOSITORY / "common" / "cache" / "answers.zdict"
SIZE = 32_768
"""Twice as much gains nothing on releases; a quarter of it loses a tenth."""

_ADDRESSES = Addresses()

_DISCOGS: dict[Entity, Callable[[int, Any], dict[str, Any]]] = {
    Entity.ARTIST: lambda id_, record: artist_of(id_, record, _ADDRESSES),
    Entity.LABEL: lambda id_, record: label_of(id_, record, _ADDRESSES),
    Entity.MASTER: lambda id_, record: master_of(id_, record, [], id_ + 1, _ADDRESSES),
    Entity.RELEASE: lambda id_, record: release_of(id_, record, _ADDRESSES),
}
"""A record in the shape of Discogs' own API."""

_PLAN = Plan(releases=3_000)
_MOST = 3_000
"""Samples of each entity: releases are many, and labels have keys too."""


def answers(plan: Plan, entity: Entity) -> Iterator[bytes]:
    """Yield the answers that the records of an entity are given in, one form after the other."""
    for record_id, record in truth(plan, entity):
        yield orjson.dumps({"id": record_id, **record})
        yield orjson.dumps(_DISCOGS[entity](record_id, record))


def trained(size: int, samples: Iterable[bytes]) -> bytes:
    """Return a dictionary of so many bytes."""
    return zstandard.train_dictionary(size, [*samples], level=3).as_bytes()


def main() -> None:
    """Train, and write the file."""
    samples = (one for entity in LOAD_ORDER for one in islice(answers(_PLAN, entity), _MOST))
    DICTIONARY.write_bytes(trained(SIZE, samples))


if __name__ == "__main__":
    main()
