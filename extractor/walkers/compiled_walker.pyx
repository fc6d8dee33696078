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

from extractor.walkers.compiled_shapes cimport (
    FLAG, ID, MEASURE, MEMBERS, OBJECTS, OWN_ID, REFERENCE, REFERENCES, TEXT, TEXTS,
    Said, Shape, Shapes, find,
)
from extractor.walkers.leaves cimport put_flag, put_key, put_text
from extractor.walkers.nodes cimport (
    IRREGULAR, is_element, is_empty, is_plain, is_same, number_of, past_blanks,
)
from extractor.walkers.writer cimport (
    Writer, close_list, close_object, put, put_byte, put_number,
)

from array import array

from lxml import etree

from common.entities import Entity
from common.records.shape import shape_of


cdef extern from "libxml/xmlversion.h":
    int LIBXML_VERSION


cdef enum:
    DEEPEST_LIST = 8  # at most as deep as tracks may be nested


cdef struct Walk:
    Writer out
    const char* tag
    const Shape* shape
    int64_t own_id


cdef class Walker:
    """Encodes records of a tag and a `common.records.shape.Shape`."""

    cdef bytes tag
    cdef Shapes shapes

    def __cinit__(self, str tag not None, shape not None):
        self.tag, self.shapes = tag.encode(), Shapes(shape)

    def __call__(
        self, _Element root not None, const int64_t[::1] ids, const uint64_t[::1] fingerprints
    ):
        """Return the records under a root as JSON, in order and each with a comma behind it; where
        each begins, and where the last ends; and how many are declined, of which there is nothing.

        ``ids`` and ``fingerprints`` are the records'.
        """
        if ids.shape[0] != fingerprints.shape[0]:
            raise ValueError("as many fingerprints as ids are wanted")
        starts = array("Q", bytes(8 * (ids.shape[0] + 1)))
        cdef Py_ssize_t declined
        cdef Walk walk = Walk(Writer(NULL, 0, 0, False), self.tag, self.shapes.own, 0)
        try:
            declined = _encode_all(
                &walk, past_blanks(root._c_node.children), ids, fingerprints, starts
            )
            return PyBytes_FromStringAndSize(walk.out.data, walk.out.used), starts, declined
        finally:
            free(walk.out.data)


cdef Py_ssize_t _encode_all(
    Walk* walk,
    xmlNode* node,
    const int64_t[::1] ids,
    const uint64_t[::1] fingerprints,
    uint64_t[::1] starts,
) except -1:
    """Return how many records are declined."""
    cdef Py_ssize_t position, declined = 0
    for position in range(ids.shape[0]):
        if node == NULL or not _record(
            walk, node, ids[position], <int64_t>fingerprints[position]
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
    Walk* walk, xmlNode* node, int64_t number, int64_t fingerprint
) noexcept nogil:
    cdef Writer* out = &walk.out
    walk.own_id = 0
    if not (
        is_element(node, walk.tag)
        and put(out, b'{"id":', 6)
        and put_number(out, number)
        and put(out, b',"fingerprint":', 15)
        and put_number(out, fingerprint)
        and put(out, b',"data":', 8)
        and _object(walk, walk.shape, node, 0, True)
    ):
        return False
    out.data[out.used - 1] = c'}'
    return walk.own_id == number and number > 0 and put_byte(out, c',')


cdef bint _object(
    Walk* walk, const Shape* shape, xmlNode* node, int depth, bint keep_empty
) noexcept nogil:
    cdef Writer* out = &walk.out
    cdef size_t start = out.used
    return (
        put_byte(out, c'{')
        and _attributes(walk, shape.attributes, node)
        and _children(walk, shape.children, node, depth)
        and close_object(out, start, keep_empty)
    )


cdef bint _attributes(Walk* walk, const Said* among, xmlNode* node) noexcept nogil:
    cdef const Said* said
    cdef const Said* likely = among
    cdef xmlAttr* attribute = node.properties
    while attribute != NULL:
        said = find(among, likely, <const char*>attribute.name)
        if said == NULL or attribute.ns != NULL or not _leaf(walk, said, attribute.children):
            return False
        likely = said + 1
        attribute = attribute.next
    return True


cdef bint _children(Walk* walk, const Said* among, xmlNode* node, int depth) noexcept nogil:
    cdef const Said* said
    cdef const Said* likely = among
    cdef xmlNode* child = past_blanks(node.children)
    cdef const Said* last = NULL
    cdef xmlNode* last_child = NULL
    cdef uint64_t seen = 0, bit
    while child != NULL:
        if not is_plain(child):
            return False
        said = find(among, likely, <const char*>child.name)
        if said == NULL:
            return False
        bit = <uint64_t>1 << (said - among)
        if seen & bit:
            return False
        if said.value == MEMBERS and last == NULL:
            last, last_child = said, child
        elif not _child(walk, said, child, depth):
            return False
        seen |= bit
        likely = said + 1
        child = past_blanks(child.next)
    return last == NULL or _members(walk, last.shape, last_child)


cdef bint _child(Walk* walk, const Said* said, xmlNode* node, int depth) noexcept nogil:
    if said.value == REFERENCE:
        return _single(walk, said, node)
    if node.properties != NULL:
        return False
    if said.value <= ID:  # a text; nearly all are
        return _leaf(walk, said, node.children)
    if said.value == OBJECTS:
        return _objects(walk, said, node, depth + 1)
    if said.value == TEXTS:
        return _texts(walk, said, node)
    return said.value == REFERENCES and _references(walk, said, node)


cdef bint _objects(Walk* walk, const Said* said, xmlNode* node, int depth) noexcept nogil:
    cdef size_t start = walk.out.used
    cdef xmlNode* child = past_blanks(node.children)
    if depth > DEEPEST_LIST or not (put_key(&walk.out, said) and put_byte(&walk.out, c'[')):
        return False
    while child != NULL:
        if not (is_element(child, said.item) and _object(
            walk, said.shape, child, depth, said.keeps_empty
        )):
            return False
        child = past_blanks(child.next)
    return close_list(&walk.out, start)


cdef bint _texts(Walk* walk, const Said* said, xmlNode* node) noexcept nogil:
    cdef size_t start = walk.out.used
    cdef xmlNode* child = past_blanks(node.children)
    if not (put_key(&walk.out, said) and put_byte(&walk.out, c'[')):
        return False
    while child != NULL:
        if not (is_element(child, said.item) and child.properties == NULL):
            return False
        if not put_text(&walk.out, b"", 0, child.children):
            return False
        child = past_blanks(child.next)
    return close_list(&walk.out, start)


cdef bint _references(Walk* walk, const Said* said, xmlNode* node) noexcept nogil:
    cdef size_t start = walk.out.used
    cdef xmlNode* child = past_blanks(node.children)
    cdef xmlNode* bare = NULL
    if not (put_key(&walk.out, said) and put_byte(&walk.out, c'[')):
        return False
    while child != NULL:
        if is_element(child, said.item):
            if not _reference(walk, said.shape, child, bare):
                return False
            bare = NULL
        elif is_element(child, said.shape.attributes.tag):
            if child.properties != NULL or bare != NULL:
                return False
            bare = child.children
        else:
            return False
        child = past_blanks(child.next)
    return bare == NULL and close_list(&walk.out, start)


cdef bint _single(Walk* walk, const Said* said, xmlNode* node) noexcept nogil:
    cdef Writer* out = &walk.out
    cdef size_t start = out.used
    if not (put_key(out, said) and _reference(walk, said.shape, node, NULL)):
        return False
    if out.used == start + said.key_length:
        out.used = start
    return True


cdef bint _reference(
    Walk* walk, const Shape* shape, xmlNode* node, xmlNode* bare
) noexcept nogil:
    """Write a name with its id as attribute; ``bare`` is the id that stands before it."""
    cdef xmlAttr* attribute = node.properties
    cdef size_t start = walk.out.used
    if attribute != NULL:
        if find(shape.attributes, shape.attributes, <const char*>attribute.name) == NULL:
            return False
        if attribute.ns != NULL or attribute.next != NULL:
            return False
        if bare == NULL or is_empty(bare):
            bare = attribute.children
        elif not (is_empty(attribute.children) or is_same(bare, attribute.children)):
            return False
    return (
        put_byte(&walk.out, c'{')
        and _leaf(walk, shape.attributes, bare)
        and _leaf(walk, shape.content, node.children)
        and close_object(&walk.out, start, False)
    )


cdef bint _members(Walk* walk, const Shape* shape, xmlNode* node) noexcept nogil:
    """Write the keys that Python's walker puts last, wherever the element stands."""
    return _leaf(walk, shape.content, node.children) and _attributes(
        walk, shape.attributes, node
    )


cdef bint _leaf(Walk* walk, const Said* said, xmlNode* texts) noexcept nogil:
    """Write what is text in the dump; ``texts`` are the children of an element or attribute."""
    if is_empty(texts):
        return True
    if said.value == TEXT:
        return put_text(&walk.out, said.key, said.key_length, texts)
    if said.value == FLAG:
        return put_flag(&walk.out, said, texts)
    cdef int64_t number = number_of(texts)
    if number == IRREGULAR:
        return False
    if said.value == OWN_ID:
        walk.own_id = number
        return True
    if number == 0 and said.value != MEASURE:
        return True
    return (
        put_key(&walk.out, said)
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

WALKERS = {entity: Walker(entity.value, shape_of(entity)) for entity in Entity}
