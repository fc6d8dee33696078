"""The folder of the embedded servers: one of its own, never one that is somebody else's."""

import shlex
from pathlib import Path

from common.command_lines import called
from common.errors import SettingsError
from config.settings import DATA_FOLDER
from config.sources import variable

MARK = ".made-by-waxline"
_OF_SERVERS = "*/endpoint.json"  # what the folders of earlier versions have
_OF_OTHER_PARTS = {"logs", "quarantine", "readings.jsonl", "lost+found"}


def take_folder(folder: Path) -> None:
    """Make the folder, for its owner only, or take one that is empty or ours, as it is.

    Raises `SettingsError` for any other: what is in it might be taken for ours.
    """
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not _is_ours(folder):
        raise SettingsError(
            f"the data folder {folder} holds what waxline has not made: give it one of its own, "
            f"such as {variable('data_folder')}={folder / 'waxline'}"
        )
    (folder / MARK).touch()


def program_for(folder: Path) -> str:
    """Return the words that call our program so that it has this folder, for a line to paste."""
    if folder.absolute() == DATA_FOLDER.absolute():
        return called()
    return f"{variable('data_folder')}={shlex.quote(str(folder))} {called()}"


def _is_ours(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()}
    return (
        MARK in names
        or folder.name == DATA_FOLDER.name  # whatever else a user has put there
        or names <= _OF_OTHER_PARTS
        or any(folder.glob(_OF_SERVERS))
    )
