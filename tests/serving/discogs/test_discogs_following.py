"""Lists and searches are kept, and are those of the next month once it is loaded."""

import tenacity

from common.entities import Entity
from tests.serving.discogs.expected import Records, discography, records_of
from tests.serving.rig import SECONDS, Served

Listed = set[tuple[str, int, str]]


def listed(served: Served, artist: int) -> Listed:
    """Return what stands in an artist's list."""
    path = f"/discogs/artists/{artist}/releases?per_page=500"
    return {
        (one["type"], one["id"], one["role"]) for one in served.client.get(path).json()["releases"]
    }


def of_country(served: Served, country: str) -> set[int]:
    """Return the releases that a search finds."""
    asked = {"country": country, "type": "release", "per_page": "500"}
    found = served.client.get("/discogs/database/search", params=asked).json()["results"]
    return {one["id"] for one in found}


def test_the_next_month_is_there_when_it_is_loaded(served: Served, held: Records) -> None:
    after = records_of(served.truth(2))
    artist = next(
        id_ for id_ in after[Entity.ARTIST] if discography(held, id_) != discography(after, id_)
    )
    country = "US"
    assert listed(served, artist) == discography(held, artist)
    assert of_country(served, country) == {
        id_ for id_, one in held[Entity.RELEASE].items() if one.get("country") == country
    }
    served.load_month(2)
    asking = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda found: found != discography(after, artist)),
        wait=tenacity.wait_fixed(0.1),
        stop=tenacity.stop_after_delay(SECONDS),
    )
    asking(listed, served, artist)
    assert of_country(served, country) == {
        id_ for id_, one in after[Entity.RELEASE].items() if one.get("country") == country
    }
