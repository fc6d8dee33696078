# cython: language_level=3
"""The plan of the compiled encoder, made once of the tables of an entity."""

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stddef cimport size_t

from common.records.tables import Kind as NamedKind

cdef tuple KINDS = tuple(NamedKind)


cdef class Plan:
    """The shapes of an entity's tables, given the entity's own `common.records.tables.Table`."""

    def __cinit__(self, table not None):
        self.addresses, self.kept, self.names = [], [], []
        self.functions, self.results = [], []
        self.own = self._table(table)

    def __dealloc__(self):
        for address in self.addresses or ():
            PyMem_Free(<void*><size_t>address)

    cdef Shape* _table(self, table) except NULL:
        cdef Shape* shape = self._new_shape(len(self.names), len(table.columns))
        cdef int position
        cdef Kind kind
        self.names.append(table.name)
        for position, column in enumerate(table.columns):
            kind = <Kind><int>KINDS.index(column.kind)
            shape.kinds[position] = kind
            shape.plain = shape.plain or kind == ITEM
            if column.derive is not None:
                self._derive(shape, position, table, column)
            elif column.key:
                self._add_column(shape, column.key, kind, position)
        for inner in table.lists:
            self._add(shape, inner.key, LIST, 0, self._table(inner))
        if table.again:
            self._add(shape, table.again, AGAIN, 0, NULL)
        return shape

    cdef Shape* _new_shape(self, int table, int columns) except NULL:
        if columns > MOST_COLUMNS:
            raise ValueError(f"more than {MOST_COLUMNS} columns")
        cdef Shape* shape = <Shape*>PyMem_Calloc(1, sizeof(Shape))
        if shape == NULL:
            raise MemoryError
        self.addresses.append(<size_t>shape)
        shape.table, shape.columns = table, columns
        return shape

    cdef int _derive(self, Shape* shape, int position, table, column) except -1:
        texts = {one.key: place for place, one in enumerate(table.columns) if one.kind == "text"}
        shape.sources[position] = texts[column.key]
        shape.functions[position] = len(self.functions)
        self.functions.append(column.derive)
        self.results.append({})
        return 0

    cdef int _add_column(self, Shape* shape, key, Kind kind, int position) except -1:
        outer, _, inner = key.rpartition(".")
        if outer:
            shape = self._part(shape, outer)
        return self._add(shape, inner, kind, position, NULL)

    cdef Shape* _part(self, Shape* shape, key) except NULL:
        """Return the shape of a member that is an object; its members are columns of the row."""
        cdef int index
        cdef bytes text = _as_key(key)
        for index in range(shape.members):
            if shape.member[index].key == text:
                return shape.member[index].shape
        self._add(shape, key, OBJECT, 0, self._new_shape(shape.table, 0))
        return shape.member[shape.members - 1].shape

    cdef int _add(self, Shape* shape, key, Kind kind, int column, Shape* inner) except -1:
        if shape.members == MOST_MEMBERS:
            raise ValueError(f"more than {MOST_MEMBERS} members")
        cdef bytes text = _as_key(key)
        self.kept.append(text)
        shape.member[shape.members] = Member(
            PyBytes_AS_STRING(text), len(text), kind, column, inner
        )
        shape.members += 1
        return 0


cdef bytes _as_key(key):
    return f'"{key}":'.encode()

