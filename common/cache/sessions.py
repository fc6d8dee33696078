"""Who is logged in: sessions that slide, and refresh tokens that are used once.

A token is ``person.family.secret``; only a digest of the secret is kept.  All that follows from one
login is a family.  A refresh token that comes a second time was stolen, or used by a thief before:
which of both nobody can tell, so the family ends.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from common.cache.json_values import decoded, write_json
from common.cache.keys import Keys, Kind, digest_of
from common.cache.protocol import Values
from common.errors import WaxlineError

_USED = b"used"
_LIVING = b"1"
_SECRET_BYTES = 24
_LONGEST = 200
"""Characters of a token that is looked at."""


class Tokens(NamedTuple):
    """What a client is given: one to show with each request, one to get the next pair with."""

    session: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Session:
    """Who it is, and what was said of them when they logged in."""

    person: str
    data: Mapping[str, Any]


class TokenReusedError(WaxlineError):
    """A refresh token came a second time; everything that follows from its login has ended."""


class Sessions:
    """Sessions on one place of values; methods raise `TransientError` when that is gone."""

    def __init__(self, values: Values, keys: Keys) -> None:
        self._values = values
        self._keys = keys

    async def begin(self, person: str, data: Mapping[str, Any]) -> Tokens:
        """Log a person in; raise `TypeError` for data that JSON has not."""
        family = secrets.token_hex(8)
        word = digest_of(person)
        await self._values.set(
            self._keys.of(Kind.FAMILY, word, family), _LIVING, Kind.FAMILY.seconds
        )
        return await self._give(word, family, Session(person, data))

    async def find(self, token: str) -> Session | None:
        """Return the session of a token, which lives for another day; None when there is none."""
        parts = _parts(token)
        if parts is None:
            return None
        key = self._key(Kind.SESSION, parts)
        held, living = await self._values.mget([key, self._family(parts)])
        session = _read(held)
        if living is None or session is None:
            return None
        await self._values.expire(key, Kind.SESSION.seconds)
        return session

    async def refresh(self, token: str) -> Tokens | None:
        """Exchange a refresh token for new tokens; None when it is none, or none any more.

        Raises `TokenReusedError` when it was exchanged before.
        """
        parts = _parts(token)
        if parts is None:
            return None
        key, family = self._key(Kind.REFRESH, parts), self._family(parts)
        held, living = await self._values.mget([key, family])
        if held is None or living is None:
            return None
        # Of several that come at once one gets what was there.
        before = await self._values.getset(key, _USED, Kind.REFRESH.seconds)
        if before == _USED:
            await self._values.delete(family)
            raise TokenReusedError("a refresh token was used twice: its login has ended")
        session = _read(before)
        if session is None or not await self._values.expire(family, Kind.FAMILY.seconds):
            return None
        return await self._give(parts.word, parts.family, session)

    async def end(self, token: str) -> None:
        """Log out: what follows from the login of a session or refresh token ends."""
        if parts := _parts(token):
            await self._values.delete(self._family(parts))

    async def _give(self, word: str, family: str, session: Session) -> Tokens:
        shown, once = (_Parts(word, family, secrets.token_urlsafe(_SECRET_BYTES)) for _ in "12")
        document = {"person": session.person, "data": dict(session.data)}
        for kind, parts in ((Kind.SESSION, shown), (Kind.REFRESH, once)):
            await write_json(self._values, self._key(kind, parts), document, kind.seconds)
        return Tokens(".".join(shown), ".".join(once))

    def _key(self, kind: Kind, parts: "_Parts") -> str:
        return self._keys.of(kind, parts.word, parts.family, digest_of(parts.secret))

    def _family(self, parts: "_Parts") -> str:
        return self._keys.of(Kind.FAMILY, parts.word, parts.family)


class _Parts(NamedTuple):
    word: str
    family: str
    secret: str


def _parts(token: str) -> _Parts | None:
    """Return the parts of a token, None for what cannot be one, whatever it is."""
    parts = token.split(".") if len(token) <= _LONGEST and token.isascii() else []
    if len(parts) != 3 or not all(part.isprintable() and ":" not in part for part in parts):
        return None
    return _Parts(*parts)


def _read(value: bytes | None) -> Session | None:
    match decoded(value):
        case {"person": str(person), "data": dict(data)}:
            return Session(person, data)
        case _:
            return None
