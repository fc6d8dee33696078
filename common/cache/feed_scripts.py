"""What keeps entries true to the change feed: fills that are refused, tombstones, the state.

The state of an entity is ``<generation> <floor> <applied>``.  Entries of another generation count
as absent.  A fill must have seen the sequence ``floor``; ``applied`` is the sequence up to which
entries that changed are dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from common.cache.scripts import Script, Table, seconds_of

GENERATION_LENGTH = 8


@dataclass(frozen=True, slots=True)
class State:
    """How far an entity's entries follow the change feed."""

    generation: bytes
    floor: int
    applied: int

    def encoded(self) -> bytes:
        """Return it as it is kept."""
        return b"%s %d %d" % (self.generation, self.floor, self.applied)


def read_state(value: bytes | None) -> State | None:
    """Return what is kept, None when that is none or not readable."""
    parts = (value or b"").split(b" ")
    if len(parts) != 3 or len(parts[0]) != GENERATION_LENGTH:
        return None
    if not (parts[1].isdigit() and parts[2].isdigit()):
        return None
    return State(parts[0], int(parts[1]), int(parts[2]))


_READ_STATE = """
local function read_state(key)
  return string.match(redis.call('GET', key) or '', '^(........) (%d+) (%d+)$')
end
"""


def _fill(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> int:
    entry, tombstone, place = keys
    value, sequence, generation, lifetime = arguments
    state = read_state(table.read(place))
    if not state or state.generation != generation or int(sequence) < state.floor:
        return 0
    if int(table.read(tombstone) or 0) > int(sequence):
        return 0
    table.write(entry, value, seconds_of(lifetime))
    return 1


FILL = Script(
    _READ_STATE
    + """
    local generation, floor = read_state(KEYS[3])
    local sequence = tonumber(ARGV[2])
    if generation ~= ARGV[3] or sequence < tonumber(floor) then return 0 end
    if tonumber(redis.call('GET', KEYS[2]) or '0') > sequence then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])
    return 1
    """,
    _fill,
)
"""Entry, tombstone, state; value, sequence, generation, milliseconds: 1 when it was filled."""


def _drop(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> int:
    tombstone, *entries = keys
    sequence, lifetime = arguments
    # Another follower may be further already.
    last = max(int(table.read(tombstone) or 0), int(sequence))
    table.write(tombstone, b"%d" % last, seconds_of(lifetime))
    return sum([table.remove(entry) for entry in entries])


DROP = Script(
    """
    local held = redis.call('GET', KEYS[1])
    local last = ARGV[1]
    if held and tonumber(held) > tonumber(last) then last = held end
    redis.call('SET', KEYS[1], last, 'PX', ARGV[2])
    local deleted = 0
    for place = 2, #KEYS do deleted = deleted + redis.call('DEL', KEYS[place]) end
    return deleted
    """,
    _drop,
)
"""Tombstone, entries; sequence, milliseconds."""


def _apply(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> bytes:
    before, sequence, generation, lifetime = arguments
    state = read_state(table.read(keys[0]))
    if not state or state.applied < int(before):
        state = State(generation, int(sequence), int(sequence))
    else:
        state = State(state.generation, state.floor, max(state.applied, int(sequence)))
    table.write(keys[0], state.encoded(), seconds_of(lifetime))
    return state.encoded()


APPLY = Script(
    _READ_STATE
    + """
    local generation, floor, applied = read_state(KEYS[1])
    if not generation or tonumber(applied) < tonumber(ARGV[1]) then
      generation, floor, applied = ARGV[3], ARGV[2], ARGV[2]
    elseif tonumber(applied) < tonumber(ARGV[2]) then
      applied = ARGV[2]
    end
    local state = generation .. ' ' .. floor .. ' ' .. applied
    redis.call('SET', KEYS[1], state, 'PX', ARGV[4])
    return state
    """,
    _apply,
)
"""State; sequence before, sequence, a new generation, milliseconds: the state then.

What was dropped up to ``before`` and is not applied there was lost: the generation changes.
"""


def _move(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> bytes:
    forced, sequence, generation, lifetime = arguments
    state = read_state(table.read(keys[0]))
    if not state or forced == b"1":
        state = State(generation, int(sequence), int(sequence))
    elif state.floor < int(sequence):
        state = State(generation, int(sequence), max(state.applied, int(sequence)))
    table.write(keys[0], state.encoded(), seconds_of(lifetime))
    return state.encoded()


MOVE = Script(
    _READ_STATE
    + """
    local generation, floor, applied = read_state(KEYS[1])
    if not generation or ARGV[1] == '1' then
      generation, floor, applied = ARGV[3], ARGV[2], ARGV[2]
    elseif tonumber(floor) < tonumber(ARGV[2]) then
      generation, floor = ARGV[3], ARGV[2]
      if tonumber(applied) < tonumber(floor) then applied = floor end
    end
    local state = generation .. ' ' .. floor .. ' ' .. applied
    redis.call('SET', KEYS[1], state, 'PX', ARGV[4])
    return state
    """,
    _move,
)
"""State; 1 (in any case) or 0 (unless another has), sequence, a new generation, milliseconds."""
