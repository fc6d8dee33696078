# cython: language_level=3
"""The compiled walker: from a parsed group to encoded records, without an object per element.

It knows the regular only.  A record is written as orjson would write what Python's walker
reads, byte for byte, or declined: then Python's walker takes that one, and has the last word
on what is odd or bad.  Nothing of libxml2 is called; the fields of its nodes are read.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free
from lxml.includes.etreepublic cimport _Element, import_lxml__etree
from lxml.includes.tree cimport xmlAttr, xmlNode

from extractor.walkers.leaves cimport put_flag, put_key, put_text
from extractor.walkers.nodes cimport (
    IRREGULAR, is_element, is_empty, is_plain, is_same, number_of, past_blanks,
)
from extractor.walkers.shapes cimport (
    FLAG, MASTER, MEASURE, OBJECTS, OWN_ID, REFERENCE, REFERENCES, TEXT, TEXTS,
    MASTER_ID, MASTER_ID_ATTRIBUTES, RECORDS, REFERENCE_ID, REFERENCE_NAME,
    Field, Kind, find,
)
from extractor.walkers.writer cimport (
    Writer, close_list, close_object, put, put_byte, put_number,
)

from array import array

from lxml import etree


cdef extern from "libxml/xmlversion.h":
    int LIBXML_VERSION


cdef enum:
    DEEPEST_LIST = 8  # at most as deep as tracks may be nested


cdef struct Walk:
    Writer out
    int64_t own_id
    xmlNode* master  # of a release: its keys come last


def encode_regular(
    _Element root not None, entity, const int64_t[::1] ids, const uint64_t[::1] fingerprints
):
    """Return the records under a root as JSON, in order and each with a comma behind it; where
    each begins, and where the last ends; and how many are declined, of which there is nothing.

    ``ids`` and ``fingerprints`` are the records'.
    """
    cdef bytes name = entity.encode()
    cdef const Field* record = find(RECORDS, RECORDS, name)
    if record == NULL:
        raise ValueError(f"{entity} is no entity")
    if ids.shape[0] != fingerprints.shape[0]:
        raise ValueError("as many fingerprints as ids are wanted")
    starts = array("Q", bytes(8 * (ids.shape[0] + 1)))
    cdef Py_ssize_t declined
    cdef Walk walk
    walk.out = Writer(NULL, 0, 0, False)
    try:
        declined = _encode_all(
            &walk, past_blanks(root._c_node.children), record, ids, fingerprints, starts
        )
        return PyBytes_FromStringAndSize(walk.out.data, walk.out.used), starts, declined
    finally:
        free(walk.out.data)


cdef Py_ssize_t _encode_all(
    Walk* walk,
    xmlNode* node,
    const Field* record,
    const int64_t[::1] ids,
    const uint64_t[::1] fingerprints,
    uint64_t[::1] starts,
) except -1:
    """Return how many records are declined."""
    cdef Py_ssize_t position, declined = 0
    for position in range(ids.shape[0]):
        if node == NULL or not _record(
            walk, node, record, ids[position], <int64_t>fingerprints[position]
        ):
            if walk.out.out_of_memory:
                raise MemoryError
            walk.out.used = starts[position]
            declined += 1
        starts[position + 1] = walk.out.used
        if node != NULL:
            node = past_blanks(node.next)
    return declined


# Each function below returns False for what is not regular, and then the record is declined.


cdef bint _record(
    Walk* walk, xmlNode* node, const Field* record, int64_t number, int64_t fingerprint
) noexcept nogil:
    cdef Writer* out = &walk.out
    walk.own_id = 0
    walk.master = NULL
    if not (
        is_element(node, record.item)
        and put(out, b'{"id":', 6)
        and put_number(out, number)
        and put(out, b',"fingerprint":', 15)
        and put_number(out, fingerprint)
        and put(out, b',"data":', 8)
        and _object(walk, record.kind, node, 0)
    ):
        return False
    out.data[out.used - 1] = c'}'
    return walk.own_id == number and number > 0 and put_byte(out, c',')


cdef bint _object(Walk* walk, const Kind* kind, xmlNode* node, int depth) noexcept nogil:
    cdef Writer* out = &walk.out
    cdef size_t start = out.used
    if not (
        put_byte(out, c'{')
        and _attributes(walk, kind.attributes, node)
        and _children(walk, kind.children, node, depth)
        and (depth > 0 or walk.master == NULL or _master(walk, walk.master))
    ):
        return False
    return close_object(out, start, kind.keeps_empty)


cdef bint _attributes(Walk* walk, const Field* fields, xmlNode* node) noexcept nogil:
    cdef const Field* field
    cdef const Field* likely = fields
    cdef xmlAttr* attribute = node.properties
    while attribute != NULL:
        field = find(fields, likely, <const char*>attribute.name)
        if field == NULL or attribute.ns != NULL or not _leaf(walk, field, attribute.children):
            return False
        likely = field + 1
        attribute = attribute.next
    return True


cdef bint _children(Walk* walk, const Field* fields, xmlNode* node, int depth) noexcept nogil:
    cdef const Field* field
    cdef const Field* likely = fields
    cdef xmlNode* child = past_blanks(node.children)
    cdef uint64_t seen = 0, bit
    while child != NULL:
        if not is_plain(child):
            return False
        field = find(fields, likely, <const char*>child.name)
        if field == NULL:
            return False
        bit = <uint64_t>1 << (field - fields)
        if seen & bit or not _child(walk, field, child, depth):
            return False
        seen |= bit
        likely = field + 1
        child = past_blanks(child.next)
    return True


cdef bint _child(Walk* walk, const Field* field, xmlNode* node, int depth) noexcept nogil:
    if field.shape == MASTER:
        walk.master = node
        return True
    if field.shape == REFERENCE:
        return _parent(walk, field, node)
    if node.properties != NULL:
        return False
    if field.shape == OBJECTS:
        return _objects(walk, field, node, depth + 1)
    if field.shape == TEXTS:
        return _texts(walk, field, node)
    if field.shape == REFERENCES:
        return _references(walk, field, node)
    return _leaf(walk, field, node.children)


cdef bint _objects(Walk* walk, const Field* field, xmlNode* node, int depth) noexcept nogil:
    cdef size_t start = walk.out.used
    cdef xmlNode* child = past_blanks(node.children)
    if depth > DEEPEST_LIST or not (put_key(&walk.out, field) and put_byte(&walk.out, c'[')):
        return False
    while child != NULL:
        if not (is_element(child, field.item) and _object(walk, field.kind, child, depth)):
            return False
        child = past_blanks(child.next)
    return close_list(&walk.out, start)


cdef bint _texts(Walk* walk, const Field* field, xmlNode* node) noexcept nogil:
    cdef size_t start = walk.out.used
    cdef xmlNode* child = past_blanks(node.children)
    if not (put_key(&walk.out, field) and put_byte(&walk.out, c'[')):
        return False
    while child != NULL:
        if not (is_element(child, field.item) and child.properties == NULL):
            return False
        if not put_text(&walk.out, b"", 0, child.children):
            return False
        child = past_blanks(child.next)
    return close_list(&walk.out, start)


cdef bint _references(Walk* walk, const Field* field, xmlNode* node) noexcept nogil:
    cdef size_t start = walk.out.used
    cdef xmlNode* child = past_blanks(node.children)
    cdef xmlNode* bare = NULL
    if not (put_key(&walk.out, field) and put_byte(&walk.out, c'[')):
        return False
    while child != NULL:
        if is_element(child, b"id"):
            if child.properties != NULL or bare != NULL:
                return False
            bare = child.children
        elif is_element(child, field.item) and _reference(walk, child, bare):
            bare = NULL
        else:
            return False
        child = past_blanks(child.next)
    return bare == NULL and close_list(&walk.out, start)


cdef bint _parent(Walk* walk, const Field* field, xmlNode* node) noexcept nogil:
    cdef Writer* out = &walk.out
    cdef size_t start = out.used
    if not (put_key(out, field) and _reference(walk, node, NULL)):
        return False
    if out.used == start + field.key_length:
        out.used = start
    return True


cdef bint _reference(Walk* walk, xmlNode* node, xmlNode* bare) noexcept nogil:
    """Write a name with an ``id`` attribute; ``bare`` is the id that stands before it."""
    cdef xmlAttr* attribute = node.properties
    cdef size_t start = walk.out.used
    if attribute != NULL:
        if find(REFERENCE_ID, REFERENCE_ID, <const char*>attribute.name) == NULL:
            return False
        if attribute.ns != NULL or attribute.next != NULL:
            return False
        if bare == NULL or is_empty(bare):
            bare = attribute.children
        elif not (is_empty(attribute.children) or is_same(bare, attribute.children)):
            return False
    return (
        put_byte(&walk.out, c'{')
        and _leaf(walk, REFERENCE_ID, bare)
        and _leaf(walk, REFERENCE_NAME, node.children)
        and close_object(&walk.out, start, False)
    )


cdef bint _master(Walk* walk, xmlNode* node) noexcept nogil:
    """Write the keys that Python's walker puts last, wherever the element stands."""
    return _leaf(walk, MASTER_ID, node.children) and _attributes(
        walk, MASTER_ID_ATTRIBUTES, node
    )


cdef bint _leaf(Walk* walk, const Field* field, xmlNode* texts) noexcept nogil:
    """Write what is text in the dump; ``texts`` are the children of an element or attribute."""
    if is_empty(texts):
        return True
    if field.shape == TEXT:
        return put_text(&walk.out, field.key, field.key_length, texts)
    if field.shape == FLAG:
        return put_flag(&walk.out, field, texts)
    cdef int64_t number = number_of(texts)
    if number == IRREGULAR:
        return False
    if field.shape == OWN_ID:
        walk.own_id = number
        return True
    if number == 0 and field.shape != MEASURE:
        return True
    return (
        put_key(&walk.out, field)
        and put_number(&walk.out, number)
        and put_byte(&walk.out, c',')
    )


cdef int _check_lxml() except -1:
    """Refuse an lxml that is not the one compiled for; its nodes may be laid out otherwise."""
    import_lxml__etree()
    built, found = (LIBXML_VERSION // 10000, LIBXML_VERSION // 100 % 100), etree.LIBXML_VERSION[:2]
    if built != found:
        raise ImportError(f"built for libxml2 {built}, lxml has {found}")
    return 0


_check_lxml()
