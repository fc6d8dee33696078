# What compiled.pyx sees of shapes.h.

from libc.stddef cimport size_t


cdef extern from "shapes.h" nogil:
    ctypedef enum Shape:
        OWN_ID
        TEXT
        FLAG
        MEASURE
        NUMBER
        TEXTS
        REFERENCE
        REFERENCES
        OBJECTS
        MASTER

    ctypedef struct Field:
        const char* key
        size_t key_length
        Shape shape
        const char* item
        const Kind* kind

    ctypedef struct Kind:
        const Field* attributes
        const Field* children
        bint keeps_empty

    const Field* RECORDS
    const Field* MASTER_ID_ATTRIBUTES
    const Field* MASTER_ID
    const Field* REFERENCE_ID
    const Field* REFERENCE_NAME
    const Field* find(const Field* fields, const Field* likely, const char* name)
