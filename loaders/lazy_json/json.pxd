# JSON as the extractor writes it, read where it stands, without an object per value.
#
# That is: no space between tokens, whole numbers of 64 bits, UTF-8, the escapes of one letter.
# Each function returns the place after what it has read, or NULL for anything else.  A place is
# inside a bytes object, which CPython ends with a NUL; a NUL fits nowhere, so none goes past it.

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy


cdef extern from *:
    """
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    #define WAXLINE_FIRST_BYTE(found) ((found) ? __builtin_ctzll(found) >> 3 : 8)
    #else  /* in the other order the test for eight bytes does not say which one it is */
    #define WAXLINE_FIRST_BYTE(found) ((found) ? 0 : 8)
    #endif
    """
    int WAXLINE_FIRST_BYTE(uint64_t found) nogil


ctypedef const unsigned char* Place

cdef enum:
    DEEPEST_VALUE = 64
    MOST_DIGITS = 19


cdef struct Text:
    Place start  # after the quote; NULL: there is no text
    Py_ssize_t length
    bint escaped


cdef inline Place past_text(Place at, Place end, Text* text) noexcept nogil:
    """Read a string; ``at`` is at its quote."""
    if at[0] != c'"':
        return NULL
    at += 1
    text.start = at
    text.escaped = False
    while True:
        at = _past_plain(at, end)
        if at[0] == c'"':
            text.length = at - text.start
            return at + 1
        if at[0] == c'\\':
            if unescaped(at[1]) == 0:
                return NULL
            text.escaped = True
            at += 2
        elif at[0] < 0x20:
            return NULL
        elif at[0] < 0x80:
            at += 1
        else:
            at = _past_character(at)
            if at == NULL:
                return NULL


cdef inline unsigned char unescaped(unsigned char letter) noexcept nogil:
    """Return what a backslash and this letter stand for, 0 for another letter."""
    if letter == c'n':
        return c'\n'
    if letter == c'"' or letter == c'\\':
        return letter
    if letter == c'r':
        return c'\r'
    if letter == c't':
        return c'\t'
    if letter == c'b':
        return 8
    if letter == c'f':
        return 12
    return 0


cdef inline Place past_integer(Place at, int64_t* number) noexcept nogil:
    """Read a whole number that fits 64 bits with its sign."""
    cdef bint negative = at[0] == c'-'
    cdef uint64_t value = 0
    cdef Place first
    at += negative
    first = at
    while c'0' <= at[0] <= c'9' and at - first < MOST_DIGITS:
        value = 10 * value + (at[0] - c'0')
        at += 1
    if at == first or (first[0] == c'0' and (at - first > 1 or negative)):
        return NULL
    if value > (<uint64_t>1 << 63) - 1 + negative:
        return NULL
    number[0] = <int64_t>(0 - value if negative else value)
    return at


cdef inline Place past_flag(Place at, int64_t* number) noexcept nogil:
    """Read ``true`` or ``false``."""
    if at[0] == c't' and at[1] == c'r' and at[2] == c'u' and at[3] == c'e':
        number[0] = 1
        return at + 4
    if at[0] == c'f' and at[1] == c'a' and at[2] == c'l' and at[3] == c's' and at[4] == c'e':
        number[0] = 0
        return at + 5
    return NULL


cdef inline Place past_key(Place at, Place end) noexcept nogil:
    """Read a member's name and its colon; one with escapes may mean a name that has none."""
    cdef Text name
    at = past_text(at, end, &name)
    if at == NULL or name.escaped or at[0] != c':':
        return NULL
    return at + 1


cdef inline Place past_value(Place at, Place end, int depth) noexcept nogil:
    """Read any value."""
    cdef Text text
    cdef int64_t number
    if at[0] == c'"':
        return past_text(at, end, &text)
    if at[0] == c'{' or at[0] == c'[':
        return _past_members(at, end, depth + 1) if depth < DEEPEST_VALUE else NULL
    if at[0] == c't' or at[0] == c'f':
        return past_flag(at, &number)
    if at[0] == c'n':
        return at + 4 if at[1] == c'u' and at[2] == c'l' and at[3] == c'l' else NULL
    return past_integer(at, &number)


cdef inline Place _past_members(Place at, Place end, int depth) noexcept nogil:
    """Read an object or a list."""
    cdef unsigned char opened = at[0]
    cdef unsigned char closing = opened + 2  # as ASCII has it, of braces and of brackets
    if at[1] == closing:
        return at + 2
    while True:
        at += 1
        if opened == c'{':
            at = past_key(at, end)
            if at == NULL:
                return NULL
        at = past_value(at, end, depth)
        if at == NULL or at[0] == closing:
            return at + 1 if at != NULL else NULL
        if at[0] != c',':
            return NULL


cdef inline Place _past_plain(Place at, Place end) noexcept nogil:
    """Go on over ASCII that stands for itself, eight bytes at a time, to near its end."""
    cdef uint64_t eight
    cdef int plain
    while end - at >= 8:
        memcpy(&eight, at, 8)
        plain = WAXLINE_FIRST_BYTE(_not_plain(eight))
        at += plain
        if plain < 8:
            break
    return at


cdef inline uint64_t _not_plain(uint64_t eight) noexcept nogil:
    """Mark quotes, backslashes, control characters and what is not ASCII.

    The usual test for a zero byte, three times; the first mark is right, later ones may be false.
    """
    cdef uint64_t ones = 0x0101010101010101
    cdef uint64_t found = eight - ones * 0x20
    found |= (eight ^ (ones * <uint64_t>c'"')) - ones
    found |= (eight ^ (ones * <uint64_t>c'\\')) - ones
    return ((found & ~eight) | eight) & (ones * 0x80)


cdef inline Place _past_character(Place at) noexcept nogil:
    """Read a character of two bytes or more, as strictly as Unicode has it."""
    cdef unsigned char lead = at[0]
    if lead < 0xE0:
        return at + 2 if lead >= 0xC2 and _is_tail(at[1]) else NULL
    if not (_is_tail(at[1]) and _is_tail(at[2])):
        return NULL
    if lead < 0xF0:
        if (lead == 0xE0 and at[1] < 0xA0) or (lead == 0xED and at[1] >= 0xA0):
            return NULL
        return at + 3
    if lead > 0xF4 or not _is_tail(at[3]):
        return NULL
    if (lead == 0xF0 and at[1] < 0x90) or (lead == 0xF4 and at[1] >= 0x90):
        return NULL
    return at + 4


cdef inline bint _is_tail(unsigned char byte) noexcept nogil:
    return byte & 0xC0 == 0x80
