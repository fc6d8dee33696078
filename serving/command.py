"""The command that answers: it listens, and answers here or has child processes do it."""

import argparse
import asyncio
import socket
from collections.abc import Callable
from contextlib import closing
from functools import partial

import structlog
import uvloop

from common.service import run_service
from config.settings import Settings, load_settings
from serving.answering import answering
from serving.listening import address_of, listen
from serving.processes import READY, Children, keep_answering

log = structlog.get_logger()

Tell = Callable[[str], None]
"""Hears where it is answered, once it is."""


def serve(settings: Settings, tell: Tell) -> int:
    """Answer until a signal comes; return the exit code."""
    with closing(listen(settings.serve_host, settings.serve_port)) as listener:
        answer = _alone if settings.serve_processes == 1 else _in_children
        main = partial(answer, settings, listener, tell)
        return run_service("serve", settings, main, loop_factory=uvloop.new_event_loop)


def run_child() -> int:
    """Answer on a socket that the parent listens on, until it is gone."""
    parser = argparse.ArgumentParser(prog="python -m serving")
    parser.add_argument("--lifeline", action="store_true")
    parser.add_argument("--socket", type=int, required=True)
    arguments = parser.parse_args()
    settings = load_settings()
    with closing(socket.socket(fileno=arguments.socket)) as listener:
        main = partial(_as_child, settings, listener)
        return run_service(
            "serve-child", settings, main, lifeline=True, loop_factory=uvloop.new_event_loop
        )


async def _alone(settings: Settings, listener: socket.socket, tell: Tell) -> None:
    async with answering(settings, listener):
        _say_ready(listener, settings.serve_processes, tell)
        await asyncio.Event().wait()


async def _as_child(settings: Settings, listener: socket.socket) -> None:
    async with answering(settings, listener):
        print(READY, flush=True)  # noqa: T201 - the parent waits for it
        await asyncio.Event().wait()


async def _in_children(settings: Settings, listener: socket.socket, tell: Tell) -> None:
    children = Children(settings, listener)
    ready = partial(_say_ready, listener, settings.serve_processes, tell)
    await keep_answering(children, settings.serve_processes, ready)


def _say_ready(listener: socket.socket, processes: int, tell: Tell) -> None:
    url = address_of(listener)
    log.info("serving", url=url, processes=processes)
    tell(url)
