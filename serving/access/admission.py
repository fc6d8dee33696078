"""Whether a request is answered: one object, that the front asks before anything else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from time import time

import structlog

from common.cache import Values
from common.cache.keys import Keys
from common.cache.limits import RateLimiter, Verdict
from common.errors import ServerError, WaxlineError
from common.postgres.database import Database
from serving.access.credentials import Header, key_of
from serving.access.keys import Key, KeyTables, hash_of
from serving.access.known import KnownKeys
from serving.answers import Answer, message
from serving.errors import unavailable

log = structlog.get_logger()

_TRIES = 60
"""Keys that are none, by address and minute: each is asked for in PostgreSQL."""

_COUNT_SECONDS = 10.0

_NO_KEY = "You must authenticate to access this resource."
_BAD_KEY = "Invalid key: it is unknown, or was revoked."
_TOO_MANY = "You are making requests too quickly."
_ASK_FOR_KEY = {"WWW-Authenticate": 'Bearer realm="waxline"'}


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may ask without a key, and tokens a minute; 0: without limit.

    ``processes`` that share no values have a part each of every limit.
    """

    anonymous: bool = True
    anonymous_limit: int = 0
    key_limit: int = 0
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request is answered, and if not, what is said instead.

    ``name`` is that of the key, empty without one; ``verdict`` None where there is no limit.
    """

    name: str = ""
    verdict: Verdict | None = None
    refusal: Answer | None = None

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        """How much may still be asked, for the answer, whatever that is."""
        return _limits(self.verdict) if self.verdict else ()


_FREE = Admission()


class Access:
    """Admits requests; ``known`` None: there are no keys here."""

    def __init__(
        self, known: KnownKeys | None, limiter: RateLimiter, rules: Rules, *, shared: bool
    ) -> None:
        self._known = known
        self._limiter = limiter
        self._rules = rules
        self._parts = 1 if shared else rules.processes

    async def admit(self, headers: Header, query: bytes, address: str, cost: int) -> Admission:
        """Decide about a request; never raises.

        ``headers`` and ``query`` are those of ASGI, ``address`` is the client's.  What costs
        nothing is for everybody.
        """
        key = key_of(headers, query)
        if key:
            return await self._with_key(key, address, cost)
        if not self._rules.anonymous and cost:
            return Admission(refusal=message(401, _NO_KEY, _ASK_FOR_KEY))
        return await self._limited("", network_of(address), self._rules.anonymous_limit, cost)

    async def work(self) -> None:
        """Write counts every ten seconds, and forget windows that are over, until cancelled."""
        while True:
            await asyncio.sleep(_COUNT_SECONDS)
            self._limiter.clean()
            await self.write_counts()

    async def write_counts(self) -> None:
        """Write the keys' use; what cannot be written now is written later."""
        if self._known:
            try:
                await self._known.write_counts()
            except WaxlineError as error:
                log.warning("key_use_not_written", reason=str(error))

    async def _with_key(self, text: str, address: str, cost: int) -> Admission:
        try:
            key = await self._find(text, address, cost)
        except WaxlineError as error:
            return Admission(refusal=unavailable(error))
        if isinstance(key, Admission):
            return key
        limit = self._rules.key_limit if key.per_minute is None else key.per_minute
        return await self._limited(key.name, f"key:{key.name}", limit, cost)

    async def _find(self, text: str, address: str, cost: int) -> Key | Admission:
        """Return the key; where it is none, the refusal."""
        digest, who = hash_of(text), network_of(address)
        if self._known and not self._known.knows(digest):
            tried = await self._limiter.take(who, "unknown-key", _TRIES, 0)
            if not tried.remaining:
                return Admission(refusal=_too_many(tried))
        if self._known and (key := await self._known.find(digest, cost)):
            return key
        await self._limiter.take(who, "unknown-key", _TRIES)
        return Admission(refusal=message(401, _BAD_KEY, _ASK_FOR_KEY))

    async def _limited(self, name: str, who: str, limit: int, cost: int) -> Admission:
        if not limit or not cost:
            return Admission(name) if name else _FREE
        share = max(1, limit // self._parts)
        verdict = await self._limiter.take(who, "ask", share, cost)
        if verdict.allowed:
            return Admission(name, verdict)
        return Admission(name, verdict, _too_many(verdict))


@asynccontextmanager
async def opened_access(
    database: Database,
    values: Values,
    keys: Keys,
    rules: Rules,
    *,
    shared: bool,
    clock: Callable[[], float] = time,
) -> AsyncIterator[Access]:
    """Have access decided for the length of a ``with``; what was counted is written at its end.

    ``database`` has sessions that may write.  Where it can keep no keys, it goes without, unless
    they are all that may ask: then `ServerError` is raised.  ``values`` are ``shared`` by all
    processes that answer, or each has its own.
    """
    known = await _opened_keys(database, values, keys, rules, clock)
    limiter = RateLimiter(values, keys, rules.processes if shared else 1, clock)
    access = Access(known, limiter, rules, shared=shared)
    working = asyncio.create_task(access.work())
    try:
        yield access
    finally:
        working.cancel()
        await access.write_counts()


async def _opened_keys(
    database: Database, values: Values, keys: Keys, rules: Rules, clock: Callable[[], float]
) -> KnownKeys | None:
    tables = KeyTables(database)
    try:
        await tables.make()
    except ServerError as error:
        if not rules.anonymous:
            raise
        log.warning("no_api_keys", reason=str(error))
        return None
    return KnownKeys(tables, values, keys, clock)


def network_of(address: str) -> str:
    """Return whose an address is: of IPv6 one customer has a network of 2**64 of them."""
    if ":" not in address:
        return address
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


def _too_many(verdict: Verdict) -> Answer:
    return message(429, _TOO_MANY, {"Retry-After": str(verdict.reset)})


def _limits(verdict: Verdict) -> Sequence[tuple[bytes, bytes]]:
    limit, remaining = b"%d" % verdict.limit, b"%d" % verdict.remaining
    return (
        (b"ratelimit-limit", limit),
        (b"ratelimit-remaining", remaining),
        (b"ratelimit-reset", b"%d" % verdict.reset),
        # As Discogs has them: clients of its API slow down by these.
        (b"x-discogs-ratelimit", limit),
        (b"x-discogs-ratelimit-used", b"%d" % (verdict.limit - verdict.remaining)),
        (b"x-discogs-ratelimit-remaining", remaining),
    )
