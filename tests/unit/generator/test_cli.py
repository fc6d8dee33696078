"""The command line, and the numbers it refuses."""

import argparse
from pathlib import Path

import pytest

from generator import Plan
from generator.cli import add_arguments, run
from generator.randomness import Stream, spread, weighted


def _parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_a_line_per_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = _parse(str(tmp_path), "--releases", "40", "--seed", "5", "--month", "14")
    assert run(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert "discogs_20270201_artists.xml.gz" in lines[0]
    assert lines[0].endswith(" records")
    assert lines[4].endswith(" bytes")
    assert len(list(tmp_path.iterdir())) == 5


def test_the_defaults_are_the_plans(tmp_path: Path) -> None:
    arguments = vars(_parse(str(tmp_path)))
    del arguments["directory"]
    assert Plan(**arguments) == Plan()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--releases", "0"),
        ("--seed", "-1"),
        ("--month", "0"),
        ("--changed", "2"),
        ("--deleted", "-0.1"),
        ("--added", "nan"),
    ],
)
def test_numbers_that_make_no_catalogue_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert run(_parse(str(tmp_path / "none"), f"{option}={value}")) == 2
    assert option[2:] in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_directory_that_cannot_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert run(_parse(str(tmp_path / "file"), "--releases", "5")) == 1
    assert "file" in capsys.readouterr().err


def test_a_weighted_table_keeps_rare_values() -> None:
    table = weighted({"often": 9999, "rare": 1}, size=100)
    assert table.count("rare") == 1
    assert table.count("often") == 100


def test_a_spread_table_follows_its_quantiles() -> None:
    table = spread([(0, 0), (0.5, 0), (0.9, 10), (1, 100)], size=1000)
    assert len(table) == 1000
    assert table[499] == 0
    assert table[500] == 1
    assert table[899] == 10
    assert 95 < table[999] <= 100
    assert list(table) == sorted(table)


def test_a_stream_draws_within_its_limits() -> None:
    stream = Stream(1)
    assert {stream.below(3) for _ in range(100)} == {0, 1, 2}
    assert all(0 <= stream.low(7) < 7 for _ in range(100))
    assert len(stream.some("ab", 9)) == 2
