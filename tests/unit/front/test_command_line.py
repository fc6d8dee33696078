"""The command line by itself: help for every command, and the settings without secrets."""

import argparse
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from waxline.__main__ import make_parser
from waxline.show_settings import config

IMPORTED = """
import sys
from waxline.__main__ import make_parser
parser = make_parser(sys.argv[1:])
print(*sys.modules)
"""
COSTLY = {
    *("aio_pika", "asyncpg", "asyncio", "hiredis", "lxml", "neo4j", "orjson", "psutil"),
    *("pydantic", "redis", "rich", "structlog", "tenacity"),
}
"""What has no part in reading a command line."""

COMMANDS = (
    *("run", "audit", "verify", "repair", "quarantine", "runs"),
    *("extract", "load", "serve", "keys", "cache", "servers", "generate", "config"),
)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as caught:
        make_parser(words).parse_args(words)
    assert caught.value.code == 0
    return capsys.readouterr().out


def test_the_help_lists_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "--help")
    for command in COMMANDS:
        assert f"\n    {command}" in text
    codes = [line.split()[0] for line in text.partition("exit codes:\n")[2].splitlines()]
    assert codes == ["0", "1", "2", "3", "4", "5", "6", "129", "130", "143"]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("words", [[], *([one] for one in COMMANDS), ["quarantine", "replay"]])
def test_the_help_fits_the_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    width: int,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = told(capsys, *words, "--help").splitlines()
    assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_a_command_line_is_read_without_what_it_runs(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", IMPORTED, command, "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = set(done.stdout.split())
    assert "argparse" in loaded
    assert loaded & COSTLY == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_something(command: str) -> None:
    module, _, name = parser_of(command).get_default("run").partition(":")
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_explains_every_argument(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    text = told(capsys, command, "--help")
    assert max(map(len, text.splitlines())) <= 100
    assert "waxline config" in text
    assert "--lifeline" not in text
    parser = parser_of(command)
    for action in parser._actions:
        assert action.help, action.dest


def parser_of(command: str) -> argparse.ArgumentParser:
    (choices,) = [
        one.choices for one in make_parser([command])._actions if isinstance(one.choices, dict)
    ]
    found: argparse.ArgumentParser = choices[command]
    return found


@pytest.mark.parametrize("date", ["2026", "20261301", "soon"])
def test_a_date_is_eight_digits(capsys: pytest.CaptureFixture[str], date: str) -> None:
    with pytest.raises(SystemExit) as caught:
        make_parser(["run"]).parse_args(["run", "dump", "--date", date])
    assert caught.value.code == 2
    assert f"--date: '{date}' is not a date as eight digits" in capsys.readouterr().err


def test_config_prints_every_setting_and_no_secret(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WAXLINE_POSTGRES_URL", "postgresql://me:canary@h/db?password=canary")
    monkeypatch.setenv("WAXLINE_GRAPH_PASSWORD", "canary")
    assert config(argparse.Namespace()) == 0
    text = capsys.readouterr().out
    assert "canary" not in text
    assert "# waxline.toml is not there\n" in text
    assert "WAXLINE_POSTGRES_URL=postgresql://me:***@h/db?password=***\n" in text
    assert "WAXLINE_GRAPH_PASSWORD=***\n" in text
    assert "WAXLINE_SINKS=postgres,neo4j\n" in text
    assert "WAXLINE_ALLOW_OLDER=false\n" in text
