"""What an answer costs, by its path."""

import pytest

from serving.access.costs import Cost, cost_of


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("/livez", Cost.FREE),
        ("/openapi.json", Cost.FREE),
        ("/v1/releases/1", Cost.RECORD),
        ("/discogs/masters/5427", Cost.RECORD),
        ("/releases/1", Cost.RECORD),
        ("/v1/artists/1/releases", Cost.LIST),
        ("/discogs/masters/1/versions", Cost.LIST),
        ("/", Cost.LIST),
        ("", Cost.LIST),
        ("/stats", Cost.LIST),
        ("/v1/search", Cost.SEARCH),
        ("/v1/suggest", Cost.SEARCH),
        ("/discogs/database/search", Cost.SEARCH),
        ("/v1/graph/expand", Cost.GRAPH),
        ("/v1/exports/01J", Cost.EXPORT),
    ],
)
def test_costs(path: str, cost: Cost) -> None:
    assert cost_of(path) is cost
