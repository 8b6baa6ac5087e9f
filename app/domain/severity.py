"""How bad it is, in the words of the many tools that say it."""

import re

from app.domain.words import Severity

# One table for every source: what on-call tools call their levels. An integration can say otherwise.
WORDS: dict[str, Severity] = {
    word: severity
    for severity, words in {
        Severity.CRITICAL: "critical crit page fatal emergency emerg disaster p0 p1 sev0",
        Severity.ERROR: "error err high major failure p2 sev1",
        Severity.WARNING: "warning warn minor average medium moderate p3 sev2",
        Severity.INFO: "info information informational notice debug low ok none success p4 p5 sev3 sev4 sev5",
    }.items()
    for word in words.split()
}

_JOINTS = re.compile(r"[\s_-]+")


def normalise(word: str | None) -> Severity | None:
    """The severity a source's word stands for, in any case; None for an unknown or absent word."""
    if word is None:
        return None
    return WORDS.get(word.strip().lower()) or WORDS.get(_JOINTS.sub("", word).lower())
