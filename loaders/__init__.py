"""The part of waxline that loads what the broker holds into the databases."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what is small is imported by commands that load nothing
    from config.sinks import SinkName, SinkOptions
    from loaders.sink import ReadableSink

_CLASSES: Mapping["SinkName", str] = {"neo4j": "GraphSink", "postgres": "PostgresSink"}
"""Each is in the package of the sink's name."""


def open_sink(options: "SinkOptions") -> "ReadableSink":
    """Return the sink of this name, not yet connected; raise `SettingsError` for a bad URL.

    Its package is imported now: a driver costs half a second and some 40 MB, and a loader has use
    for one of them alone.
    """
    package = import_module(f"loaders.{options.name}")
    sink: ReadableSink = getattr(package, _CLASSES[options.name])(options)
    return sink
