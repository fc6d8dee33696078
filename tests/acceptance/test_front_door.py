"""``waxline run``: an exit code that tells the truth, whatever the files and their order."""

from pathlib import Path

from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import Place
from tests.acceptance.rig import Urls
from tests.oracle import Load, Truth, after, compare_graph, compare_postgres, explain

PLAN = Plan(releases=100, seed=51, changed=0.2)


async def test_run_ends_well_only_when_every_sink_equals_the_dumps(
    embedded_urls: Urls, tmp_path: Path
) -> None:
    first, second = (month(PLAN, number, tmp_path / "dumps") for number in (1, 2))
    # One file is of another month, and the order is none: each goes by its own date.
    mixed = [second[3], second[1], first[0], second[2]]
    settings = embedded_urls.settings | {"WAXLINE_DATA_FOLDER": str(tmp_path / "data")}
    place = Place(settings, mixed, tmp_path)
    done = await place.run("waxline", "run", *map(str, mixed))
    assert done.code == 0, done.said
    truth = after(*map(Load, mixed))
    assert await differences(embedded_urls, truth) == ""

    refused = await place.run("waxline", "run", str(first[1]))
    assert refused.code == 5, refused.said
    assert "20260101 is older than that of 20260201" in refused.said
    assert await differences(embedded_urls, truth) == ""


async def differences(urls: Urls, truth: Truth) -> str:
    """Return how the sinks differ from the truth."""
    postgres = await compare_postgres(urls.postgres, truth)
    return explain([*postgres, *await compare_graph(urls.graph, truth)])
