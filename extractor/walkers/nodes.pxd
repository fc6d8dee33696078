# How the compiled walker looks at libxml2's nodes: by their fields alone.

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libc.string cimport strcmp, strlen, strspn
from lxml.includes.tree cimport XML_CDATA_SECTION_NODE, XML_ELEMENT_NODE, XML_TEXT_NODE, xmlNode

cdef enum:
    LONGEST_NUMBER = 10
    IRREGULAR = -1


cdef inline xmlNode* past_blanks(xmlNode* node) noexcept nogil:
    """Return the first of these siblings that is not white space."""
    while node != NULL and is_text(node) and is_blank(node):
        node = node.next
    return node


cdef inline bint is_blank(xmlNode* text) noexcept nogil:
    return text.content[strspn(<const char*>text.content, b" \t\r\n")] == 0


cdef inline bint is_same(xmlNode* texts, xmlNode* others) noexcept nogil:
    """Tell whether both are one text, and the same."""
    return (
        is_text(texts)
        and is_text(others)
        and texts.next == NULL
        and others.next == NULL
        and strcmp(<const char*>texts.content, <const char*>others.content) == 0
    )


cdef inline bint is_text(xmlNode* node) noexcept nogil:
    return node.type == XML_TEXT_NODE or node.type == XML_CDATA_SECTION_NODE


cdef inline bint is_empty(xmlNode* texts) noexcept nogil:
    """Tell whether there is no text: an empty attribute holds an empty one."""
    if texts == NULL:
        return True
    return is_text(texts) and texts.next == NULL and texts.content[0] == 0


cdef inline bint is_plain(xmlNode* node) noexcept nogil:
    return node.type == XML_ELEMENT_NODE and node.ns == NULL


cdef inline bint is_element(xmlNode* node, const char* name) noexcept nogil:
    return is_plain(node) and strcmp(<const char*>node.name, name) == 0


cdef inline size_t text_length(xmlNode* text) noexcept nogil:
    return strlen(<const char*>text.content)


cdef inline int64_t number_of(xmlNode* texts) noexcept nogil:
    """Return a number below 2**31 in ASCII digits, else IRREGULAR; there is some text."""
    cdef int64_t number = 0
    cdef size_t position
    if not is_text(texts) or texts.next != NULL:
        return IRREGULAR
    cdef size_t length = text_length(texts)
    if length > LONGEST_NUMBER:
        return IRREGULAR
    for position in range(length):
        if not c'0' <= texts.content[position] <= c'9':
            return IRREGULAR
        number = 10 * number + texts.content[position] - c'0'
    return number if number < <int64_t>1 << 31 else IRREGULAR
