# How the compiled encoder sees a table: what each column holds, what is done with each member.

from libc.stddef cimport size_t
from libc.stdint cimport uint32_t
from libc.string cimport strncmp

from loaders.lazy_json.json cimport Place

cdef enum:
    MOST_COLUMNS = 24
    MOST_MEMBERS = 32


# As loaders.postgres.tables.Kind, in its order; then what else a member may be.
cdef enum Kind:
    RECORD
    DUMP
    FINGERPRINT
    SEQUENCE
    OWNER
    NUMBER
    FLAG
    TEXT
    TEXTS
    ITEM
    DERIVED
    SHORT
    DOCUMENT
    LIST
    AGAIN
    OBJECT


cdef struct Member:
    const char* key  # as it stands in JSON, with quotes and colon
    size_t length
    Kind kind
    int column
    Shape* shape  # of LIST and OBJECT


cdef struct Shape:
    int table
    int columns
    int members
    bint plain  # a list of texts
    Kind[MOST_COLUMNS] kinds
    int[MOST_COLUMNS] sources  # of DERIVED and SHORT: the column it is made of
    int[MOST_COLUMNS] functions  # and the number of the function that makes it
    Member[MOST_MEMBERS] member


cdef inline int find(const Shape* shape, Place at, int likely) noexcept nogil:
    """Return which member begins here, or -1; the ``likely`` one is looked at first."""
    cdef int index
    if likely < shape.members and _is_key(&shape.member[likely], at):
        return likely
    for index in range(shape.members):
        if _is_key(&shape.member[index], at):
            return index
    return -1


cdef inline bint _is_key(const Member* member, Place at) noexcept nogil:
    # Both differ at the latest where the bytes end, in a NUL that no key has.
    return (
        at[0] == c'"'
        and at[1] == <unsigned char>member.key[1]
        and strncmp(<const char*>at, member.key, member.length) == 0
    )


cdef class Plan:
    cdef Shape* own  # of the entity's own table
    cdef list names  # of the tables
    cdef list functions  # of the derived columns
    cdef list results  # what each function has made of the texts it has met
    cdef list addresses  # of the shapes
    cdef list kept  # the keys they point to

    cdef Shape* _table(self, table) except NULL
    cdef Shape* _new_shape(self, int table, int columns) except NULL
    cdef int _derive(self, Shape* shape, int position, table, column) except -1
    cdef int _add_column(self, Shape* shape, key, Kind kind, int position) except -1
    cdef Shape* _part(self, Shape* shape, key) except NULL
    cdef int _add(self, Shape* shape, key, Kind kind, int column, Shape* inner) except -1
