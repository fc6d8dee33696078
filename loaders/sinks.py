"""The sinks by name, each imported when it is opened.

A driver costs half a second and some 40 MB, and a loader has use for one of them alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line asks for the names alone
    from config.settings import Settings
    from loaders.sink import ReadableSink

_PACKAGES = {"neo4j": "loaders.neo4j", "postgres": "loaders.postgres"}

SINKS = tuple(_PACKAGES)


def open_sink(name: str, settings: "Settings") -> "ReadableSink":
    """Return the sink of this name, not yet connected; raise `SettingsError` for a bad URL."""
    sink: ReadableSink = import_module(_PACKAGES[name]).open_sink(settings)
    return sink
