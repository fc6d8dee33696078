"""The statements of search: one for each kind of record and each way to its candidates."""

from collections.abc import Mapping
from functools import cache

from common.entities import Entity
from common.postgres.blocks import Blocks
from serving.search.hits import KINDS

SQL = Blocks(__package__, "search.sql")

_NAMES: Mapping[Entity, str] = {
    Entity.ARTIST: "name",
    Entity.LABEL: "name",
    Entity.MASTER: "title",
    Entity.RELEASE: "title",
}


@cache
def ranked(entity: Entity, source: str, *, filtered: bool) -> str:
    """Return the statement that ranks the records that ``source`` leads to.

    Where nothing is to be filtered, nothing is planned for it: that would take 15 ms.
    """
    words = {
        "matched": SQL(f"by_{source}"),
        "filters": SQL(f"{entity}_filters" if filtered else "no_filters"),
        "popularity": SQL(f"{entity}_popularity"),
        "shown": SQL(f"{entity}_shown"),
        "shown_from": SQL(f"{entity}_shown_from"),
        "kind": str(KINDS[entity]),
        "plain_said": SQL.filled("plain", {"text": "$2::text"}),
        "plain_name": SQL.filled("plain", {"text": "name"}),
    }
    statement = SQL.filled("ranked", words, entity)
    return statement.replace("{name}", _NAMES[entity]).replace("{entity}", entity)
