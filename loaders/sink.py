"""What a database must be to be loaded: its content, its bookkeeping, and who connects to it.

Each call is one transaction.  Every writing call but `advance` ends by locking the entity's run row
and checking that ``headers.run`` is still current; otherwise it rolls back and raises
`RunSupersededError`.  Calls raise `TransientError` when the same call may succeed later,
`TerminalError` when the data itself cannot be written.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from common.entities import Entity
from common.messages import Headers, Range, Span
from common.records import Record
from common.reports import State
from loaders.differences import Parts
from loaders.runs import PastRun, RunRow

KEPT = 0
"""In place of a rejected record's fingerprint: its row is kept, for the database forbids to delete
it, although the dump has no such record.  It counts neither here nor there, and a newer run tries
again."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record the sink cannot hold: it counts in place of its row, with its reason.

    ``run`` and its ``dump`` brought it; 0 where an older waxline has not noted them.
    ``record`` is its data as JSON in ASCII, cut where it is very long.
    """

    id: int
    fingerprint: int
    reason: str
    run: int = 0
    dump: int = 0
    record: str = ""

    @property
    def kept(self) -> bool:
        """Tell whether it stands for a row that could not be deleted."""
        return self.fingerprint == KEPT


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction did: records written, records already there with that fingerprint."""

    loaded: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """Count of rows and sum of their fingerprints mod 2**64."""

    count: int
    total: int


class Content(Protocol):
    """The catalogue in a sink: what is asked and changed of its records."""

    @property
    def summed_at_once(self) -> int:
        """How many records `digests` is to be asked for at once; known once it is connected."""

    async def write(
        self, headers: Headers, records: Sequence[Record], rejections: Sequence[Rejection] = ()
    ) -> Written:
        """Replace records by id where their fingerprint differs, and store rejections.

        Ids are distinct within a call.  What a record no longer has is removed with it; a
        rejection of an id goes when that id is written or found equal.
        """

    async def delete(self, headers: Headers, ids: Sequence[int]) -> int:
        """Delete records and rejections by id; return how many rows went.

        For each row that goes, entity, id and ``headers.dump`` are noted for good; a `write` of
        that id by a run of that very dump takes the note back.  A row that the database keeps, by
        a rule of other people's, is noted as a rejection with the fingerprint `KEPT`.
        """

    async def distrust(self, headers: Headers, ids: Sequence[int]) -> int:
        """Take the content of these ids for unknown; return how many rows that concerns.

        A row gets the fingerprint 0, which equals none, so that the next run writes it anew;
        rejections go, and what is left of a record without a row.  It may make ranges unequal
        that the current run has found equal: a run has to follow.
        """

    async def digests(
        self, entity: Entity, spans: Sequence[Span], without: Collection[int]
    ) -> list[Digest]:
        """Sum up what the sink holds in each span, leaving out the ids ``without``.

        Spans ascend, do not overlap, and begin and end at multiples of `RANGE_SIZE`; there is one
        at least.  A rejection counts in place of the row of its id.
        """

    async def held(self, entity: Entity, spans: Sequence[Span]) -> list[int]:
        """Return the ids held in ascending spans, rows and rejections, ascending."""

    async def rows(self, entity: Entity) -> int:
        """Return the number of rows held, rejections not counted."""

    async def prepare(self, entity: Entity) -> None:
        """Do what waits for the end of a first load (indexes, statistics); idempotent."""

    async def sweep(self, entity: Entity) -> None:
        """Remove what a run leaves behind that no record needs (stubs without an edge)."""


class Bookkeeping(Protocol):
    """What a sink notes beside the catalogue: of runs, their ranges and what was left out."""

    async def run_rows(self) -> dict[Entity, RunRow]:
        """Return the run rows there are."""

    async def advance(self, headers: Headers) -> RunRow:
        """Make ``headers.run`` current if it is higher, and forget the older run's ranges and
        verdict (counts start at 0); return the row as it is afterwards.

        The run of an older dump than the row's stays out unless ``headers.allow_older``; that it
        was refused is recorded with it, and it stays out whatever the row becomes: of two
        loaders, the other may have work for it.
        """

    async def declare(self, headers: Headers, state: State, detail: str, exceptions: int) -> None:
        """Set the verdict on the run; COMPLETE also records the rows now held."""

    async def refusals(self) -> dict[int, str]:
        """Return the reasons of refused runs, the newest few dozen."""

    async def history(self, limit: int) -> list[PastRun]:
        """Return what is remembered of the last runs, refused ones too, the newest first.

        Noted by the transactions that advance, declare and refuse; some hundred runs of each
        entity are kept.
        """

    async def store_range(self, headers: Headers, range_: Range) -> None:
        """Store one range of the run, replacing an equal one."""

    async def ranges(self, entity: Entity, run: int, known: Collection[int] = ()) -> list[Range]:
        """Return the stored ranges of a run, by index, but those whose index is ``known``."""

    async def rejections(self, entity: Entity) -> list[Rejection]:
        """Return the records rejected and not written since, by id, without their data."""

    async def rejected_record(self, entity: Entity, record_id: int) -> str:
        """Return the data of a rejected record as JSON, empty when it is not known."""


class Sink(Protocol):
    """A database that holds the catalogue; what it has serves while it is connected."""

    name: str
    """The sink's name in queues and reports: ``postgres``, ``neo4j``."""

    server: str
    """What its user calls it: by its server's name, ``arcadedb`` too, once that is connected."""

    sessions: int
    """How many calls may be under way at once."""

    batch_size: int
    """Records per transaction."""

    @property
    def content(self) -> Content:
        """Its records."""

    @property
    def bookkeeping(self) -> Bookkeeping:
        """What is noted of runs."""

    async def open(self) -> None:
        """Connect, and make the schema and the bookkeeping where they are missing."""

    async def look(self) -> bool:
        """Connect only to read: make and change nothing.

        Return False, and be good for nothing but `close`, when no run has ever reached this
        database.
        """

    async def close(self) -> None:
        """Close the pool, within seconds even when the server hangs."""

    async def identity(self) -> str:
        """Return what tells this database from any other, and from itself recreated or
        laid out otherwise: random at creation, kept in the database, plus the options."""

    async def misfit(self, entity: Entity) -> str:
        """Return why what is held of an entity is not what the options say, or an empty text.

        `open` sees to it: where options have changed, it takes every row that they concern for
        unknown, and makes sure that nothing more comes of the run before.
        """


class Reader(Protocol):
    """Reads a sink's content, through the sink's own connections; each call one reading.

    Calls raise `TransientError` when the same call may succeed later.
    """

    async def compare(self, entity: Entity, records: Sequence[Record]) -> Parts:
        """Compare every row, or node and edge, of these records with what they must give.

        Ids are distinct.  The dump that last changed a record is not compared: the record does
        not tell.  A record that cannot be held raises `TerminalError`.
        """

    async def ids(self, entity: Entity, first: int, last: int) -> list[int]:
        """Return the ids in ``[first, last)`` of which anything at all is held."""

    async def fingerprints(self, entity: Entity, first: int, last: int) -> dict[int, int]:
        """Return the fingerprints of the rows in ``[first, last)``, rejections not counted."""


class ReadableSink(Sink, Protocol):
    """A sink that can be checked."""

    @property
    def reader(self) -> Reader:
        """What reads this sink; it works while the sink is connected."""
