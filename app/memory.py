"""What a process of many threads keeps of the memory it has freed. musl has neither of the two calls."""

import ctypes
import linecache
from contextlib import suppress

ARENA_MAX = -8  # mallopt(3)'s M_ARENA_MAX
ARENAS = 2


def share_arenas() -> None:
    """Let all threads of this process take memory from two arenas. Call it before they start.

    By glibc's own measure each thread gets an arena of its own, and what is freed there stays there: a process
    grows for hours until every thread has once done the largest thing it does.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(ARENA_MAX, ARENAS)


def give_back() -> None:
    """Let the system have the pages between what is in use, which a process of months asks for now and then."""
    linecache.clearcache()  # each file that a logged traceback went through, whole
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
