"""The constraints that the catalogue needs, made when a graph is opened; or why they cannot be."""

import re
from contextlib import suppress
from dataclasses import dataclass

from neo4j.exceptions import ConstraintError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from common.errors import ServerError, TerminalError, TransientError
from loaders.neo4j.connection import Graph
from loaders.neo4j.errors import SchemaError
from loaders.neo4j.statements import schema, sections

_PARTS = re.compile(r"CREATE CONSTRAINT (\w+) IF NOT EXISTS FOR \(x:(\w+)\) REQUIRE x\.(\w+)")
_NAME_TAKEN = "Neo.ClientError.Schema.IndexWithNameAlreadyExists"
_UNIQUE = ("UNIQUENESS", "KEY")
_ADVICE = (
    "waxline needs a graph of its own, or one where nobody else has nodes with its labels, "
    "or indexes and constraints on them or called as its own"
)

_at_once = retry(
    retry=retry_if_exception_type((TransientError, SchemaError)),
    stop=stop_after_attempt(5),
    wait=wait_random(0, 0.5),
    reraise=True,
)
"""Several loaders that open an empty database are in each other's way for a moment."""


@dataclass(frozen=True, slots=True)
class _Constraint:
    """That a property is unique among the nodes of a label."""

    name: str
    label: str
    key: str
    statement: str

    @classmethod
    def of(cls, statement: str) -> "_Constraint":
        parts = _PARTS.match(statement)
        assert parts, statement  # noqa: S101 - of our own file
        return cls(parts[1], parts[2], parts[3], statement)

    @property
    def shown(self) -> str:
        return f"the constraint {self.name} on :{self.label}({self.key})"


class Constraints:
    """Makes the constraints of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._wanted = [_Constraint.of(statement) for statement in schema()]
        self._texts = sections("constraints.cypher")

    async def make(self) -> None:
        """Make those that are missing; raise `ServerError` where that is not possible."""
        missing = await self._missing()
        for one in missing:
            try:
                await self._make(one)
            except SchemaError as error:
                raise ServerError(f"{error}; {_ADVICE}") from error
            except TransientError as error:
                if not isinstance(error.__cause__, ConstraintError):
                    raise
                twice = f"there are several nodes :{one.label} with one {one.key}"
                raise self._unable(one, twice) from error
        # Where a name is taken, none is made, and nothing is said.
        if missing and (left := await self._missing()):
            raise self._unable(left[0], "another one has its name")

    @_at_once
    async def _make(self, one: _Constraint) -> None:
        try:
            await self._graph.read(one.statement)
        except SchemaError as error:
            if error.code != _NAME_TAKEN or not await self._is_orphan(one):
                raise
            with suppress(TerminalError):  # it belongs to one now: another loader's
                await self._graph.read(f"DROP INDEX {one.name} IF EXISTS")
            await self._graph.read(one.statement)

    async def _is_orphan(self, one: _Constraint) -> bool:
        """Tell whether the index of this name is what is left of this constraint.

        A loader that was killed while Neo4j made it leaves one, and no constraint can be made in
        its place.
        """
        found = await self._graph.read(self._texts["index"], name=one.name)
        return found == [{"labels": [one.label], "properties": [one.key], "owner": None}]

    async def _missing(self) -> list[_Constraint]:
        """Ask once for all that are there: each statement costs the server as much."""
        there = {
            (*row["labels"], *row["properties"])
            for row in await self._graph.read(self._texts["constraints"])
            if row["type"].endswith(_UNIQUE)
        }
        return [one for one in self._wanted if (one.label, one.key) not in there]

    def _unable(self, one: _Constraint, why: str) -> ServerError:
        return ServerError(f"{self._graph.server} cannot have {one.shown}: {why}; {_ADVICE}")
