"""What every request meets first: cached answers go out from here, before any framework."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.cache.keys import Place
from serving.answers import TAKE, Answer, message
from serving.layers import Layers
from serving.placing import Placing
from serving.sending import Header, send_answer, tells_stale_is_welcome
from serving.traffic import Traffic

Finish = Callable[[Scope, Answer], Answer]
"""Puts into an answer what depends on the one who asks."""

UNAVAILABLE = 503
_MOST_ADDRESS = 8_000
_MOST_BODY = 1_000_000
_STALE = {"Warning": '110 - "Response is Stale"'}


class Gate(Protocol):
    """Who may ask, and how often."""

    async def admit(self, scope: Scope) -> tuple[Answer | None, Sequence[Header]]:
        """Return what refuses a request, None to let it pass, and headers of its answer."""


class Front:
    """The application as the server has it: gate, place, layers, and the routes behind them.

    ``placings`` are asked in turn, each for the paths that begin with its text; ``finish`` has
    every answer before it goes out.
    """

    def __init__(
        self,
        routes: ASGIApp,
        layers: Layers,
        placings: Sequence[tuple[str, Placing]],
        traffic: Traffic,
        gate: Gate | None = None,
        finish: Finish | None = None,
    ) -> None:
        self._routes = routes
        self._layers = layers
        self._placings = placings
        self._traffic = traffic
        self._gate = gate
        self._finish = finish

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        began = perf_counter()
        headers: Sequence[Header] = ()
        refusal = _refused(scope)
        if refusal is None and self._gate:
            refusal, headers = await self._gate.admit(scope)
        answer = refusal or await self._answer(scope, receive)
        if self._finish:
            answer = self._finish(scope, answer)
        await send_answer(scope, send, answer, headers)
        self._traffic.note(scope, answer, perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        place = self._place(scope)
        if place is None:
            return await self._made(scope, receive)
        if answer := self._layers.remembered(place):
            return answer

        async def make() -> Answer:
            return await self._made(scope, receive)

        answer = await self._layers.found(place, make)
        if answer.status == UNAVAILABLE and tells_stale_is_welcome(scope):
            return _stale(await self._layers.old(place)) or answer
        return answer

    def _place(self, scope: Scope) -> Place | None:
        if scope["method"] not in ("GET", "HEAD"):
            return None
        path: str = scope["path"]
        for prefix, placing in self._placings:
            if path.startswith(prefix):
                return placing(scope, self._layers.generation)
        return None

    async def _made(self, scope: Scope, receive: Receive) -> Answer:
        """Return what a route answers: whole, or put together of what it sends."""
        taken: list[Answer] = []
        sent = _Sent()
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        inner = {**scope, "method": method, TAKE: taken.append}
        try:
            await self._routes(inner, _limited(receive), sent.take)
        except Exception:  # a bug: `serving.errors` has told it, and answered, before it comes here
            if not taken:
                raise
        return taken[0] if taken else sent.answer()


class _Sent:
    """The messages of an application, as an answer."""

    def __init__(self) -> None:
        self._status = 500
        self._headers: Mapping[str, str] = {}
        self._parts: list[bytes] = []

    async def take(self, message: Message) -> None:
        """Take a message."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = {k.decode(): v.decode("latin-1") for k, v in message["headers"]}
        else:
            self._parts.append(message.get("body", b""))

    def answer(self) -> Answer:
        """Return the answer."""
        headers = {k: v for k, v in self._headers.items() if k != "content-length"}
        kind = headers.pop("content-type", "application/octet-stream")
        etag = headers.pop("etag", "")
        body = b"".join(self._parts)
        return Answer(body, self._status, etag, content_type=kind, headers=headers)


def _refused(scope: Scope) -> Answer | None:
    """Return what refuses a request that is larger than any that makes sense."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > _MOST_ADDRESS:
        return message(414, f"an address may have {_MOST_ADDRESS} bytes")
    if scope["method"] == "OPTIONS":
        return Answer(b"", 204)
    return None


def _limited(receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Return what receives a body of limited length; more of it counts as gone away."""
    left = _MOST_BODY

    async def limited() -> Message:
        nonlocal left
        found = await receive()
        left -= len(found.get("body", b""))
        return found if left >= 0 else {"type": "http.disconnect"}

    return limited


def _stale(answer: Answer | None) -> Answer | None:
    return answer and answer.with_headers(_STALE)
