"""The graph as a sink, in Neo4j or ArcadeDB by the same Cypher."""

import secrets

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from common.entities import Entity
from common.errors import ServerError, TerminalError, TransientError
from common.verdicts import other_namespace
from config.sinks import SinkOptions
from loaders.neo4j.bookkeeping import GraphBookkeeping
from loaders.neo4j.connection import Graph
from loaders.neo4j.constraints import Constraints
from loaders.neo4j.content import GraphContent
from loaders.neo4j.options import Options
from loaders.neo4j.reader import GraphReader
from loaders.neo4j.statements import sections

LAYOUT = 2
"""Version of labels, edges and properties; part of the identity."""

_at_once = retry(
    retry=retry_if_exception_type(TransientError),
    stop=stop_after_attempt(5),
    wait=wait_random(0, 0.5),
    reraise=True,
)
"""For what several loaders do at the same moment, when they open an empty database."""


class GraphSink:
    """Implements `loaders.sink.ReadableSink`.  ``sessions`` is known once it is open."""

    name = "neo4j"

    def __init__(self, options: SinkOptions) -> None:
        self.server = self.name
        self.sessions = 1
        self.batch_size = options.batch_size
        self._options = options
        self._graph = Graph(options.server, options.sessions)
        self._texts = sections("bookkeeping.cypher")
        self.bookkeeping = GraphBookkeeping(self._graph)
        tracks = bool(options.content)
        self.content = GraphContent(
            self._graph, self.bookkeeping, track_credits=tracks, compiled=options.compiled
        )
        self.reader = GraphReader(self._graph, track_credits=tracks)
        self._layout = Options(self._graph, self.bookkeeping, options.content)

    async def open(self) -> None:
        """Connect, tell the server's kind, and make constraints where they are missing."""
        try:
            await self._connect()
            await Constraints(self._graph).make()
            await self.identity()  # beside which the options are noted
            await self._layout.apply()
        except TerminalError as error:  # nothing of a dump is at fault yet
            raise ServerError(f"{self._graph.server} cannot be used: {error}") from error

    async def look(self) -> bool:
        """Connect only to read."""
        await self._connect()
        await self._check_namespace()
        return bool(await self.bookkeeping.run_rows())

    async def close(self) -> None:
        """Close the connections, within seconds even when the server hangs."""
        await self._graph.close()

    @_at_once
    async def identity(self) -> str:
        """Return the database's identity, made up at the first call, with layout and options."""
        made_up = {"identity": secrets.token_hex(8), "namespace": self._options.server.namespace}
        rows = await self._graph.read(self._texts["identity"], **made_up)
        await self._check_namespace()
        options = "+tracks" if self._options.content else ""
        return f"{rows[0]['identity']}:{LAYOUT}{options}"

    async def misfit(self, entity: Entity) -> str:
        """Return why an entity's nodes and edges are not what the options say."""
        return await self._layout.misfit(entity)

    async def _connect(self) -> None:
        await self._graph.open()
        if self._graph.is_arcadedb:
            self.server = "arcadedb"
        else:  # ArcadeDB's concurrent writers only make each other start again
            self.sessions = self._options.sessions

    async def _check_namespace(self) -> None:
        """Raise `ServerError` when another pipeline loads this graph."""
        for row in await self._graph.read(self._texts["namespace"]):
            if reason := other_namespace(row["namespace"], self._options.server.namespace):
                raise ServerError(f"the graph {reason}")
