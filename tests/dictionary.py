"""The dictionary of the cache's compression: ``python -m tests.dictionary`` trains it anew.

It is trained on answers of a catalogue of the generator's, in every form that records are answered
in, never on real data: what they share are the keys, and the words of Discogs' closed lists.  After
it has changed, what is cached elsewhere counts as absent.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

import orjson
import zstandard

from common.entities import LOAD_ORDER, Entity
from generator import Plan
from generator.dumps import truth
from tests.servers import REPOSITORY

DICTIONARY = REPOSITORY / "common" / "cache" / "answers.zdict"
SIZE = 32_768
"""Twice as much gains nothing on releases; a quarter of it loses a tenth."""

_PLAN = Plan(releases=3_000)
_MOST = 1_500
"""Samples of each entity and form: releases are many, and labels have keys too."""


def answers(plan: Plan, entity: Entity) -> Iterator[bytes]:
    """Yield the answers that the records of an entity are given in."""
    for record_id, record in truth(plan, entity):
        yield orjson.dumps({"id": record_id, **record})


def trained(size: int, samples: Iterable[bytes]) -> bytes:
    """Return a dictionary of so many bytes."""
    return zstandard.train_dictionary(size, [*samples], level=3).as_bytes()


def main() -> None:
    """Train, and write the file."""
    samples = (one for entity in LOAD_ORDER for one in islice(answers(_PLAN, entity), _MOST))
    DICTIONARY.write_bytes(trained(SIZE, samples))


if __name__ == "__main__":
    main()
