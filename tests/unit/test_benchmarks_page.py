"""The page of the long benchmarks, made of the results of several groups."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import figures, goals
from benchmarks.figures import Cost, Counters, Figure, Profile, Results
from benchmarks.loads import FIRST, LAST, SAME, key_of
from benchmarks.pages import LONG_PAGE, write_page


def figure(
    key: str,
    group: str,
    seconds: list[float],
    *,
    records: int = 1_000,
    goal: float | None = None,
    cpu: dict[str, float] | None = None,
) -> Figure:
    cpu = cpu or {"extractor": 0.1, "parse process": 0.2, "loader postgres": 0.1}
    return Figure(key, group, f"<{key}>", "what", records, 4_500 * records, seconds, cpu, goal)


def size_figures(sink: str) -> Iterator[Figure]:
    for name in ("artists", "labels", "masters", FIRST, SAME, LAST):
        seconds = [0.5 if name == SAME else 2.0]
        yield figure(key_of("size", (sink,), name), "size", seconds, records=100_000)


@pytest.fixture
def found() -> dict[str, Results]:
    curve = [(float(second), 10_000 * second) for second in range(11)]
    cost = Cost("both", "first", 100, 100, 10.0, 20.0, Counters(1_000, 0, 5_000_000, 0, 40, 20))
    profile = Profile("extractor, to PostgreSQL", 50, [("a|b (x.py)", 0.5)], [("c (y.py)", 0.75)])
    told = {
        "entities": Results(
            {"cores": "2", "measured": "then"},
            {"releases": 1_000},
            [
                figure(f"entities: {entity.plural}", "entities", [1.0, 2.0], goal=goal)
                for entity, goal in zip(
                    goals.FIRST_LOAD["postgres",], (600, 600, 600, 800), strict=True
                )
            ],
        ),
        "scaling": Results(
            {"cores": "2", "measured": "now"},
            {"releases": 2_000},
            [figure("scaling: 1 parse, 1 loaders", "scaling", [0.2])],
        ),
        "size": Results({}, {}, [*size_figures("postgres")]),
        "update": Results({}, {}, [figure("update: both, first", "update", [1.0])]),
        "cost": Results({}, {}, costs=[cost]),
        "profile": Results({}, {}, profiles=[profile], skipped={"profile": "no more"}),
    }
    told["profile"].failed["size"] = "it failed:\n  at some place\nNameError: x\n"
    told["size"].curves[key_of("size", ("postgres",), FIRST)] = curve
    return told


def rows(page: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_long_page_tells_all_groups(found: dict[str, Results], tmp_path: Path) -> None:
    page, *images = write_page(LONG_PAGE, found, tmp_path)
    text = page.read_text(encoding="utf-8")
    names = {"rates", "processors", "curves"}
    assert {image.name for image in images} == {f"benchmarks-long-{name}.png" for name in names}
    for image in images:
        assert image.read_bytes()[:4] == b"\x89PNG"
        assert f"(img/{image.name})" in text
    told = rows(text)
    assert ["entities", "then", "", "1,000"] in told
    assert ["scaling", "now", "", "2,000"] in told
    assert ["<entities: artists><br>what", "1,000", "4,500", "667", "500 to 1,000"] in [
        row[:5] for row in told
    ]
    # 1,000 in 1.5 s, 0.4 s of CPU on two cores.
    assert ["<entities: masters>", "1.5", "13%", "0.1", "0.2", "0.1"] in told
    assert text.count("missed") == 1
    assert "## First load and updates" in text
    assert "## What a load costs in the databases" in text
    assert ["both, first", "100<br>100.0%", "10.0<br>100.0%"] in [row[:3] for row in told]
    assert ["50.0%", "`a¦b (x.py)`", "75.0%", "`c (y.py)`"] in told
    assert "Not measured: profile: no more" in text
    assert "Not measured: size: it failed: … NameError: x" in text


def test_a_long_page_of_one_group_has_no_other(found: dict[str, Results], tmp_path: Path) -> None:
    only = {"profile": found["profile"]}
    page, *images = write_page(LONG_PAGE, only, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert images == []
    assert "## Where the time goes" in text
    assert "## Each entity by itself" not in text


def test_profiles_are_read_as_they_were_written(found: dict[str, Results], tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    figures.write(found["profile"], path)
    assert figures.read(path) == found["profile"]
