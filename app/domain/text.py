"""Text that strangers sent, made safe to store, to page with and to read aloud.

Alert text is written by machines we do not control. It is kept literally, never evaluated, but three kinds of
character cannot stay: those a database or JSON refuses, those that break a line, and those that make a reader
see the words in another order than they were written.
"""

import hashlib
import re
import unicodedata

TITLE_LIMIT = 1024
KEY_LIMIT = 255
PROSE_LIMIT = 16_384

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Control characters, and the two separators that Unicode counts as line breaks.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROLS_IN_PROSE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
# The characters with the Bidi_Control property. The joiners U+200C and U+200D stay: Persian and emoji need
# them.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WORDS_FOR_NOTHING = frozenset({"None", "null", "undefined"})


def storable(text: str) -> str:
    """The text with what PostgreSQL and JSON refuse (NUL, lone surrogates) shown as U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def one_line(text: str, *, limit: int = TITLE_LIMIT) -> str:
    """The text as one line of at most `limit` characters; empty when nothing in it can be seen."""
    line = _BIDI.sub("", storable(_BREAKS.sub(" ", text))).strip()[:limit].rstrip()
    return line if is_visible(line) else ""


def prose(text: str, *, limit: int = PROSE_LIMIT) -> str:
    """The text with its lines and tabs, at most `limit` characters; other control characters become spaces."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BIDI.sub("", storable(_CONTROLS_IN_PROSE.sub(" ", lines))).strip()[:limit]


def title(*candidates: str | None, otherwise: str) -> str:
    """The first candidate that says something, as a title; `otherwise` when none does.

    A sender's "None" or "null" is the trace of a missing value, not something to wake a person with.
    """
    for candidate in candidates:
        if candidate is not None and (line := one_line(candidate)) and line not in _WORDS_FOR_NOTHING:
            return line
    return one_line(otherwise) or "Alert without a title"


def first_line(text: str) -> str:
    """The first line that says something; empty when there is none."""
    return next((line for line in map(one_line, text.splitlines()) if line), "")


def key(text: str, *, limit: int = KEY_LIMIT) -> str | None:
    """A deduplication key as stored: None when blank, and a long one cut but still its own.

    What is cut off is replaced by the SHA-256 of the whole, so two long keys with the same beginning stay two
    keys.
    """
    kept = storable(text)
    if not kept.strip():
        return None
    if len(kept) <= limit:
        return kept
    digest = hashlib.sha256(kept.encode()).hexdigest()
    return f"{kept[: limit - len(digest) - 1]}~{digest}"


def is_visible(text: str) -> bool:
    """Whether a reader would see anything: not only spaces, joiners and other marks without ink."""
    if text.isascii():
        return bool(text.strip())
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)
