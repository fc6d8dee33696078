# cython: language_level=3
"""The compiled cutter and the compiled glance: one look at each byte, no object but what is cut.

It stops at whatever is not regular, and leaves it to the scanner.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t
from libc.string cimport memchr, strlen, strncmp

ctypedef const char* Place

cdef enum:
    MOST_DIGITS = 10
    MOST_AT_ONCE = 1024

cdef enum Verdict:
    UNFINISHED
    IRREGULAR


cdef struct Stem:
    Place begin
    Place end


cdef class Cutter:
    """Cuts the records of an element ``name`` that begin with ``opening``.

    ``nests``: elements of the same name may be inside.  A longer stem than ``limit`` bytes is
    left to others.
    """

    cdef bytes _kept
    cdef Place _name
    cdef Py_ssize_t _name_size
    cdef Place _opening
    cdef Py_ssize_t _opening_size
    cdef Py_ssize_t _limit
    cdef bint _nests

    def __init__(
        self, bytes name not None, bytes opening not None, *, bint nests, Py_ssize_t limit
    ):
        self._kept = name + b"\0" + opening
        self._name = PyBytes_AS_STRING(self._kept)
        self._name_size = PyBytes_GET_SIZE(name)
        self._opening = self._name + self._name_size + 1
        self._opening_size = PyBytes_GET_SIZE(opening)
        self._limit = limit
        self._nests = nests

    def cut(self, bytes buffer not None, int64_t offset):
        """Return stems, offsets, the bytes done with, and whether the rest is only unfinished."""
        cdef Place begin = PyBytes_AS_STRING(buffer)
        cdef Place end = begin + PyBytes_GET_SIZE(buffer)
        cdef Place at = begin
        cdef Stem[MOST_AT_ONCE] found
        cdef int count = MOST_AT_ONCE
        cdef Verdict verdict = UNFINISHED
        cdef list stems = [], offsets = []
        while count == MOST_AT_ONCE:
            with nogil:  # gunzip goes on meanwhile
                count = self._look(&at, end, found, &verdict)
            for number in range(count):
                stem = found[number]
                stems.append(PyBytes_FromStringAndSize(stem.begin, stem.end - stem.begin))
                offsets.append(offset + (stem.begin - begin))
        return stems, offsets, at - begin, verdict == UNFINISHED

    cdef int _look(self, Place* at, Place end, Stem* found, Verdict* verdict) noexcept nogil:
        """Find stems, moving on behind each; return how many, fewer than may be at the end."""
        cdef Place stop
        for count in range(MOST_AT_ONCE):
            at[0] = _past_space(at[0], end)
            if at[0] == end:
                verdict[0] = UNFINISHED
                return count
            stop = self._end_of(at[0], end, verdict)
            if stop == NULL:
                return count
            if stop - at[0] > self._limit:
                verdict[0] = IRREGULAR
                return count
            found[count] = Stem(at[0], stop)
            at[0] = stop + self._name_size + 3
        return MOST_AT_ONCE

    cdef Place _end_of(self, Place at, Place end, Verdict* verdict) noexcept nogil:
        """Return where the end tag of the record at this place is, or NULL."""
        cdef int depth = 0
        verdict[0] = IRREGULAR
        if strncmp(at, self._opening, self._opening_size) != 0:
            if end - at < self._opening_size and strncmp(at, self._opening, end - at) == 0:
                verdict[0] = UNFINISHED
            return NULL
        at = _past_start_tag(at + 1, end, &depth, verdict)
        if depth == 0:
            return NULL
        while at != NULL:
            at = <Place>memchr(at, c'<', end - at)
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

    cdef bint _is_named(self, Place at) noexcept nogil:
        return at[0] == self._name[0] and strncmp(at, self._name, self._name_size) == 0


def glance(list stems not None, bytes opening not None, *, bint in_attribute):
    """Return the number where the id stands in every dump seen; 0 for each other record.

    It has at most ten digits, and may be too large for an id.
    """
    cdef Place before = PyBytes_AS_STRING(opening)
    cdef list ids = []
    cdef bytes stem
    for stem in stems:
        ids.append(_id(PyBytes_AS_STRING(stem), before, in_attribute))
    return ids


cdef int64_t _id(Place at, Place opening, bint in_attribute) noexcept nogil:
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
    if digits > MOST_DIGITS or _past(at, b'"' if in_attribute else b"</") == NULL:
        return 0
    return number


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
    cdef size_t length = strlen(token)
    return at + length if at != NULL and strncmp(at, token, length) == 0 else NULL


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
