"""The tables and sentences of ``waxline cache``."""

from collections.abc import Iterator, Mapping, Sequence

from common.cache.statistics import Share
from common.cache.usage import Usage
from config.sources import variable
from waxline.cache.checking import Trial
from waxline.columns import columns, fitted

Found = Mapping[str, Sequence[Trial]]
"""What was tried, by the name of the place: ``cache`` or ``store``."""


def check_table(found: Found) -> Iterator[str]:
    """Yield a line for each operation, a column for each place: milliseconds, or that it fails."""
    names = list(dict.fromkeys(trial.operation for trials in found.values() for trial in trials))
    cells = {
        (place, trial.operation): "fails" if trial.wrong else f"{trial.milliseconds:.1f} ms"
        for place, trials in found.items()
        for trial in trials
    }
    rows = [(name, *(cells.get((place, name), "-") for place in found)) for name in names]
    yield from columns([("", *found), *rows], range(1, len(found) + 1))


def check_remarks(found: Found) -> Iterator[str]:
    """Yield a sentence for each operation that does not work."""
    for place, trials in found.items():
        yield from (f"{place}, {trial.operation}: {trial.wrong}" for trial in trials if trial.wrong)


def usage_sentence(place: str, usage: Usage) -> str:
    """Return what a place is, and how full."""
    of = f" of {_megabytes(usage.most)}" if usage.most else ""
    full = "evicts what was not used for longest" if usage.evicts else "refuses what does not fit"
    return f"{place}: {usage.title}, {_megabytes(usage.used)}{of} used; full, it {full}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def mode_remarks(place: str, usage: Usage) -> Iterator[str]:
    """Yield a sentence where a place should do otherwise when it is full."""
    if place == "store" and usage.evicts and usage.most:
        yield "store: it may evict fingerprints, sessions and locks: set it to noeviction"
    if place == "cache" and not usage.evicts:
        yield "cache: full, it refuses new answers: let it evict (Dragonfly: --cache_mode=true)"


def unset_remark(place: str) -> str:
    """Return what is used where a place has no URL."""
    return f"{variable(f'{place}_url')} is not set: what is tried is the memory of a process"


def kinds_table(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each kind of which there are keys."""
    held = [(kind, f"{count:,}") for kind, count in counts.items() if count]
    yield from columns([("kind", "keys"), *held], [1])


def shares_table(shares: Sequence[Share], width: int | None = None) -> list[str]:
    """Return a line for each layer and kind: how often it was asked, and had the answer."""
    rows = [
        (share.layer, share.kind, f"{share.asked:,}", f"{share.hits:,}", f"{share.rate:.1%}")
        for share in shares
    ]
    return fitted(("layer", "kind", "asked", "hits", "rate"), rows, names=2, width=width)
