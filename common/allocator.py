"""Wishes to glibc's allocator, where it is the C library; elsewhere they do nothing."""

import ctypes

_M_TRIM_THRESHOLD = -1  # of glibc's malloc.h
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_KEPT_BYTES = 16_000_000


def share_one_arena() -> None:
    """Take the memory of all threads from one place.

    Else what one thread has made and another freed, as blocks and messages are here, is kept for
    the first one: memory that grows with the time a process runs.
    """
    _wish(_M_ARENA_MAX, 1)


def keep_freed_memory() -> None:
    """Keep some freed memory: the next group of records needs as much at once.

    Giving it back and faulting it in again cost a parse process a fifth of its time.
    """
    _wish(_M_TRIM_THRESHOLD, _KEPT_BYTES)
    _wish(_M_MMAP_THRESHOLD, _KEPT_BYTES)


def _wish(parameter: int, value: int) -> None:
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(parameter, value)
