# cython: language_level=3, cdivision=True, boundscheck=False
"""The compiled cutter and its stems: one look at each byte, and only what has changed is kept.

It stops at whatever is not regular, and leaves it to the scanner.
"""

from cpython.array cimport array, clone
from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy

from common.entities import ID_LIMIT
from common.records import SCHEMA_VERSION
from common.store.protocol import BLOCK_SIZE
from common.run_rules import RANGE_SIZE
from extractor.framing.raw_records import RawRecords
from extractor.framing.stems import fingerprint_of

ctypedef const char* Place
ctypedef uint64_t (*Hash)(const void*, size_t, uint64_t) noexcept nogil

cdef enum:
    MOST_DIGITS = 10
    AT_FIRST = 1024
    STEP = 64
    AFTER = 3  # bytes that are looked at behind a step

cdef enum Verdict:
    UNFINISHED
    IRREGULAR
    NO_MEMORY

cdef int64_t LIMIT = ID_LIMIT
cdef int64_t BLOCK = BLOCK_SIZE
cdef int64_t RANGE = RANGE_SIZE
cdef uint64_t SEED = SCHEMA_VERSION
cdef array SIGNED = array("q")
cdef array UNSIGNED = array("Q")


cdef struct Stem:
    Place begin
    Place end
    int64_t id
    uint64_t fingerprint


cdef class Stems:
    """The records that a cutter has found in a buffer, which is kept."""

    cdef bytes _buffer
    cdef bytes _end_tag
    cdef int64_t _offset
    cdef Stem* _found
    cdef Py_ssize_t _count
    cdef Py_ssize_t _room

    def __dealloc__(self):
        free(self._found)

    def __len__(self):
        return self._count

    def __getitem__(self, Py_ssize_t place):
        return _bytes_of(self._at(place)[0])

    def offset(self, Py_ssize_t place):
        """Return where a record begins."""
        return self._offset + (self._at(place).begin - PyBytes_AS_STRING(self._buffer))

    def doubtful(self):
        """Return the places of records without an id."""
        return [place for place in range(self._count) if self._found[place].id == 0]

    def set_id(self, Py_ssize_t place, int64_t record_id):
        """Set the id of a record."""
        self._at(place).id = record_id

    def blocks(self):
        """Return the numbers of the records' blocks."""
        cdef int64_t number, last = -1
        cdef set found = set()
        for place in range(self._count):
            number = self._found[place].id // BLOCK
            if number != last and self._found[place].id != 0:
                found.add(number)
                last = number
        return found

    def compare(self, dict held not None, presence not None):
        """Compare with the fingerprints held."""
        cdef list again = []
        cdef Py_ssize_t unchanged = 0
        cdef Py_ssize_t* changed = <Py_ssize_t*>malloc((self._count + 1) * sizeof(Py_ssize_t))
        if changed == NULL:
            raise MemoryError
        try:
            found = self._compare(held, presence, &unchanged, changed, again)
            return unchanged, self._columns(changed, found), again
        finally:
            free(changed)

    cdef Py_ssize_t _compare(
        self,
        dict held,
        presence,
        Py_ssize_t* unchanged,
        Py_ssize_t* changed,
        list again,
    ) except -1:
        """Sort the records; return how many places there are in ``changed``."""
        cdef Stem* stem
        cdef int64_t number = -1
        cdef Py_ssize_t place, found = 0
        cdef Block block = None
        for place in range(self._count):
            stem = &self._found[place]
            if stem.id == 0:
                continue
            if stem.id // BLOCK != number:
                number = stem.id // BLOCK
                if block is not None:
                    block.settle()
                block = Block(held[number], presence(stem.id // RANGE))
            if not block.add(stem.id % RANGE, stem.fingerprint):
                again.append((place, stem.id, stem.fingerprint))
            elif block.holds(stem.id % BLOCK, stem.fingerprint):
                unchanged[0] += 1
            else:
                block.expect(stem.id % BLOCK, stem.fingerprint)
                changed[found] = place
                found += 1
        if block is not None:
            block.settle()
        return found

    cdef _columns(self, const Py_ssize_t* places, Py_ssize_t count):
        """Return the records at some places."""
        cdef array ids = clone(SIGNED, count, False)
        cdef array fingerprints = clone(UNSIGNED, count, False)
        cdef array offsets = clone(SIGNED, count, False)
        cdef array ends = clone(SIGNED, count, False)
        cdef Place start = PyBytes_AS_STRING(self._buffer)
        cdef Stem* stem
        cdef Py_ssize_t position
        cdef int64_t size = 0
        for position in range(count):
            stem = &self._found[places[position]]
            size += self._length(stem)
            ids.data.as_longlongs[position] = stem.id
            fingerprints.data.as_ulonglongs[position] = stem.fingerprint
            offsets.data.as_longlongs[position] = self._offset + (stem.begin - start)
            ends.data.as_longlongs[position] = size
        cdef bytes text = PyBytes_FromStringAndSize(NULL, size)
        cdef char* at = PyBytes_AS_STRING(text)
        for position in range(count):
            stem = &self._found[places[position]]
            memcpy(at, stem.begin, self._length(stem))
            at += self._length(stem)
        return RawRecords(self._end_tag, ids, fingerprints, offsets, ends, text)

    cdef Py_ssize_t _length(self, const Stem* stem) noexcept:
        """Return the length of an element: in the buffer the end tag follows the stem."""
        return stem.end - stem.begin + PyBytes_GET_SIZE(self._end_tag)

    cdef take_fingerprints(self):
        """Take the fingerprints where they need the interpreter."""
        cdef Py_ssize_t place
        for place in range(self._count):
            self._found[place].fingerprint = fingerprint_of(_bytes_of(self._found[place]))

    cdef Stem* _at(self, Py_ssize_t place) except NULL:
        if not 0 <= place < self._count:
            raise IndexError(place)
        return &self._found[place]


cdef class Block:
    """The fingerprints held of a block of ids, and the presence of its range, by their memory.

    Where either has few, it is no array yet: it is asked, until it has become one.
    """

    cdef object _block
    cdef array _held
    cdef array _met
    cdef object _presence
    cdef bytearray _bits
    cdef unsigned char* _seen
    cdef Py_ssize_t _count
    cdef Py_ssize_t _expected
    cdef uint64_t _total

    def __init__(self, block not None, presence not None):
        self._block = block
        self._presence = presence
        self._look_at_block()
        self._look_at_presence()

    cdef _look_at_block(self):
        """Take the block's arrays if it has them."""
        if isinstance(self._block.held, dict):
            return
        self._held, self._met = self._block.held, self._block.met
        for numbers in (self._held, self._met):
            if numbers.itemsize != 8 or len(numbers) < BLOCK:
                raise IndexError(BLOCK)

    cdef _look_at_presence(self):
        """Take the presence's bits if it has them."""
        self._bits = self._presence.bits
        if self._bits is None:
            return
        if len(self._bits) < RANGE // 8:
            raise IndexError(RANGE)
        self._seen = <unsigned char*>PyByteArray_AS_STRING(self._bits)

    cdef bint add(self, int64_t place, uint64_t fingerprint) except -1:
        """Note a record, by its place in the range; False if its id has been seen before."""
        cdef unsigned char bit
        cdef bint added
        if self._seen == NULL:
            added = self._presence.add(place, fingerprint)
            self._look_at_presence()
            return added
        bit = 1 << (place & 7)
        if self._seen[place >> 3] & bit:
            return False
        self._seen[place >> 3] |= bit
        self._count += 1
        self._total += fingerprint
        return True

    cdef bint holds(self, int64_t place, uint64_t fingerprint) except -1:
        """Tell whether the fingerprint of a place in the block is this one."""
        if self._held is None:
            return self._block.held[place] == fingerprint
        return self._held.data.as_ulonglongs[place] == fingerprint

    cdef int expect(self, int64_t place, uint64_t fingerprint) except -1:
        """Note a record that is to be sent."""
        if self._held is None:
            self._block.expect(place, fingerprint)
            self._look_at_block()
        else:
            self._met.data.as_ulonglongs[place] = fingerprint
            self._expected += 1
        return 0

    cdef settle(self):
        """Tell the block and the presence what has been added."""
        self._block.expected += self._expected
        self._presence.count += self._count
        self._presence.total += self._total


cdef bytes _bytes_of(Stem stem):
    return PyBytes_FromStringAndSize(stem.begin, stem.end - stem.begin)


cdef class Cutter:
    """Cuts the records of an element ``name`` that begin with ``opening``.

    ``nests``: elements of the same name may be inside.  ``in_attribute``: so is the id.  A longer
    stem than ``limit`` bytes is left to others.  ``hash_address`` is what `find_hash` returns.
    """

    cdef bytes _kept
    cdef bytes _end_tag
    cdef Place _name
    cdef Py_ssize_t _name_size
    cdef Place _opening
    cdef Py_ssize_t _opening_size
    cdef Py_ssize_t _limit
    cdef Hash _hash
    cdef bint _nests
    cdef bint _in_attribute

    def __init__(
        self,
        bytes name not None,
        bytes opening not None,
        *,
        bint nests,
        bint in_attribute,
        Py_ssize_t limit,
        size_t hash_address,
    ):
        self._kept = name + b"\0" + opening
        self._end_tag = b"</" + name + b">"
        self._name = PyBytes_AS_STRING(self._kept)
        self._name_size = PyBytes_GET_SIZE(name)
        self._opening = self._name + self._name_size + 1
        self._opening_size = PyBytes_GET_SIZE(opening)
        self._limit = limit
        self._hash = <Hash>hash_address
        self._nests = nests
        self._in_attribute = in_attribute

    def cut(self, bytes buffer not None, int64_t offset):
        """Return stems, the bytes done with, and whether the rest is only unfinished."""
        cdef Place begin = PyBytes_AS_STRING(buffer)
        cdef Place end = begin + PyBytes_GET_SIZE(buffer)
        cdef Place at = begin
        cdef Verdict verdict = UNFINISHED
        cdef Stems stems = Stems()
        stems._buffer = buffer
        stems._end_tag = self._end_tag
        stems._offset = offset
        with nogil:  # gunzip goes on meanwhile
            while self._cut_one(&at, end, stems, &verdict):
                pass
        if verdict == NO_MEMORY:
            raise MemoryError
        if self._hash == NULL:
            stems.take_fingerprints()
        return stems, at - begin, verdict == UNFINISHED

    cdef bint _cut_one(self, Place* at, Place end, Stems stems, Verdict* verdict) noexcept nogil:
        """Find the next stem and move on behind it; False if there is none, for what reason."""
        cdef Place stop
        at[0] = _past_space(at[0], end)
        if at[0] == end:
            verdict[0] = UNFINISHED
            return False
        stop = self._end_of(at[0], end, verdict)
        if stop == NULL:
            return False
        if stop - at[0] > self._limit:
            verdict[0] = IRREGULAR
            return False
        if stems._count == stems._room and not _make_room(stems):
            verdict[0] = NO_MEMORY
            return False
        stems._found[stems._count] = Stem(
            at[0],
            stop,
            _id(at[0], stop, self._opening, self._in_attribute),
            self._fingerprint(at[0], stop),
        )
        stems._count += 1
        at[0] = stop + self._name_size + 3
        return True

    cdef Place _end_of(self, Place at, Place end, Verdict* verdict) noexcept nogil:
        """Return where the end tag of the record at this place is, or NULL."""
        cdef int depth = 0
        verdict[0] = IRREGULAR
        if memcmp(at, self._opening, min(end - at, self._opening_size)) != 0:
            return NULL
        if end - at < self._opening_size:
            verdict[0] = UNFINISHED
            return NULL
        at = _past_start_tag(at + 1, end, &depth, verdict)
        if depth == 0:
            return NULL
        while at != NULL:
            at = _next_tag(at, end, self._name)
            if at == NULL or end - at < self._name_size + 3:
                verdict[0] = UNFINISHED
                return NULL
            if at[1] == c'!' or at[1] == c'?':
                return NULL
            if at[1] == c'/' and self._is_named(at + 2):
                if at[2 + self._name_size] == c'>':
                    depth -= 1
                    if depth == 0:
                        return at
                elif not _goes_on(at[2 + self._name_size]):
                    return NULL
            elif self._is_named(at + 1) and not _goes_on(at[1 + self._name_size]):
                # What begins a line is the next record: this one has lost its end.
                if not self._nests or at[-1] == c'\n' or at[1 + self._name_size] == c's':
                    return NULL
                at = _past_start_tag(at + 1, end, &depth, verdict)
                continue
            at += 1
        return NULL

    cdef uint64_t _fingerprint(self, Place at, Place end) noexcept nogil:
        """Return what `fingerprint_of` does, or 0 where that needs the interpreter."""
        if self._hash == NULL:
            return 0
        return self._hash(at, end - at, SEED) or 1

    cdef bint _is_named(self, Place at) noexcept nogil:
        return at[0] == self._name[0] and memcmp(at, self._name, self._name_size) == 0


cdef Place _next_tag(Place at, Place end, Place name) noexcept nogil:
    """Return the next tag that may be of this name, or markup; NULL if there is none.

    Most of a record is passed over in steps, each a loop that compilers turn into vector
    instructions: with a `memchr` for every tag releases took twice as long.
    """
    cdef char first = name[0], second = name[1]
    while end - at >= STEP + AFTER:
        if _any_of_note(at, first, second):
            while not _is_of_note(at, first, second):
                at = <Place>memchr(at + 1, c'<', STEP)
            return at
        at += STEP
    return <Place>memchr(at, c'<', end - at)


cdef inline bint _any_of_note(Place at, char first, char second) noexcept nogil:
    """Tell whether such a tag begins in the step that begins here."""
    cdef unsigned char found = 0
    cdef int place
    for place in range(STEP):
        found |= _is_of_note(at + place, first, second)
    return found != 0


cdef inline unsigned char _is_of_note(Place at, char first, char second) noexcept nogil:
    return (at[0] == c'<') & (
        (at[1] == c'!')
        | (at[1] == c'?')
        | ((at[1] == first) & (at[2] == second))
        | ((at[1] == c'/') & (at[2] == first) & (at[3] == second))
    )


cdef bint _make_room(Stems stems) noexcept nogil:
    cdef Py_ssize_t room = 2 * stems._room if stems._room else AT_FIRST
    cdef Stem* found = <Stem*>realloc(stems._found, room * sizeof(Stem))
    if found == NULL:
        return False
    stems._found = found
    stems._room = room
    return True


cdef int64_t _id(Place at, Place end, Place opening, bint in_attribute) noexcept nogil:
    """Return the id where it stands in every dump seen, else 0."""
    cdef int64_t number = 0
    cdef int digits = 0
    at = _past(at, opening)
    at = _past(at, b'id="') if in_attribute else _past(_past_images(at), b"<id>")
    if at == NULL:
        return 0
    while c'0' <= at[0] <= c'9' and digits <= MOST_DIGITS:
        number = 10 * number + (at[0] - c'0')
        digits += 1
        at += 1
    at = _past(at, b'"' if in_attribute else b"</")
    if digits > MOST_DIGITS or at == NULL or at > end:  # the end tag's "</" does not count
        return 0
    return number if number < LIMIT else 0


cdef Place _past_images(Place at) noexcept nogil:
    """Read what came first in artists and labels until November 2024, if it is there."""
    cdef Place images = _past(at, b"<images>")
    if images == NULL:
        return at
    while (at := _past(images, b"<image ")) != NULL:
        while at[0] != c'<' and at[0] != c'>' and at[0] != 0:
            at += 1
        if at[0] != c'>' or at[-1] != c'/':
            return NULL
        images = at + 1
    return _past(images, b"</images>")


cdef Place _past(Place at, Place token) noexcept nogil:
    """Return where a token ends, or NULL if it is not here; a buffer ends with a zero byte."""
    if at == NULL:
        return NULL
    while token[0] != 0:
        if at[0] != token[0]:
            return NULL
        at += 1
        token += 1
    return at


cdef Place _past_start_tag(Place at, Place end, int* depth, Verdict* verdict) noexcept nogil:
    """Return where the start tag ends that this is in, or NULL; an empty element adds no depth."""
    cdef char quote = 0
    while at < end:
        if at[0] == c'<':
            return NULL
        if quote != 0:
            if at[0] == quote:
                quote = 0
        elif at[0] == c'"' or at[0] == c"'":
            quote = at[0]
        elif at[0] == c'>':
            depth[0] += at[-1] != c'/'
            return at + 1
        at += 1
    verdict[0] = UNFINISHED
    return NULL


cdef Place _past_space(Place at, Place end) noexcept nogil:
    while at < end and (at[0] == c' ' or c'\t' <= at[0] <= c'\r'):
        at += 1
    return at


cdef bint _goes_on(char byte) noexcept nogil:
    """Tell whether a tag has a longer name, by the byte behind ours.

    The root's has an "s" there: it is not looked at further, and makes a record irregular.
    """
    return byte != c's' and byte != c'>' and byte != c'/' and byte != c' ' and not (
        c'\t' <= byte <= c'\r'
    )
