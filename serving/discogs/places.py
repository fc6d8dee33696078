"""Which answers of Discogs' API are kept, and where."""

import re

from starlette.types import Scope

from common.cache.keys import Kind, Place, RecordPlace
from common.entities import Entity
from serving.discogs.records import FORM
from serving.placing import Placing, by_question

_RECORD = re.compile(r"/(artist|label|release)s/([1-9][0-9]{0,8})")
_LIST = re.compile(r"/(masters|artists|labels)/[1-9][0-9]{0,8}(/versions|/releases)?")
_SEARCH = "/database/search"


def placing_of(prefix: str) -> Placing:
    """Return what tells the places of answers below a path.

    A master has another record's tracks, so it is kept as lists are.
    """
    listed, searched = by_question(Kind.LIST), by_question(Kind.SEARCH)

    def place_of(scope: Scope, generation: str) -> Place | None:
        path = scope["path"].removeprefix(prefix)
        if found := _RECORD.fullmatch(path):
            return RecordPlace(Entity(found[1]), int(found[2]), FORM)
        if path == _SEARCH:
            return searched(scope, generation)
        return listed(scope, generation) if _LIST.fullmatch(path) else None

    return place_of
