"""API keys in PostgreSQL: made, listed, revoked, validated."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common.errors import ServerError, SettingsError
from common.postgres.blocks import Blocks, read_text
from common.postgres.database import Database

PREFIX = "wx_"
"""What our keys begin with; anything else is a token of somebody else's."""

_BYTES = 24


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is known; ``per_minute`` None: as the setting says, 0: without limit."""

    name: str
    per_minute: int | None


@dataclass(frozen=True, slots=True)
class Use:
    """What a key was used for since it was last told: requests, and what they cost."""

    hash: bytes
    requests: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key with its history, for a list; requests in all and today."""

    name: str
    per_minute: int | None
    created: datetime
    revoked: datetime | None
    requests: int
    today: int


def make_key() -> str:
    """Return a new key: nobody guesses it, so a plain hash is enough to keep it by."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def hash_of(key: str) -> bytes:
    """Return what a key is kept by."""
    return hashlib.sha256(key.encode()).digest()


class KeyTables:
    """The tables ``reading.key`` and ``reading.key_use``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = Blocks(__package__, "keys.sql")

    async def make(self) -> None:
        """Make the tables where they are missing; raise `ServerError` where that is not allowed."""
        async with self._database.transaction() as session:
            await session.execute(self._sql("lock_schema"))
            if why := await session.fetchval(self._sql("obstacle")):
                where = self._database.server
                raise ServerError(f"PostgreSQL at {where} cannot keep API keys: {why}")
            (missing,) = await session.fetch(self._sql("missing"))
            if missing["schema"]:
                await session.execute(self._sql("make_schema"))
            if missing["tables"]:
                await session.execute(read_text(__package__, "schema.sql"))

    async def create(self, name: str, per_minute: int | None) -> str:
        """Return a new key; raise `SettingsError` where one has this name."""
        key = make_key()
        async with self._database.session() as session:
            made = await session.fetchval(self._sql("create"), hash_of(key), name, per_minute)
        if made is None:
            raise SettingsError(f"there is, or was, a key {name!r}: choose another name")
        return key

    async def revoke(self, name: str) -> bytes:
        """Revoke a key and return its hash; raise `SettingsError` where there is none."""
        async with self._database.session() as session:
            found: bytes | None = await session.fetchval(self._sql("revoke"), name)
        if found is None:
            raise SettingsError(f"there is no key {name!r} (`waxline keys list` lists them)")
        return found

    async def list(self) -> list[KeyLine]:
        """Return all keys, by name."""
        async with self._database.session() as session:
            return [KeyLine(**row) for row in await session.fetch(self._sql("list"))]

    async def use(self, uses: Sequence[Use]) -> dict[bytes, Key]:
        """Count uses, and return those of the keys that are valid, by hash."""
        columns = zip(*((use.hash, use.requests, use.cost) for use in uses), strict=True)
        async with self._database.session() as session:
            rows = await session.fetch(self._sql("use"), *columns)
        return {row["hash"]: Key(row["name"], row["per_minute"]) for row in rows if row["valid"]}
