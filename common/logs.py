"""Logging: named events with fields, readable on a terminal and JSON lines elsewhere."""

import contextlib
import logging
import sys
from typing import Any

import orjson
import structlog

from common.outputs import secure_outputs

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure_logs(service: str, level: str, form: str = "auto") -> None:
    """Send structlog's events to standard error, and the libraries' warnings with them.

    ``form`` is console or json; auto is console on a terminal, JSON lines elsewhere.
    """
    secure_outputs()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _renderer(form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *_names: _Lines(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, handlers=[_ToStructlog()], force=True)
    logging.captureWarnings(capture=True)


class _Lines:
    """Writes a line per event; a log that cannot be written must not stop the work."""

    def msg(self, line: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = log = msg


def _renderer(form: str) -> structlog.typing.Processor:
    if form == "console" or (form == "auto" and sys.stderr.isatty()):
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)
    return structlog.processors.JSONRenderer(serializer=_dump)


def _dump(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class _ToStructlog(logging.Handler):
    """Gives what libraries log through the standard module the same form as our events."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno,
            "library_message",
            library=record.name,
            message=record.getMessage(),
            exc_info=record.exc_info,
        )
