"""The life of a process: settings, logs, signals, and errors as one sentence."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn

import psutil

from common.allocator import share_one_arena
from common.command_lines import as_called
from common.errors import SettingsError, WaxlineError
from common.logs import configure_logs
from common.outputs import drop_unwritten, in_width, secure_outputs, width_of_errors
from config.settings import Settings
from config.sources import BadSettingsError

_STOPPED_BY_SIGNAL = 128
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Main = Callable[[], Coroutine[Any, Any, None]]
Number = int
"""Of a signal."""


class StoppedError(WaxlineError):
    """One of the signals has come, and everything was shut down in order."""

    def __init__(self, number: Number) -> None:
        name = signal.Signals(number).name
        super().__init__(f"stopped by {name}; the same command again goes on")
        self.exit_code = _STOPPED_BY_SIGNAL + number


class _Interrupt(KeyboardInterrupt):
    """What Ctrl-C raises, for the other signals too."""

    def __init__(self, number: Number) -> None:
        super().__init__()
        self.number = number


def run_service(
    name: str,
    settings: Settings,
    main: Main,
    *,
    lifeline: bool = False,
    told: asyncio.Event | None = None,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Run a coroutine until it ends; return the exit code of one that ended well.

    SIGTERM, SIGINT and SIGHUP (a closed terminal) cancel it, so that each part shuts down in
    order, and raise `StoppedError`; a second signal does not hurry it.  With a ``lifeline`` the
    end of standard input, which must be a pipe, does what SIGTERM does; ``told`` is set when
    something comes from there.  ``loop_factory`` makes an event loop of another kind.
    """
    configure_logs(name, settings.log_level, settings.log_format)
    share_one_arena()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_until_stopped(main(), lifeline, told or asyncio.Event()))
    return 0


async def _until_stopped(
    main: Coroutine[Any, Any, None], lifeline: bool, told: asyncio.Event
) -> None:
    task = asyncio.ensure_future(main)
    stopped_by: list[Number] = []

    def stop(number: Number) -> None:
        if not stopped_by:
            stopped_by.append(number)
            task.cancel()

    loop = asyncio.get_running_loop()
    if lifeline:
        _heed_input(loop, told.set, lambda: stop(signal.SIGTERM))
    with _handling_signals(loop, stop, stopped_by):
        try:
            await task
        except (asyncio.CancelledError, WaxlineError, BaseExceptionGroup) as error:
            if stopped_by:
                raise StoppedError(stopped_by[0]) from error
            raise


def _heed_input(
    loop: asyncio.AbstractEventLoop, at_word: Callable[[], None], at_end: Callable[[], None]
) -> None:
    descriptor = sys.stdin.fileno()

    def read() -> None:
        if os.read(descriptor, 1):
            at_word()
        else:
            loop.remove_reader(descriptor)
            at_end()

    loop.add_reader(descriptor, read)


@contextlib.contextmanager
def _handling_signals(
    loop: asyncio.AbstractEventLoop, stop: Callable[[Number], None], stopped_by: Sequence[Number]
) -> Iterator[None]:
    """Call ``stop`` on a signal; once it was called, ignore what comes after the ``with`` too."""
    before = {number: signal.getsignal(number) for number in _heeded()}
    for number in before:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, _ignore if stopped_by else handler)


def _heeded() -> list[signal.Signals]:
    """Return the signals that stop us: under nohup no closed terminal does."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [number for number in _SIGNALS if number is not signal.SIGHUP or not ignored]


def report_errors(main: Callable[[], int]) -> int:
    """Call ``main``; print an error as one sentence and return its exit code.

    A signal outside of `run_service` comes up as an interrupt, so that every ``with`` on the
    way is left in order.  A standard output or error that cannot be written changes no code.
    """
    secure_outputs()
    before = {number: signal.signal(number, _interrupt) for number in _heeded()}
    try:
        return main()
    except _Interrupt as interrupt:
        return _say(StoppedError(interrupt.number))
    except (WaxlineError, BadSettingsError, OSError, BaseExceptionGroup) as error:
        ours = _as_ours(error)
        if ours is None:
            raise
        return _say(ours)
    finally:
        drop_unwritten()
        for number, handler in before.items():
            signal.signal(number, handler)


def own_usage() -> dict[str, float]:
    """Return this process's memory (MB, resident) and CPU seconds, for progress events."""
    process = psutil.Process()
    times = process.cpu_times()
    return {
        "memory_mb": round(process.memory_info().rss / 1e6, 1),
        "cpu_s": round(times.user + times.system, 1),
    }


def _as_ours(error: BaseException) -> WaxlineError | None:
    """Return the error, or the first of a group, as one of ours; None when one is a bug."""
    if isinstance(error, BaseExceptionGroup):
        found = [_as_ours(member) for member in error.exceptions]
        return found[0] if all(found) else None
    if isinstance(error, BadSettingsError):
        return SettingsError(str(error))
    if isinstance(error, OSError):
        return WaxlineError(": ".join(filter(None, (error.filename, error.strerror or str(error)))))
    return error if isinstance(error, WaxlineError) else None


def _interrupt(number: Number, _frame: FrameType | None) -> NoReturn:
    for each in _heeded():
        signal.signal(each, _ignore)
    raise _Interrupt(number)


def _ignore(_number: Number, _frame: FrameType | None) -> None:
    """Let a second signal pass: not SIG_IGN, which child processes would inherit."""


def _say(error: WaxlineError) -> int:
    # On a full disk nobody reads it, but the exit code still tells.
    with contextlib.suppress(OSError):
        said = in_width(f"waxline: {as_called(str(error))}", width_of_errors())
        print(said, file=sys.stderr, flush=True)  # noqa: T201 - for the user
    return error.exit_code
