# PostgreSQL's binary COPY, into buffers that grow: what the compiled encoder writes with.
#
# https://www.postgresql.org/docs/current/sql-copy.html: a header, rows, an end.  A row is the
# number of its columns and each one's length and bytes, -1 for NULL; numbers have their highest
# byte first.  A function that finds no room returns False, and the batch is left to Python.

from libc.stddef cimport size_t
from libc.stdint cimport int16_t, int32_t, int64_t, uint64_t
from libc.stdlib cimport realloc
from libc.string cimport memcpy

from loaders.lazy_json.json cimport Place, Text, past_text, unescaped

cdef enum:
    LARGEST_BUFFER = 1 << 28  # bytes; far below what a length of 32 bits can say
    TEXT_TYPE = 25  # PostgreSQL's number of the type


cdef struct Buffer:
    unsigned char* data
    size_t used
    size_t size


cdef inline bint room(Buffer* out, size_t more) noexcept nogil:
    """Make room for so many bytes."""
    if out.size - out.used >= more:
        return True
    if more > LARGEST_BUFFER or out.used + more > LARGEST_BUFFER:
        return False
    cdef size_t size = 2 * (out.used + more)
    cdef unsigned char* data = <unsigned char*>realloc(out.data, size)
    if data == NULL:
        return False
    out.data, out.size = data, size
    return True


cdef inline bint put(Buffer* out, const void* bytes, size_t length) noexcept nogil:
    if not room(out, length):
        return False
    memcpy(out.data + out.used, bytes, length)
    out.used += length
    return True


cdef inline bint put_16(Buffer* out, int16_t number) noexcept nogil:
    return room(out, 2) and _put_bytes(out, <uint64_t>number, 2)


cdef inline bint put_32(Buffer* out, int32_t number) noexcept nogil:
    return room(out, 4) and _put_bytes(out, <uint64_t>number, 4)


cdef inline bint put_null(Buffer* out) noexcept nogil:
    return put_32(out, -1)


cdef inline bint put_integer(Buffer* out, int64_t number) noexcept nogil:
    """Write an integer column; what does not fit is refused."""
    if not -<int64_t>2147483648 <= number <= 2147483647 or not room(out, 8):
        return False
    return _put_bytes(out, 4, 4) and _put_bytes(out, <uint64_t>number, 4)


cdef inline bint put_smallint(Buffer* out, int64_t number) noexcept nogil:
    if not -32768 <= number <= 32767 or not room(out, 6):
        return False
    return _put_bytes(out, 2, 4) and _put_bytes(out, <uint64_t>number, 2)


cdef inline bint put_bigint(Buffer* out, int64_t number) noexcept nogil:
    if not room(out, 12):
        return False
    return _put_bytes(out, 8, 4) and _put_bytes(out, <uint64_t>number, 8)


cdef inline bint put_flag(Buffer* out, bint flag) noexcept nogil:
    if not room(out, 5):
        return False
    return _put_bytes(out, 1, 4) and _put_bytes(out, flag, 1)


cdef inline bint put_text(Buffer* out, const Text* text) noexcept nogil:
    """Write a text column or element; what JSON escapes is never shorter than what it means."""
    if not room(out, 4 + <size_t>text.length):
        return False
    if text.escaped:
        return _put_unescaped(out, text)
    _put_bytes(out, <uint64_t>text.length, 4)
    memcpy(out.data + out.used, text.start, text.length)
    out.used += text.length
    return True


cdef inline bint put_document(Buffer* out, const Text* document) noexcept nogil:
    """Write a jsonb column: the version of its format, then the JSON."""
    cdef size_t start = out.used
    if not put_32(out, 0) or not room(out, 1 + <size_t>document.length):
        return False
    _put_bytes(out, 1, 1)
    return put(out, document.start, document.length) and set_length(out, start)


cdef inline bint put_texts(Buffer* out, Place at, Place end) noexcept nogil:
    """Write a column of a list of texts: an array of one dimension, numbered from 1.

    Anything but a list of some texts is refused.
    """
    cdef size_t start = out.used
    cdef int32_t count = 0
    cdef Text text
    if at[0] != c'[' or not room(out, 24):
        return False
    out.used += 24
    while True:
        at = past_text(at + 1, end, &text)
        if at == NULL or not put_text(out, &text):
            return False
        count += 1
        if at[0] != c',':
            break
    set_length(out, start)
    return at[0] == c']' and _put_array(out, start + 4, count)


cdef inline bint _put_array(Buffer* out, size_t start, int32_t count) noexcept nogil:
    cdef size_t end = out.used
    out.used = start
    _put_bytes(out, 1, 4)  # dimension
    _put_bytes(out, 0, 4)  # no element is NULL
    _put_bytes(out, TEXT_TYPE, 4)
    _put_bytes(out, count, 4)
    _put_bytes(out, 1, 4)  # the number of the first
    out.used = end
    return True


cdef inline bint set_length(Buffer* out, size_t start) noexcept nogil:
    """Fill in the length, of four bytes at ``start``, of what was written after it."""
    cdef size_t end = out.used
    out.used = start
    _put_bytes(out, end - start - 4, 4)
    out.used = end
    return True


cdef inline bint _put_unescaped(Buffer* out, const Text* text) noexcept nogil:
    cdef size_t start = out.used
    cdef Place at = text.start
    cdef Place end = text.start + text.length
    out.used += 4
    while at < end:
        if at[0] == c'\\':
            at += 1
            out.data[out.used] = unescaped(at[0])
        else:
            out.data[out.used] = at[0]
        out.used += 1
        at += 1
    return set_length(out, start)


cdef inline bint _put_bytes(Buffer* out, uint64_t number, int count) noexcept nogil:
    """Write the lowest bytes of a number, the highest of them first; there is room."""
    cdef int position
    for position in range(count):
        out.data[out.used + position] = <unsigned char>(number >> 8 * (count - 1 - position))
    out.used += count
    return True
