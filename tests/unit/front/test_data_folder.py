"""The data folder: one of its own is taken as it is, one of others is left as it is."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from common.errors import SettingsError
from config.settings import DATA_FOLDER
from waxline.run.children import remove_logs
from waxline.servers.folder import program_for, take_folder

SECONDS = 60


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    take_folder(folder)
    take_folder(folder)
    assert mode_of(folder) == 0o700


@pytest.mark.parametrize(
    "content",
    [
        [],
        ["lost+found/x"],
        ["logs/extractor.log", "quarantine/x.jsonl", "readings.jsonl"],
        ["postgres/endpoint.json", "keep", "dumps/mine.xml.gz"],
    ],
)
def test_an_empty_folder_and_those_of_earlier_versions_are_taken_as_they_are(
    content: list[str], tmp_path: Path
) -> None:
    fill(tmp_path, content)
    tmp_path.chmod(0o755)
    take_folder(tmp_path)
    assert mode_of(tmp_path) == 0o755
    fill(tmp_path, ["whatever"])
    take_folder(tmp_path)


def test_the_default_folder_may_hold_dumps(tmp_path: Path) -> None:
    folder = tmp_path / ".waxline"
    fill(folder, ["demo/500/dump.xml.gz"])
    take_folder(folder)


def test_a_folder_of_others_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    content = ["keep", "lock", "logs/theirs.log"]
    fill(tmp_path, content)
    tmp_path.chmod(0o777)
    with pytest.raises(SettingsError, match="holds what waxline has not made"):
        take_folder(tmp_path)
    settings = {"WAXLINE_DATA_FOLDER": str(tmp_path)}
    for action in ("start", "stop"):
        command = [sys.executable, "-m", "waxline", "servers", action]
        done = subprocess.run(
            command, env=settings, timeout=SECONDS, check=False, capture_output=True, text=True
        )
        assert done.returncode == SettingsError.exit_code
        assert f"WAXLINE_DATA_FOLDER={tmp_path}/waxline" in done.stderr
    assert mode_of(tmp_path) == 0o777
    assert {path.read_text() for path in map(tmp_path.joinpath, content)} == {"theirs"}


def test_logs_of_others_are_left(tmp_path: Path) -> None:
    fill(tmp_path, ["theirs.log", "extractor.log"])
    remove_logs(tmp_path, ["extractor", "loader-postgres"])
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.log"]


def fill(folder: Path, content: list[str]) -> None:
    for name in content:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("theirs")


def test_a_line_to_paste_names_a_folder_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "my data"
    assert program_for(own).startswith(f"WAXLINE_DATA_FOLDER='{own}' ")
    assert program_for(own).endswith(f" {program_for(DATA_FOLDER)}")
    assert program_for(DATA_FOLDER.absolute()) == program_for(DATA_FOLDER)
    assert "WAXLINE" not in program_for(DATA_FOLDER)
