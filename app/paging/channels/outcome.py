"""What came of one attempt. Each channel answers one of these, whatever the other side did.

The outside world's faults are values here, never exceptions: the engine decides by them whether to try again,
try another way, or tell somebody. Accepted is not shown: whoever took it speaks for no phone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Accepted:
    """It was taken. `status` as the other side answered."""

    status: int


@dataclass(frozen=True)
class Gone:
    """Nobody is there any more (404 or 410): never use this address again, try the person's others."""

    status: int


@dataclass(frozen=True)
class RetryAfter:
    """Not now, or nobody knows: send the same again. `seconds` is the other side's wish, if it has one."""

    seconds: float | None
    reason: str


@dataclass(frozen=True)
class TooLarge:
    """Send it shorter."""


@dataclass(frozen=True)
class Refused:
    """It will be refused again: keep the address and tell the operator why."""

    reason: str


Outcome = Accepted | Gone | RetryAfter | TooLarge | Refused
