# cython: language_level=3
"""Cuts a batch into its records, whose data stays JSON until somebody looks at it.

What it takes is JSON that orjson reads as well, and gives back as it stands; anything else,
good or bad, is left to orjson.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t
from libc.string cimport strlen, strncmp

from loaders.lazy_json.json cimport Place, past_integer, past_value

from orjson import loads


@cython.final
@cython.no_gc
cdef class LazyRecord:
    """A `common.records.Record`, but that its data is decoded when it is first asked for.

    ``raw`` is the data as JSON, ``decoded`` what has been made of it, if anything.
    """

    cdef object _id
    cdef object _fingerprint
    cdef readonly bytes raw
    cdef readonly object decoded

    def __init__(self, int64_t record_id, int64_t fingerprint, bytes raw not None):
        self._id, self._fingerprint, self.raw = record_id, fingerprint, raw

    def __getitem__(self, str key not None):
        if key == "id":
            return self._id
        if key == "fingerprint":
            return self._fingerprint
        if key != "data":
            raise KeyError(key)
        if self.decoded is None:
            self.decoded = loads(self.raw)
        return self.decoded


def cut(bytes body not None):
    """Return the records of a batch, or None."""
    cdef Place at = <Place>PyBytes_AS_STRING(body)
    cdef Place end = at + PyBytes_GET_SIZE(body)
    cdef list records = []
    at = _past(at, b"[")
    while at != NULL:
        at = _record(at, end, records)
        if at == NULL or at[0] != c',':
            break
        at += 1
    at = _past(at, b"]")
    return records if at != NULL and at == end else None


cdef Place _record(Place at, Place end, list records) except? NULL:
    cdef int64_t number = 0, fingerprint = 0
    cdef Place data
    cdef LazyRecord record
    at = _past_number(_past(at, b'{"id":'), &number)
    at = _past_number(_past(at, b',"fingerprint":'), &fingerprint)
    data = at = _past(at, b',"data":')
    if at == NULL or at[0] != c'{':
        return NULL
    at = past_value(at, end, 0)
    if at == NULL or at[0] != c'}':
        return NULL
    record = LazyRecord.__new__(LazyRecord)
    record._id = number
    record._fingerprint = fingerprint
    record.raw = PyBytes_FromStringAndSize(<const char*>data, at - data)
    records.append(record)
    return at + 1


cdef Place _past(Place at, const char* token) noexcept nogil:
    """Read a token; a batch that has ended before is none."""
    cdef size_t length = strlen(token)
    if at == NULL or strncmp(<const char*>at, token, length) != 0:
        return NULL
    return at + length


cdef Place _past_number(Place at, int64_t* number) noexcept nogil:
    return past_integer(at, number) if at != NULL else NULL
