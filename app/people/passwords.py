"""Passwords: argon2id, long rather than odd, and never more hashes at once than a machine can bear (SEC-12)."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.people.common_passwords import COMMON

SHORTEST, LONGEST = 12, 128
_AT_ONCE = 2  # 64 MB and both cores each: more would be a lever for anybody to slow the pager down
_WAITING = 12  # more are told to come back: each holds a thread of the web process that alerts need (of 32)
_WAIT_SECONDS = 5.0

_hasher = PasswordHasher()  # argon2id, 64 MiB, 3 passes: the second choice of RFC 9106, for ordinary machines
_turns = threading.BoundedSemaphore(_AT_ONCE)
_places = threading.BoundedSemaphore(_AT_ONCE + _WAITING)


BUSY = "Many people are signing in at this moment. Try again in a few seconds."


class TooManyHashes(Exception):
    """So many people sign in at this moment that one more has to try again in a few seconds."""


def problem_with(password: str, *, email: str = "", name: str = "") -> str | None:
    """Why this password will not do, in words; None when it will. No rules about kinds of character."""
    if len(password) < SHORTEST:
        return f"At least {SHORTEST} characters; this has {len(password)}. Four words you like are a good one."
    if len(password) > LONGEST:
        return f"At most {LONGEST} characters; this has {len(password)}."
    plain = password.casefold()
    if _is_pattern(plain) or re.sub(r"[\W\d_]+", "", plain) in COMMON or plain in COMMON:
        return "This one is among the first that get tried. Four words you like are a good one."
    if plain in _own_words(email, name):
        return "This is your own name or address, which is tried first. Four words you like are a good one."
    return None


def hashed(password: str) -> str:
    """The hash to keep. Raises TooManyHashes when the machine is busy with others."""
    with _turn():
        return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether `password` is the one behind `kept`. Without a hash it takes as long and says no (SEC-15)."""
    with _turn():
        try:
            return _hasher.verify(kept or _NOBODYS, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than today's, and should be made again at sign-in."""
    return _hasher.check_needs_rehash(kept)


def expect_room() -> None:
    """Raise TooManyHashes when one more would not be looked at anyway, before anything is spent on it."""
    if not _places.acquire(blocking=False):
        raise TooManyHashes(BUSY)
    _places.release()


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise TooManyHashes(BUSY)
    try:
        if not _turns.acquire(timeout=_WAIT_SECONDS):
            raise TooManyHashes(BUSY)
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()


def _is_pattern(plain: str) -> bool:
    """One to four characters over and over, or a run of the keyboard, the alphabet or the digits."""
    if any(plain == (plain[:n] * len(plain))[: len(plain)] for n in range(1, 5)):
        return True
    return any(plain in line or plain in line[::-1] for line in _LINES)


def _own_words(email: str, name: str) -> set[str]:
    words = {
        email.casefold(),
        email.split("@")[0].casefold(),
        name.casefold(),
        name.casefold().replace(" ", ""),
    }
    return words - {""}


_LINES = (
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "0123456789" * 5,
    "1234567890" * 5,
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "qwertyuiop[]",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
# a hash of nothing anybody knows, made once, with the parameters of every other one
# Of a password that was thrown away. Written down, not made: 64 MB and a fifth of a second at every start.
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$XyPCU6GnqjmvMn99SEdIlQ$6I5WjeXRguUueUMx6JypvH9H3ptz1nQ7vpgExWAxSjc"
