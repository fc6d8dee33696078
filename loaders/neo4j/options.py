"""Has the graph laid out as the options say: then nothing of the run before is written any more."""

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from common.entities import ID_LIMIT, Entity
from common.errors import TransientError
from common.verdicts import other_options
from loaders.neo4j.bookkeeping import GraphBookkeeping
from loaders.neo4j.connection import Graph, Transaction
from loaders.neo4j.notes import nonce
from loaders.neo4j.statements import content_statements, sections

CONCERNED = (Entity.RELEASE,)
"""Whose content the options are about: `graph_track_credits` is the only one."""

_CHANGING = "changing"
_AT_ONCE = 5_000  # nodes
_PARTS = 16  # of a stretch of ids that has more

_patiently = retry(
    retry=retry_if_exception_type(TransientError),
    stop=stop_after_attempt(10),
    wait=wait_random(0, 0.5),
    reraise=True,
)
"""Two loaders that start at once do it together."""


class Options:
    """The options that the graph is laid out by, in its own words.

    Each step is a transaction of some nodes.  Killed in between, the next loader begins again,
    whichever way it is to go.
    """

    def __init__(self, graph: Graph, bookkeeping: GraphBookkeeping, wanted: str) -> None:
        self._graph = graph
        self._bookkeeping = bookkeeping
        self._wanted = wanted
        self._texts = sections("options.cypher")
        self._counts = {entity: content_statements(entity)["known"] for entity in CONCERNED}
        self._doubts = {entity: content_statements(entity)["doubt"] for entity in CONCERNED}

    async def apply(self) -> None:
        """Take what is held for unknown, unless it is laid out as it should be."""
        while (held := await self._held()) != self._wanted:
            if held is not None:
                await self._begin(held)
            for entity in CONCERNED:
                await self._doubt(entity, 0, ID_LIMIT)
            await self._end()

    async def misfit(self, entity: Entity) -> str:
        """Return why what is held of an entity is not what is wanted, or an empty text."""
        return other_options(await self._held(), self._wanted) if entity in CONCERNED else ""

    @_patiently
    async def _held(self) -> str | None:
        rows = await self._graph.read(self._texts["options"])
        held = str(rows[0]["options"]) if rows else ""
        return None if held == _CHANGING else held

    @_patiently
    async def _begin(self, held: str) -> None:
        async with self._graph.transaction() as transaction:
            await transaction.run(self._texts["set_options"], options=_CHANGING, nonce=nonce())
            for entity in CONCERNED:
                detail = other_options(held, self._wanted)
                await self._bookkeeping.overtake(transaction, entity, detail)

    async def _doubt(self, entity: Entity, first: int, last: int) -> None:
        """Take the nodes of a stretch of ids for unknown, a part at a time if there are many."""
        known = await self._graph.read(self._counts[entity], first=first, last=last)
        if known[0]["known"] > _AT_ONCE:
            step = -(-(last - first) // _PARTS)
            for start in range(first, last, step):
                await self._doubt(entity, start, min(start + step, last))
        elif known[0]["known"]:
            await self._doubt_some(entity, first, last)

    @_patiently
    async def _doubt_some(self, entity: Entity, first: int, last: int) -> None:
        async with self._graph.transaction() as transaction:
            if await self._is_under_way(transaction):
                await transaction.run(self._doubts[entity], first=first, last=last)

    @_patiently
    async def _end(self) -> None:
        async with self._graph.transaction() as transaction:
            if await self._is_under_way(transaction):
                text = self._texts["set_options"]
                await transaction.run(text, options=self._wanted, nonce=nonce())

    async def _is_under_way(self, transaction: Transaction) -> bool:
        """Lock the options; tell whether no other loader has come to an end of changing them."""
        rows = await transaction.run(self._texts["lock_options"], nonce=nonce())
        return bool(rows) and rows[0]["options"] == _CHANGING
