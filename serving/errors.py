"""What an error looks like: JSON with one sentence, as Discogs has it: ``{"message": "…"}``."""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from common.errors import TransientError, WaxlineError
from serving.answers import Answer, AnswerResponse, message

log = structlog.get_logger()

_AGAIN_SECONDS = "1"


def add_error_answers(application: FastAPI) -> None:
    """Have every error answered in one form."""
    application.add_exception_handler(HTTPException, _refused)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(WaxlineError, _unable)
    application.add_exception_handler(500, _broken)


def unavailable(error: WaxlineError) -> Answer:
    """Return the answer while a server cannot be asked; its sentence stands in the log alone."""
    passing = isinstance(error, TransientError)
    log.warning("answer_unavailable", reason=str(error), passing=passing)
    return message(503, "a database cannot be asked at the moment", {"Retry-After": _AGAIN_SECONDS})


async def _refused(_request: Request, error: Exception) -> AnswerResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
    return AnswerResponse(message(error.status_code, str(error.detail), error.headers or {}))


async def _invalid(_request: Request, error: Exception) -> AnswerResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for these
    return AnswerResponse(message(422, "; ".join(map(_sentence, error.errors()))))


def _sentence(problem: dict[str, Any]) -> str:
    place: Sequence[Any] = problem["loc"]
    return f"{'.'.join(map(str, place[1:])) or place[0]}: {problem['msg']}"


async def _unable(_request: Request, error: Exception) -> AnswerResponse:
    assert isinstance(error, WaxlineError)  # noqa: S101 - it is registered for these
    return AnswerResponse(unavailable(error))


async def _broken(request: Request, error: Exception) -> AnswerResponse:
    log.error("answer_failed", path=request.url.path, exc_info=error)
    return AnswerResponse(message(500, "an error of waxline's own: its log has more"))
