"""Exceptions a manager makes from the checks of a swap: whom, why, and in spite of what (R19).

An exception covers what stood against the person when it was made. What comes to stand against them later is
looked at anew, and what was about the hours themselves falls when the hours move (R26).
"""

from collections.abc import Iterable
from typing import Any

from app.domain.swap_checks import OF_THE_HOURS, Check, Finding
from app.oncall.models import Swap


def with_exception(swap: Swap, user_id: int, reason: str, against: Iterable[Finding]) -> dict[str, Any]:
    """The swap's exceptions and this one."""
    despite = sorted({str(each.check) for each in against})
    return {**swap.exempt, str(user_id): {"reason": reason, "despite": despite}}


def unexcused(swap: Swap, user_id: int, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """What no exception covers of what stands against somebody; that the hours are their own is never one."""
    made = swap.exempt.get(str(user_id), {"despite": []})
    excused = {Check(word) for word in made["despite"]} - {Check.OWNER}
    return tuple(each for each in found if each.check not in excused)


def for_other_hours(swap: Swap) -> dict[str, Any]:
    """The exceptions, without what they say about hours that are not these any more."""
    return {
        user_id: made | {"despite": [word for word in made["despite"] if Check(word) not in OF_THE_HOURS]}
        for user_id, made in swap.exempt.items()
    }
