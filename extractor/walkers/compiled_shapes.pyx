# cython: language_level=3
"""The shapes of a record, made once of what is declared of it."""

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stddef cimport size_t

from common.records.shape import Value as NamedValue

cdef tuple VALUES = tuple(NamedValue)


cdef class Shapes:
    """The shapes of a record, given its own `common.records.shape.Shape`."""

    def __cinit__(self, shape not None):
        self.known, self.addresses, self.kept = {}, [], []
        self.own = self._shape(shape)

    def __dealloc__(self):
        for address in self.addresses or ():
            PyMem_Free(<void*><size_t>address)

    cdef const Shape* _shape(self, shape) except NULL:
        cdef Shape* made
        if shape not in self.known:
            made = <Shape*>self._room(1, sizeof(Shape))
            self.known[shape] = <size_t>made
            made.attributes = self._row(shape.attributes)
            made.children = self._row(shape.children)
            made.content = self._row(shape.content)
        return <const Shape*><size_t>self.known[shape]

    cdef const Said* _row(self, among) except NULL:
        if len(among) > MOST:
            raise ValueError(f"more than {MOST} attributes or children")
        cdef Said* row = <Said*>self._room(len(among) + 1, sizeof(Said))
        cdef bytes key
        for place, one in enumerate(among):
            key = self._kept(f'"{one.key}":')
            row[place].tag = PyBytes_AS_STRING(self._kept(one.tag))
            row[place].key, row[place].key_length = PyBytes_AS_STRING(key), len(key)
            row[place].value = <Value><int>VALUES.index(one.value)
            row[place].item = PyBytes_AS_STRING(self._kept(one.item))
            row[place].keeps_empty = one.keeps_empty
            row[place].shape = self._shape(one.shape) if one.shape else NULL
        return row

    cdef void* _room(self, size_t count, size_t size) except NULL:
        cdef void* room = PyMem_Calloc(count, size)
        if room == NULL:
            raise MemoryError
        self.addresses.append(<size_t>room)
        return room

    cdef bytes _kept(self, text):
        cdef bytes kept = text.encode()
        self.kept.append(kept)
        return kept
