"""The links between programs and servers: cut, emptied, slow, half open, and replies lost."""

import asyncio
from collections.abc import Callable
from functools import partial

from faults.shared_servers import ROLES, Role
from faults.stage import Inject, Row, Stage
from tests.link import Link

_COMMIT = b"COMMIT"
_BOLT_COMMIT = b"\xb0\x12"
_PUBLISH = b"waxline.records"
_LONGEST = 6.0
"""Seconds of trouble at most: longer than every deadline of a link."""

Spoil = Callable[[Link], None]


def _link(stage: Stage) -> Link:
    """Return the link of this round: each has its turn."""
    role: Role = ROLES[stage.seed % len(ROLES)]
    return stage.links[role]


async def _reset(stage: Stage) -> None:
    for _ in range(5):
        await stage.moment(1.5)
        _link(stage).reset()


async def _half_open(stage: Stage) -> None:
    for _ in range(2):
        await stage.moment(3.0)
        _link(stage).half_open()


async def _spoil(spoil: Spoil, stage: Stage) -> None:
    await stage.moment(3.0)
    link = _link(stage)
    spoil(link)
    await stage.moment(_LONGEST)
    link.restore()


def _one_byte(link: Link) -> None:
    link.bytes_per_second = 1


def _slow(link: Link) -> None:
    link.bytes_per_second = 20_000


async def _lost_replies(role: Role, words: bytes, stage: Stage) -> None:
    """Lose what a server says after a client's words, which it has heard, three times."""
    link = stage.links[role]
    for _ in range(3):
        link.mute_at(words, stage.rng.randint(1, 12))
        await _muted(stage, link)
        await stage.moment(3.0)
        link.restore()


async def _muted(stage: Stage, link: Link) -> None:
    """Wait until the words are said, or no more are to come."""
    muting = asyncio.create_task(link.until_muted())
    while not muting.done() and not stage.loaded:
        await asyncio.wait([muting], timeout=0.1)
    muting.cancel()


async def _killed_before_confirm(stage: Stage) -> None:
    """Kill the extractor when it has published and no confirm has come, five times."""
    link = stage.links["broker"]
    for _ in range(5):
        link.mute_at(_PUBLISH, stage.rng.randint(10, 30))
        await _muted(stage, link)
        stage.programs.kill("extractor")
        link.restore()


def _row(name: str, injects: str, expects: str, inject: Inject) -> Row:
    return Row(name, injects, expects, inject, linked=True)


_REPLAY = "ambiguous: replayed, and the replay is a no-op"
_DEADLINE = "the deadline fires; reconnected"

LINKS = (
    _row("reset", "a link reset, five times", "reconnected", _reset),
    _row("black-hole", "nothing passes a link", _DEADLINE, partial(_spoil, Link.black_hole)),
    _row("one-byte", "a link carries 1 byte/s", _DEADLINE, partial(_spoil, _one_byte)),
    _row("slow", "a link carries 20 kB/s", "slower", partial(_spoil, _slow)),
    _row("half-open", "a server's side of a link ends, untold", _DEADLINE, _half_open),
    _row(
        "lost-commit-postgres",
        "PostgreSQL's reply to COMMIT lost",
        _REPLAY,
        partial(_lost_replies, "postgres", _COMMIT),
    ),
    _row(
        "lost-commit-graph",
        "Neo4j's reply to COMMIT lost",
        _REPLAY,
        partial(_lost_replies, "graph", _BOLT_COMMIT),
    ),
    _row(
        "lost-confirms",
        "RabbitMQ's confirms lost",
        "published again",
        partial(_lost_replies, "broker", _PUBLISH),
    ),
    _row(
        "kill-before-confirm",
        "kill -9 of the extractor after a publish, before its confirm",
        "sent again",
        _killed_before_confirm,
    ),
)
