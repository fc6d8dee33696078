"""What of the database is needed to answer at all."""

from common.entities import Entity
from common.errors import ServerError
from common.postgres.blocks import Blocks
from common.postgres.database import Database

SQL = Blocks(__package__, "schema.sql")

_READ = [*(entity.value for entity in Entity), "state", "change"]


async def check_catalogue(database: Database) -> None:
    """Raise `ServerError` where there is no catalogue, or none that may be read."""
    async with database.session() as session:
        missing = await session.fetchval(SQL("unreadable"), _READ)
    if missing:
        raise ServerError(
            f"PostgreSQL at {database.server} has no catalogue that may be read "
            f"({missing}): load dumps with `waxline run`, which adds to an older one what it lacks"
        )
