"""An answer as it travels from where it is made through every layer to the one who asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from common.entities import Entity

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class AsOf:
    """Which state of an entity an answer shows: the latest dump, and the number of the change."""

    entity: Entity
    dump: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.entity}={self.dump}/{self.sequence}"


@dataclass(frozen=True)
class Answer:
    """Whole bytes, and what stands in the header.

    ``etag`` is in double quotes, empty for an answer that has none; ``as_of`` is what it was read
    from, one for each entity that it depends on.
    """

    body: bytes
    status: int = 200
    etag: str = ""
    as_of: tuple[AsOf, ...] = ()
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """The header as ASGI has it; made once, for an answer is given many times."""
        headers = {"content-type": self.content_type, "content-length": str(len(self.body))}
        if self.etag:
            headers["etag"] = self.etag
        if self.as_of:
            headers["x-waxline-as-of"] = ", ".join(map(str, self.as_of))
        headers |= {name.lower(): value for name, value in self.headers.items()}
        return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    def with_headers(self, more: Mapping[str, str]) -> "Answer":
        """Return the same with more in its header."""
        return replace(self, headers={**self.headers, **more})


def sequence_of(answer: Answer) -> int:
    """Return the sequence of the snapshot that an answer was read in, 0 for one of none."""
    return min((one.sequence for one in answer.as_of), default=0)


def pack(answer: Answer) -> bytes:
    """Return an answer as a cache keeps it: a line of JSON, and the body."""
    as_of = [(one.entity, one.dump, one.sequence) for one in answer.as_of]
    parts = [answer.status, answer.etag, as_of, answer.content_type, dict(answer.headers)]
    return orjson.dumps(parts) + b"\n" + answer.body


def unpack(packed: bytes) -> Answer | None:
    """Return what `pack` was given, None for what is none."""
    line, _, body = packed.partition(b"\n")
    try:
        status, etag, as_of, content_type, headers = orjson.loads(line)
        seen = tuple(AsOf(Entity(one), dump, sequence) for one, dump, sequence in as_of)
    except (ValueError, TypeError):
        return None
    return Answer(body, status, etag, seen, content_type, headers)


class AnswerResponse(Response):
    """What a route returns: the answer goes to the layers whole where they ask for it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body, answer.status)
        self.answer = answer
        self.raw_headers = answer.raw_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the answer over, or send it."""
        if take := scope.get(TAKE):
            take(self.answer)
        else:
            await super().__call__(scope, receive, send)


TAKE = "waxline.take"
"""In the scope of a request: what takes its answer, in place of sending it."""


def message(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with a sentence for the one who asked."""
    return Answer(orjson.dumps({"message": sentence}), status, headers=headers or {})
