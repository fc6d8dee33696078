# cython: language_level=3
"""Picks members of a record that is still JSON, so that the others need not be decoded."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE

from loaders.lazy_json.json cimport Place, past_key, past_value


def pick(bytes data not None, frozenset names not None):
    """Return the object ``data`` with only the members of these names (bytes), or None.

    None stands for whatever `loaders.lazy_json.json` does not read.
    """
    cdef Place at = <Place>PyBytes_AS_STRING(data)
    cdef Place end = at + PyBytes_GET_SIZE(data)
    cdef Place member
    cdef list kept = []
    if at[0] != c'{':
        return None
    if at[1] == c'}':
        return data if at + 2 == end else None
    while True:
        member = at + 1
        at = past_key(member, end)
        if at == NULL:
            return None
        wanted = _slice(member + 1, at - 2) in names  # without its quotes and the colon
        at = past_value(at, end, 0)
        if at == NULL:
            return None
        if wanted:
            kept.append(_slice(member, at))
        if at[0] != c',':
            break
    return b"{" + b",".join(kept) + b"}" if at[0] == c'}' and at + 1 == end else None


cdef bytes _slice(Place start, Place end):
    return PyBytes_FromStringAndSize(<const char*>start, end - start)
