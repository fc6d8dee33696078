# What is declared of records, as the compiled walker sees it: `common.records.shape` in C.

from libc.stddef cimport size_t
from libc.string cimport strcmp

cdef enum:
    MOST = 64  # attributes or children of an element: each has a bit


# As common.records.shape.Value, in its order: what a text says, up to ID; then what is more.
cdef enum Value:
    OWN_ID
    TEXT
    FLAG
    MEASURE
    NUMBER
    ID
    TEXTS
    REFERENCE
    REFERENCES
    OBJECTS
    MEMBERS


cdef struct Said:
    const char* tag
    const char* key  # as it stands in JSON, with quotes and colon
    size_t key_length
    Value value
    bint keeps_empty
    const char* item
    const Shape* shape


cdef struct Shape:
    const Said* attributes  # behind the last one is one without a tag
    const Said* children
    const Said* content


cdef inline const Said* find(
    const Said* among, const Said* likely, const char* tag
) noexcept nogil:
    """Return what has this tag, or NULL; the ``likely`` one is looked at first."""
    if _has(likely, tag):
        return likely
    while among.tag != NULL:
        if _has(among, tag):
            return among
        among += 1
    return NULL


cdef inline bint _has(const Said* said, const char* tag) noexcept nogil:
    return said.tag != NULL and said.tag[0] == tag[0] and strcmp(said.tag, tag) == 0


cdef class Shapes:
    cdef const Shape* own  # of the record
    cdef dict known  # the addresses of shapes, which may be inside themselves
    cdef list addresses
    cdef list kept  # the texts they point to

    cdef const Shape* _shape(self, shape) except NULL
    cdef const Said* _row(self, among) except NULL
    cdef void* _room(self, size_t count, size_t size) except NULL
    cdef bytes _kept(self, text)
