"""A row of the fault matrix: what is broken, what must follow, and by when."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from faults.machine import Kind, Role
from faults.stage import Stage

Inject = Callable[[Stage], Coroutine[Any, Any, None]]
"""Breaks something once, at a seeded moment of a round, and mends it before it returns."""

More = Callable[[Stage, str], Mapping[str, str]]
"""What is added to the environment of a program, by its name, at its next start."""


def nothing_more(_stage: Stage, _name: str) -> Mapping[str, str]:
    """Return nothing."""
    return {}


@dataclass(frozen=True)
class Row:
    """A fault; ``deadline`` is in seconds, for everything after the servers are up.

    ``inject`` goes on beside the loading of two months or, with ``plays``, does the loading itself;
    with ``traceback`` a program may end with one.  ``settings`` are changed for all programs;
    ``linked`` puts links in front of the servers; ``more`` is asked at each start of a program;
    ``releases`` is the size of the months, ``kills`` how often each program is killed at most.
    With ``front`` it is `waxline run` that loads, which starts the servers named by ``own`` itself;
    ``loaders`` are more loaders, by their sinks.
    """

    name: str
    injects: str
    expects: str
    inject: Inject
    kind: Kind = "installed"
    deadline: float = 240.0
    settings: Mapping[str, str] = field(default_factory=dict)
    linked: bool = False
    plays: bool = False
    traceback: bool = False
    more: More = nothing_more
    releases: int = 150
    kills: int = 12
    front: bool = False
    own: tuple[Role, ...] = ()
    loaders: tuple[str, ...] = ()
