"""An answer goes out: with what every answer bears, unless the one who asked has it already."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from starlette.types import Scope, Send

from serving.answers import Answer

Header: TypeAlias = tuple[bytes, bytes]

_EVERY: Sequence[Header] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"*"),
    (b"x-content-type-options", b"nosniff"),
)
_PREFLIGHT: Sequence[Header] = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, If-None-Match"),
    (b"access-control-max-age", b"86400"),
)
_OF_BODIES = (b"content-type", b"content-length")
_NO_CONTENT, _NOT_MODIFIED, _OK = 204, 304, 200


async def send_answer(scope: Scope, send: Send, answer: Answer, more: Iterable[Header]) -> None:
    """Send an answer: 304 where it is what the one who asked holds, no body to a HEAD."""
    status, body = answer.status, answer.body
    headers = [*answer.raw_headers, *_EVERY, *more]
    if answer.etag and status == _OK and _is_held(header_of(scope, b"if-none-match"), answer.etag):
        status = _NOT_MODIFIED
    if status in (_NOT_MODIFIED, _NO_CONTENT):
        body = b""
        headers = [one for one in headers if one[0] not in _OF_BODIES]
    if status == _NO_CONTENT:
        headers.extend(_PREFLIGHT)
    if scope["method"] == "HEAD":
        body = b""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def header_of(scope: Scope, name: bytes) -> str:
    """Return a header of a request, empty where it has none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def tells_stale_is_welcome(scope: Scope) -> bool:
    """Tell whether an answer that may be old is better than none."""
    return "stale-if-error" in header_of(scope, b"cache-control").lower()


def _is_held(said: str, etag: str) -> bool:
    """Tell whether ``If-None-Match`` names an ETag; weak ones are compared as strong."""
    if not said:
        return False
    held = (one.strip().removeprefix("W/") for one in said.split(","))
    return any(one in (etag, "*") for one in held)
