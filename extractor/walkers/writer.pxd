# JSON into a buffer that grows: what the compiled walker writes with.
#
# Every member and item ends with a comma; closing an object or a list turns the last one into
# its bracket.  So a part that turns out to be empty is taken back by setting `used`.

from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport realloc
from libc.string cimport memcpy


cdef struct Writer:
    char* data
    size_t used
    size_t size
    bint out_of_memory


cdef inline bint room(Writer* out, size_t more) noexcept nogil:
    """Make room for so many bytes; False when there is no memory."""
    if out.size - out.used >= more:
        return True
    cdef size_t size = 2 * (out.used + more)
    cdef char* data = <char*>realloc(out.data, size)
    if data == NULL:
        out.out_of_memory = True
        return False
    out.data, out.size = data, size
    return True


cdef inline bint put(Writer* out, const char* text, size_t length) noexcept nogil:
    if not room(out, length):
        return False
    memcpy(out.data + out.used, text, length)
    out.used += length
    return True


cdef inline bint put_byte(Writer* out, char byte) noexcept nogil:
    if not room(out, 1):
        return False
    out.data[out.used] = byte
    out.used += 1
    return True


cdef inline bint put_number(Writer* out, int64_t number) noexcept nogil:
    cdef char[20] digits
    cdef size_t first = 20
    cdef uint64_t rest = <uint64_t>number
    if number < 0:
        rest = 0 - rest
    while True:
        first -= 1
        digits[first] = <char>(c'0' + rest % 10)
        rest //= 10
        if rest == 0:
            break
    if number < 0 and not put_byte(out, c'-'):
        return False
    return put(out, digits + first, 20 - first)


cdef inline bint close_list(Writer* out, size_t start) noexcept nogil:
    """End the list whose key begins at ``start``; an empty one is taken back."""
    if out.data[out.used - 1] == c'[':
        out.used = start
        return True
    out.used -= 1
    return put(out, b"],", 2)


cdef inline bint close_object(Writer* out, size_t start, bint keep_empty) noexcept nogil:
    """End the object that begins at ``start``; an empty one is taken back unless it is kept."""
    if out.used > start + 1:
        out.used -= 1
    elif not keep_empty:
        out.used = start
        return True
    return put(out, b"},", 2)


cdef inline bint put_escaped(
    Writer* out, const unsigned char* text, size_t length
) noexcept nogil:
    """Write text as it stands within quotes; False for a control character without a short name."""
    if not room(out, 2 * length):
        return False
    cdef const unsigned char* end = text + length
    cdef char* to = out.data + out.used
    cdef uint64_t eight
    while text < end:
        if end - text >= 8:
            memcpy(&eight, text, 8)
            if not _needs_escapes(eight):
                memcpy(to, &eight, 8)
                text += 8
                to += 8
                continue
        to = _put_character(to, text[0])
        if to == NULL:
            return False
        text += 1
    out.used = to - out.data
    return True


cdef inline bint _needs_escapes(uint64_t eight) noexcept nogil:
    """Tell whether one of eight bytes is a control character, a quote or a backslash.

    The usual test for a zero byte, three times; a byte of a longer character is none of them.
    """
    cdef uint64_t ones = 0x0101010101010101
    cdef uint64_t found = eight - ones * 0x20
    found |= (eight ^ (ones * <uint64_t>c'"')) - ones
    found |= (eight ^ (ones * <uint64_t>c'\\')) - ones
    return (found & ~eight & (ones * 0x80)) != 0


cdef inline char* _put_character(char* to, unsigned char character) noexcept nogil:
    if character >= 0x20 and character != c'"' and character != c'\\':
        to[0] = <char>character
        return to + 1
    to[0] = c'\\'
    if character >= 0x20:
        to[1] = <char>character
    elif character == c'\n':
        to[1] = c'n'
    elif character == c'\t':
        to[1] = c't'
    elif character == c'\r':
        to[1] = c'r'
    else:
        return NULL
    return to + 2
