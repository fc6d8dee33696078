"""Credits: who did what, under which name, on which tracks."""

from collections.abc import Sequence

from common.records import Credit
from generator import facts
from generator.catalogue import Draft
from generator.randomness import Purpose, Stream, mix, weighted

PLAIN_ROLES = weighted(facts.ROLES)


def _composed_roles(count: int = 600) -> tuple[str, ...]:
    """Roles with a comma or a bracket, which may itself hold commas: a fifth of all."""
    stream = Stream(mix(0, Purpose.WORDS, 1, 0))
    composed = []
    for number in range(count):
        role = stream.pick(PLAIN_ROLES)
        if number % 5 < 3:
            role = f"{role} [{stream.pick(facts.ROLE_DETAILS)}]"
        if number % 5 > 1:
            role = f"{role}, {stream.pick(PLAIN_ROLES)}"
        composed.append(role)
    return tuple(composed)


COMPOSED_ROLES = _composed_roles()


def variation(draft: Draft, name: str) -> str:
    """Print a name as sleeves do: abbreviated, in capitals, misspelt."""
    words = name.split()
    if len(words) > 1 and draft.chance(0.6):
        return f"{words[0][0]}. {words[1]}"
    return name.upper() if draft.chance(0.4) else f"{name}{draft.pick(('s', 'e', '!', 'h'))}"


def performers(draft: Draft, count: int) -> list[Credit]:
    """Credit the artists of a release or track, joined by words; at times the last one too."""
    made = [draft.credit() for _ in range(count)]
    for place, credit in enumerate(made):
        if draft.chance(0.1) and "name" in credit:
            credit["anv"] = variation(draft, credit["name"])
        if place < count - 1 or draft.chance(0.01):
            credit["join"] = draft.pick(facts.JOINS)
    return made


def contributor(draft: Draft) -> Credit:
    """Credit an artist with a role."""
    credit = draft.credit()
    if draft.chance(0.3) and "name" in credit:
        credit["anv"] = variation(draft, credit["name"])
    credit["role"] = draft.pick(COMPOSED_ROLES if draft.chance(0.21) else PLAIN_ROLES)
    return credit


def contributors(draft: Draft, count: int, positions: Sequence[str]) -> list[Credit]:
    """Credit the contributors of a release: a fifth on some of its tracks only."""
    made = [contributor(draft) for _ in range(count)]
    for credit in made:
        if draft.chance(0.18):
            credit["tracks"] = _tracks(draft, positions) or "1"
        if draft.chance(0.0005):
            credit["role"] = ", ".join(draft.pick(COMPOSED_ROLES) for _ in range(60))
    return made


def _tracks(draft: Draft, positions: Sequence[str]) -> str:
    """List tracks as the field does: ``A1, A3 to B4``."""
    parts: list[str] = []
    place = draft.below(3)
    while place < len(positions) and len(parts) < 6:
        last = place + draft.below(4)
        if last > place + 1 and last < len(positions):
            parts.append(f"{positions[place]} to {positions[last]}")
        else:
            parts.append(positions[place])
        place = last + 2 + draft.below(4)
    return ", ".join(part for part in parts if part)
