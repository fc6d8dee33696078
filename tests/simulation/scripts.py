"""Nights of chance alone: written down from a seed, played, and shortened when one fails."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.simulation.dumps import Entry, Kind, Month
from tests.simulation.months import FIRST_DATE, IDS, KINDS
from tests.simulation.night import PACES, SINKS, Night
from tests.simulation.processes import Fault, Moment
from tests.simulation.programs import Parts, TimelyWriter

WAITS = (0.01, 0.3, 2.0, 10.0)  # s
PAUSES = (0.0, 1.0, 5.0)  # s
SKEWS = (0, 0, -86_400, 3_600)  # s
ASTRAY = ("lose", "double", "shuffle", "shuffle")

PARTS = Parts(writer=TimelyWriter)
"""What nights by the thousand are made of: waits of their own chance and time."""

_LONGEST = 30  # steps
_AGAIN = 4
"""Every so many nights the morning goes on until nothing is left to send."""
_WEIGHTS = (0, 1, 1, 2, 4)
_MARKS: Mapping[Kind, str] = {
    kind: "" if kind is Kind.GOOD else f"({kind.name.lower()})" for kind in Kind
}

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One incident: the name of a `Night`'s method, and what it is called with."""

    name: str
    arguments: Arguments

    def __str__(self) -> str:
        """Return the call."""
        return f"{self.name}({', '.join(f'{k}={v}' for k, v in self.arguments.items())})"


@dataclass(frozen=True)
class Script:
    """A night, from its evening on."""

    seed: int
    pace: float
    months: tuple[Month, ...]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        """Tell the night: dumps first, then a step per line."""
        lines = [f"seed {self.seed}, calls take up to {self.pace} s"]
        for month in self.months:
            entries = " ".join(f"{e.id}={e.content}{_MARKS[e.kind]}" for e in month.entries)
            lines.append(f"{month.date}{' (cut)' if month.cut else ''}: {entries}")
        return "\n".join([*lines, *map(str, self.steps)])


def _number(chance: Random) -> int:
    return chance.randrange(1_000)


def _boolean(chance: Random) -> bool:
    return chance.random() < 0.5


def _of(*values: Any) -> Callable[[Random], Any]:
    return lambda chance: chance.choice(values)


_CHOICES: Mapping[str, Mapping[str, Callable[[Random], Any]]] = {
    "time_passes": {"seconds": _of(*WAITS)},
    "a_reading_begins": {
        "number": _number,
        "allow_older": _boolean,
        "allow_deletions": _boolean,
        "skew": _of(*SKEWS),
        "beside": _boolean,
    },
    "something_happens_to_a_process": {
        "number": _number,
        "fault": _of(*Fault),
        "moment": _of(*Moment),
        "countdown": lambda chance: chance.randint(1, 40),
        "seconds": _of(*PAUSES),
    },
    "a_process_goes_on": {"number": _number},
    "a_loader_starts": {"sink": _of(*SINKS)},
    "messages_go_astray": {"sink": _of(*SINKS), "what": _of(*ASTRAY)},
    "a_message_of_the_past_comes_again": {"sink": _of(*SINKS), "number": _number},
    "a_sink_is_backed_up": {"sink": _of(*SINKS)},
    "a_sink_is_restored": {"sink": _of(*SINKS), "number": _number},
    "a_sink_is_recreated": {"sink": _of(*SINKS)},
    "the_store_is_saved": {},
    "the_store_goes_back": {"number": _number},
    "the_store_forgets": {"everything": _boolean},
}
"""What may happen, and how each of its arguments is chosen."""


def written(seed: int) -> Script:
    """Write down the night of a seed: some incidents are rare in it, some do not happen."""
    chance = Random(seed)
    weights = [chance.choice(_WEIGHTS) for _ in _CHOICES]
    weights[list(_CHOICES).index("a_reading_begins")] = 4
    names = chance.choices(list(_CHOICES), weights, k=chance.randint(3, _LONGEST))
    steps = tuple(
        Step(name, {key: choose(chance) for key, choose in _CHOICES[name].items()})
        for name in names
    )
    return Script(seed, chance.choice(PACES), _months(chance), steps)


def _months(chance: Random) -> tuple[Month, ...]:
    return tuple(_month(chance, FIRST_DATE + number) for number in range(chance.randint(3, 4)))


def _month(chance: Random, date: int) -> Month:
    odd = [
        Entry(chance.choice(IDS), chance.randrange(3), chance.choice(KINDS))
        for _ in range(chance.randint(0, 4))
    ]
    gone = chance.sample(IDS, chance.randint(0, 3))
    # Contents are few, so that a record often returns to what it was.
    plain = [Entry(i, chance.choice((0, 0, 0, 1, 2))) for i in IDS if i not in gone]
    if chance.random() < 0.2:
        chance.shuffle(plain)
    entries = odd + plain if chance.random() < 0.5 else plain + odd
    return Month(date, tuple(entries), cut=chance.random() < 0.2)


def play(script: Script, parts: Parts, after: Callable[[Night], None]) -> None:
    """Live through a night and its morning, with a look ``after`` each step.

    Raises what goes wrong: `AssertionError`, `TimeoutError`, or anything else.
    """
    random.seed(script.seed)  # tenacity's waits
    with Night(script.seed, script.months, script.pace, parts) as night:
        for step in script.steps:
            getattr(night, step.name)(**step.arguments)
            after(night)
        night.the_morning(again=script.seed % _AGAIN == 0)
        after(night)


def shortened(script: Script, fails: Callable[[Script], bool]) -> Script:
    """Leave out every step without which the night still fails."""
    for index in reversed(range(len(script.steps))):
        shorter = replace(script, steps=script.steps[:index] + script.steps[index + 1 :])
        if fails(shorter):
            script = shorter
    return script
