"""PostgreSQL as a sink: who connects, makes the schema, and looks after what is kept."""

from common.entities import Entity
from common.postgres.database import Database
from config.sinks import SinkOptions
from loaders.postgres import schema
from loaders.postgres.bookkeeping import PostgresBookkeeping
from loaders.postgres.content import PostgresContent
from loaders.postgres.documents import Documents
from loaders.postgres.reader import PostgresReader
from loaders.postgres.setup import SetUp
from loaders.postgres.sql import Statements
from loaders.postgres.stored_rows import StoredRows

_SPARE_SESSIONS = 2
"""For the looks at the bookkeeping, and one that waits for the indexes, beside the writing ones."""

DURABLE = {"synchronous_commit": "on"}
"""A commit is acknowledged to the broker: it has to be on disk, whatever the server's default."""


class PostgresSink:
    """Implements `loaders.sink.ReadableSink`.

    The catalogue is in the schema ``discogs``, the bookkeeping in ``waxline``.
    """

    name = "postgres"
    server = name

    def __init__(self, options: SinkOptions) -> None:
        self.sessions = options.sessions
        self.batch_size = options.batch_size
        self._document = bool(options.content)
        self._namespace = options.server.namespace
        self._database = Database(options.server, options.sessions + _SPARE_SESSIONS, DURABLE)
        self._sql = Statements("statements.sql")
        self.bookkeeping = PostgresBookkeeping(self._database, self._sql)
        stored = StoredRows(self._sql, compiled=options.compiled, document=self._document)
        self.content = PostgresContent(
            self._database, self._sql, self.bookkeeping, stored, self.sessions
        )
        self._documents = Documents(self._database, self._sql, self.bookkeeping, options.content)

    async def open(self) -> None:
        """Connect, and make the schema where it is missing.

        Raises `ServerError` with what makes the database unable to hold the catalogue.
        """
        await self._database.open()
        setup = SetUp(self._database)
        await setup.check_server()
        await schema.make(self._database, self._sql, self._namespace, document=self._document)
        await setup.check_tables()
        await self._documents.apply()

    async def look(self) -> bool:
        """Connect only to read; documents are taken to be as the database has them."""
        await self._database.open()
        async with self._database.session() as session:
            if not await session.fetchval(self._sql("has_schema")):
                return False
            self._document = bool(await schema.check(session, self._sql, self._namespace))
        return bool(await self.bookkeeping.run_rows())

    @property
    def reader(self) -> PostgresReader:
        """What reads the rows back."""
        return PostgresReader(self._database, self._sql, document=self._document)

    async def close(self) -> None:
        """Close the pool, within seconds even when the server hangs."""
        await self._database.close()

    async def identity(self) -> str:
        """Return the database's own random identity, with version and options."""
        async with self._database.session() as session:
            return await schema.identity(session, self._sql)

    async def misfit(self, entity: Entity) -> str:
        """Return why rows of an entity have, or have not, the documents that they should have."""
        del entity
        return await self._documents.misfit()
