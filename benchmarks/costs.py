"""What loads cost in the databases: kept, and told beside the first of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.databases import Cost, Counters
from benchmarks.loads import Load
from benchmarks.measure import Results
from benchmarks.tables import table


def keep_costs(results: Results, into: str, names: Sequence[str], loads: Sequence[Load]) -> None:
    """Keep what metered loads cost, each under its name; ``into`` says which databases."""
    for name, load in zip(names, loads, strict=True):
        assert load.counters is not None, f"{name} was not metered"
        results.costs.append(
            Cost(
                into=into,
                name=name,
                records=load.dump.records,
                sent=load.sent,
                seconds=load.seconds,
                cpu=sum(load.cpu.values()),
                counters=load.counters,
            )
        )


_COSTS: Mapping[str, Callable[[Cost], float]] = {
    "records sent": lambda cost: cost.sent,
    "wall, s": lambda cost: round(cost.seconds, 1),
    "CPU, s": lambda cost: round(cost.cpu, 1),
    "rows written": lambda cost: cost.counters.written,
    "rows deleted": lambda cost: cost.counters.deleted,
    "WAL, MB": lambda cost: _megabytes(cost.counters.wal),
    "of that records": lambda cost: _megabytes(_records(cost.counters)),
    "PostgreSQL transactions": lambda cost: cost.counters.transactions,
    "Neo4j transactions": lambda cost: cost.counters.graph_transactions,
}


def costs(found: Sequence[Cost]) -> Iterator[str]:
    """Yield what each load costs, and what share of the first load into the same databases."""
    if not found:
        return
    first: dict[str, Cost] = {}
    for cost in found:
        first.setdefault(cost.into, cost)
    yield from (
        "What they cost, the servers' own counts included, and as a share of the first load:",
        "",
    )
    rows = (
        [
            f"{cost.into}, {cost.name}",
            *(_cost(count(cost), count(first[cost.into])) for count in _COSTS.values()),
        ]
        for cost in found
    )
    yield from table(["", *_COSTS], rows)
    yield from (
        "CPU is of all processes, servers included.  Rows are those of the catalogue's tables; "
        "records are the WAL without its images of pages, which PostgreSQL writes at the first "
        "change of each after a checkpoint, and there is one before each of these loads; "
        "transactions are those that wrote, the bookkeeping of runs and ranges included.",
        "",
    )


def _records(counters: Counters) -> int:
    """Return the bytes of WAL that are not images of pages."""
    return -1 if counters.images < 0 else counters.wal - counters.images


def _megabytes(count: int) -> float:
    return count if count < 0 else round(count / 1e6, 2)


def _cost(count: float, first: float) -> str:
    if count < 0:
        return "not told"
    share = f"<br>{count / first:.1%}" if first > 0 else ""
    return f"{count:,}{share}"
