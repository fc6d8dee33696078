"""The life of a process: settings, logs, signals, and errors as one sentence."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import psutil

from common.errors import SettingsError, WaxlineError
from common.logs import configure_logs
from config.settings import BadSettingsError, Settings, load_settings

_STOPPED_BY_SIGNAL = 128


def read_settings(**overrides: Any) -> Settings:
    """Load the settings; raise `SettingsError` naming each bad one."""
    try:
        return load_settings(**overrides)
    except BadSettingsError as error:
        raise SettingsError(str(error)) from error


def run_service(
    name: str, settings: Settings, main: Callable[[Settings], Coroutine[Any, Any, int]]
) -> int:
    """Run a coroutine until it ends or a signal stops it; return the exit code.

    SIGTERM and SIGINT cancel it, so that each part shuts down in order; a second signal does
    not hurry it.
    """
    configure_logs(settings, name)
    return asyncio.run(_until_signalled(main(settings)))


async def _until_signalled(main: Coroutine[Any, Any, int]) -> int:
    task = asyncio.ensure_future(main)
    stopped_by: list[int] = []

    def stop(number: int) -> None:
        if not stopped_by:
            stopped_by.append(number)
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    with contextlib.suppress(asyncio.CancelledError):
        return await task
    return _STOPPED_BY_SIGNAL + stopped_by[0] if stopped_by else 1


def report_errors(main: Callable[[], int]) -> int:
    """Call ``main``; print a waxline error as one sentence and return its exit code."""
    try:
        return main()
    except WaxlineError as error:
        return _say(error)
    except BaseExceptionGroup as group:
        ours = first_error(group)
        if ours is None:
            raise
        return _say(ours)
    except BadSettingsError as error:
        return _say(SettingsError(str(error)))
    except KeyboardInterrupt:
        return _STOPPED_BY_SIGNAL + signal.SIGINT


def first_error(group: BaseException) -> WaxlineError | None:
    """Return the first waxline error in a group of errors, however deep, if all are ours."""
    if isinstance(group, WaxlineError):
        return group
    if not isinstance(group, BaseExceptionGroup):
        return None
    found = [first_error(error) for error in group.exceptions]
    return found[0] if all(found) else None


def own_usage() -> dict[str, float]:
    """Return this process's memory (MB, resident) and CPU seconds, for progress events."""
    process = psutil.Process()
    times = process.cpu_times()
    return {
        "memory_mb": round(process.memory_info().rss / 1e6, 1),
        "cpu_s": round(times.user + times.system, 1),
    }


def _say(error: WaxlineError) -> int:
    print(f"waxline: {error}", file=sys.stderr)  # noqa: T201 - the last word to the user
    return error.exit_code
