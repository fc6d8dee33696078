# What the compiled walker writes of text.

from libc.stddef cimport size_t
from libc.string cimport strcmp
from lxml.includes.tree cimport xmlNode

from extractor.walkers.compiled_shapes cimport Said
from extractor.walkers.nodes cimport is_text, text_length
from extractor.walkers.writer cimport Writer, put, put_byte, put_escaped


cdef inline bint put_key(Writer* out, const Said* said) noexcept nogil:
    return put(out, said.key, said.key_length)


cdef inline bint put_text(
    Writer* out, const char* key, size_t key_length, xmlNode* texts
) noexcept nogil:
    """Write neighbouring texts and CDATA sections as one; nothing when they are empty."""
    cdef size_t start = out.used
    if not (put(out, key, key_length) and put_byte(out, c'"')):
        return False
    while texts != NULL:
        if not (is_text(texts) and put_escaped(out, texts.content, text_length(texts))):
            return False
        texts = texts.next
    if out.used == start + key_length + 1:
        out.used = start
        return True
    return put(out, b'",', 2)


cdef inline bint put_flag(Writer* out, const Said* said, xmlNode* texts) noexcept nogil:
    if not is_text(texts) or texts.next != NULL:
        return False
    if not put_key(out, said):
        return False
    if strcmp(<const char*>texts.content, b"true") == 0:
        return put(out, b"true,", 5)
    return strcmp(<const char*>texts.content, b"false") == 0 and put(out, b"false,", 6)
