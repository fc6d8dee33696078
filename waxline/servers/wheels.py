"""Where the wheels that carry servers are installed."""

import importlib.util
from pathlib import Path

from common.errors import ServerError


class NotInstalledError(ServerError):
    """A server's program is not on this machine."""


def wheel_folder(package: str, title: str) -> Path:
    """Return the installed package's folder, without importing it.

    Raises `NotInstalledError` when the wheel is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise NotInstalledError(
            f"{title} is not installed: pip install 'waxline[embedded]', or set its URL"
        )
    return Path(found.origin).parent
