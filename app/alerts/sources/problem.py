"""What a sender, or the person who wrote a mapping, should mend."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `pointer` is a JSON Pointer fragment into what was sent (RFC 6901)."""

    pointer: str
    detail: str
