"""The part of waxline that loads what the broker holds into the databases."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what is small is imported by commands that load nothing
    from config.settings import Settings
    from loaders.sink import ReadableSink


def open_sink(name: str, settings: "Settings") -> "ReadableSink":
    """Return the sink of this name, not yet connected; raise `SettingsError` for a bad URL.

    Its package is imported now: a driver costs half a second and some 40 MB, and a loader has use
    for one of them alone.
    """
    sink: ReadableSink = import_module(f"loaders.{name}").open_sink(settings)
    return sink
