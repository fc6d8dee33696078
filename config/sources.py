"""Where settings come from: the only module that reads the environment.

A setting comes from ``WAXLINE_<NAME>`` in the environment, else from the file of its own that
``WAXLINE_<NAME>_FILE`` names (meant for secrets), else from the settings file (``waxline.toml``
in the working folder, or the file that ``WAXLINE_CONFIG`` names), else it has its default.
"""

import difflib
import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

_PREFIX = "WAXLINE_"
_DEFAULT_FILE = "waxline.toml"
_NAMED_FILE = f"{_PREFIX}CONFIG"


class BadSettingsError(ValueError):
    """One sentence that names every bad setting."""


class Found(NamedTuple):
    """A value as it was found; ``place`` is how its user calls it there."""

    value: Any
    place: str


def variable(setting: str) -> str:
    """Return the environment variable of a setting."""
    return f"{_PREFIX}{setting.upper()}"


def settings_file() -> Path:
    """Return the path of the settings file, which need not exist unless it is named."""
    return Path(os.environ.get(_NAMED_FILE) or _DEFAULT_FILE)


def find_settings(names: Collection[str]) -> Mapping[str, Found]:
    """Return what is set, of these names and of what else the settings file has.

    Raises `BadSettingsError` for what cannot be read, and for a variable that is none of ours.
    """
    _refuse_unknown(names)
    return {**_from_file(), **_from_secret_files(names), **_from_environment(names)}


def _refuse_unknown(names: Collection[str]) -> None:
    """Raise for variables that begin as ours do and mean nothing: most likely a slip of the pen."""
    known = {variable(name) for name in names}
    known |= {f"{name}_FILE" for name in known} | {_NAMED_FILE}
    unknown = sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    if unknown:
        raise BadSettingsError(
            "; ".join(f"{name} is no setting{_like(name, known)}" for name in unknown)
        )


def _like(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    return f": is {close[0]} meant?" if close else " (`waxline config` lists them)"


def _from_environment(names: Collection[str]) -> dict[str, Found]:
    values = {name: Found(os.environ.get(variable(name)), variable(name)) for name in names}
    return {name: found for name, found in values.items() if found.value}


def _from_secret_files(names: Collection[str]) -> dict[str, Found]:
    secrets = {}
    for name in names:
        place = f"{variable(name)}_FILE"
        if path := os.environ.get(place):
            secrets[name] = Found(_read_secret(place, Path(path)), place)
    return secrets


def _read_secret(place: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSettingsError(f"{place}: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadSettingsError(f"{place}: {path} is not text in UTF-8") from None


def _from_file() -> dict[str, Found]:
    path = settings_file()
    if not path.is_file():
        if os.environ.get(_NAMED_FILE):
            raise BadSettingsError(f"{_NAMED_FILE}: there is no settings file {path}")
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadSettingsError(f"settings file {path}: {error}") from None
    return {name: Found(value, f"{name} in {path}") for name, value in values.items()}
