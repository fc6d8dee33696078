"""Folders in memory: there while they are used, gone afterwards, whoever was killed."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.memory import free_memory, kept_in_memory

DEADLINE = 30.0


def test_a_folder_is_elsewhere_and_gone_afterwards(tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    with kept_in_memory(tmp_path / "servers" / "data", memory, room=1) as folder:
        (folder / "file").touch()
        (kept,) = memory.iterdir()
        free_memory(memory)
        assert (kept / "file").exists(), "what is in use stays"
    assert not any(memory.iterdir())


def test_without_room_a_folder_is_where_it_says(tmp_path: Path) -> None:
    for memory, room in ((tmp_path, 2**62), (tmp_path / "none", 1)):
        with kept_in_memory(tmp_path / "data", memory, room) as folder:
            folder.mkdir()
            assert not folder.is_symlink()
        folder.rmdir()  # it is the caller's


def test_what_a_killed_process_has_left_is_deleted(tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    keep = (
        "import pathlib, sys; from tests.memory import kept_in_memory\n"
        "with kept_in_memory(*map(pathlib.Path, sys.argv[1:]), room=1):\n"
        "    print('up', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", keep, str(tmp_path / "data"), str(memory)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGKILL)
        process.wait(DEADLINE)
    assert any(memory.iterdir())
    free_memory(memory)
    assert not any(memory.iterdir())
