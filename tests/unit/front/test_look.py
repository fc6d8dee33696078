"""The lines at the end of a run, and how a command of ours is called in them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.command_lines import as_called
from config.settings import load_settings
from waxline.run.first_queries import ways_to_look, without_password

EMBEDDED = f"""
from config.settings import DATA_FOLDER
from waxline.run.first_queries import ways_to_look

urls = {{"postgres": "postgresql://", "neo4j": "bolt://root:{"0" * 48}@127.0.0.1:52543/waxline"}}
ours = ("postgres", "graph", "store", "broker")
print(*ways_to_look(urls, DATA_FOLDER, ours, up=False), sep="\\n")
"""
SAID = "import sys; from common.command_lines import as_called; print(as_called('`waxline audit`'))"


def lines(tmp_path: Path, *, up: bool, **settings: str) -> str:
    loaded = load_settings(**settings)
    urls = {name: loaded.sink(name).server.url for name in loaded.sinks}
    return "\n".join(ways_to_look(urls, tmp_path, (), up=up))


def test_of_servers_of_ones_own_the_password_is_asked_for(tmp_path: Path) -> None:
    text = lines(
        tmp_path,
        up=True,
        postgres_url="postgresql://me:canary@h.example:6543/db?sslmode=require&password=canary",
        graph_url="neo4j+s://neo4j:canary@g.example/neo4j",
    )
    assert "canary" not in text
    assert "psql 'postgresql://me@h.example:6543/db?sslmode=require" in text
    assert 'address = "neo4j+s://g.example"\n' in text
    assert "auth = ('neo4j', 'its password')\n" in text
    assert "driver(address, auth=auth)" in text
    assert "database_='neo4j'" in text
    assert "waxline servers" not in text


def test_of_a_graph_without_a_user_or_left_out_nothing_is_asked(tmp_path: Path) -> None:
    urls = {"postgres_url": "postgresql://h/db", "graph_url": "bolt://[::1]:7687"}
    text = lines(tmp_path, up=True, **urls)
    assert 'address = "bolt://[::1]:7687"\n' in text
    assert "driver(address) as" in text
    assert "auth" not in text
    assert "bolt" not in lines(tmp_path, up=True, sinks="postgres", **urls)


def test_of_embedded_servers_every_line_fits_60_columns(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    # Called as by somebody who has it on the path, and an interpreter of their own.
    (tmp_path / "waxline").write_text(EMBEDDED, encoding="utf-8")
    environment = {"PATH": str(_with_psql(tmp_path)), "PYTHONPATH": os.pathsep.join(sys.path)}
    shown = subprocess.check_output([python, "waxline"], cwd=tmp_path, env=environment, text=True)
    assert [line for line in shown.splitlines() if len(line) > 60] == []
    assert "password').read())" in shown


def _with_psql(folder: Path) -> Path:
    program = folder / "psql"
    program.touch(mode=0o755)
    return folder


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("postgresql://u:p%40@h/d", "postgresql://u@h/d"),
        ("postgresql://u@a:1,b:2/d", "postgresql://u@a:1,b:2/d"),
        ("postgresql:///d?user=u&password=p", "postgresql:///d?user=u&"),
    ],
)
def test_a_url_without_its_password(url: str, bare: str) -> None:
    assert without_password(url) == bare


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("nowhere/bin/waxline", "`nowhere/bin/waxline audit`"),
        ("no where/waxline", "`'no where/waxline' audit`"),
        ("waxline/__main__.py", f"`{sys.executable} -m waxline audit`"),
        ("extractor/__main__.py", "`waxline audit`"),
    ],
)
def test_a_hint_calls_the_program_as_it_was_called(first: str, said: str, tmp_path: Path) -> None:
    start = f"import sys; sys.argv[0] = {first!r}; {SAID}"
    done = subprocess.check_output([sys.executable, "-c", start], text=True, cwd=tmp_path)
    assert done.strip() == said


def test_other_words_stay() -> None:
    assert as_called("waxline loads `dumps`") == "waxline loads `dumps`"
