"""What people do to a swap, each with whose hand may do it: one home for forms and programs alike.

Each takes the swap and `by`, `at`, `device`, and raises NotAllowed before anything is changed.
"""

from datetime import datetime
from typing import TypedDict, Unpack

from app.oncall import swap, swap_access, swap_answer, swap_release
from app.oncall.models import Swap, SwapOffer
from app.people.models import User
from app.people.rights import Act, NotAllowed, require


class Facts(TypedDict):
    """Who does it, when, and on which device."""

    by: User
    at: datetime
    device: str


def change(row: Swap, *, start: datetime, end: datetime, version: int | None, **facts: Unpack[Facts]) -> None:
    """Other hours, as somebody of the owner's side."""
    swap_access.require_owner_side(row, facts["by"])
    swap.change(row, start=start, end=end, version=version, **facts)


def accept(row: Swap, **facts: Unpack[Facts]) -> None:
    """Take the hours; the first yes wins."""
    require(facts["by"], Act.COVER_SELF)
    swap_answer.accept(row, **facts)


def decline(row: Swap, **facts: Unpack[Facts]) -> None:
    """Say that one cannot."""
    require(facts["by"], Act.COVER_SELF)
    swap_answer.decline(row, **facts)


def approve(row: Swap, *, reason: str, **facts: Unpack[Facts]) -> None:
    """Let it count, as somebody who approves cover there."""
    swap_access.require_approver(row, facts["by"])
    swap_answer.approve(row, reason=reason, **facts)


def reject(row: Swap, *, reason: str, **facts: Unpack[Facts]) -> None:
    """Say no, as somebody who approves cover there."""
    swap_access.require_approver(row, facts["by"])
    swap_answer.reject(row, reason=reason, **facts)


def exempt(row: Swap, user: User, *, reason: str, **facts: Unpack[Facts]) -> None:
    """Let somebody accept in spite of the checks, as somebody who approves cover there."""
    swap_access.require_approver(row, facts["by"])
    swap_answer.exempt(row, user, reason=reason, **facts)


def cancel(row: Swap, **facts: Unpack[Facts]) -> None:
    """Have the hours again, as the owner, whoever asked, or who arranges cover."""
    swap_access.require_to_cancel(row, facts["by"])
    swap.cancel(row, **facts)


def object_(row: Swap, **facts: Unpack[Facts]) -> None:
    """Keep the hours that somebody gave away on one's behalf."""
    require(facts["by"], Act.COVER_SELF)
    if row.owner_id != facts["by"].id:
        raise NotAllowed(f"These are hours of {row.owner.name}, who alone can object.")
    swap.object_(row, **facts)


def undo(row: Swap, **facts: Unpack[Facts]) -> None:
    """Take one's acceptance back, within ten minutes."""
    require(facts["by"], Act.COVER_SELF)
    swap_release.undo(row, **facts)


def release(row: Swap, *, note_text: str = "", **facts: Unpack[Facts]) -> Swap:
    """Ask others to take the hours on. Returns the request that asks."""
    require(facts["by"], Act.COVER_SELF)
    return swap_release.release(row, note_text=note_text, **facts)


def offer(
    row: Swap, *, start: datetime, end: datetime, note_text: str = "", **facts: Unpack[Facts]
) -> SwapOffer:
    """Offer to take a part."""
    require(facts["by"], Act.COVER_SELF)
    return swap_release.offer(row, start=start, end=end, note_text=note_text, **facts)


def take_offer(row: SwapOffer, **facts: Unpack[Facts]) -> Swap:
    """Take an offer, as somebody of the owner's side. Returns the swap of that part."""
    swap_access.require_owner_side(row.swap, facts["by"])
    return swap_release.take_offer(row, **facts)


def withdraw(row: SwapOffer, **facts: Unpack[Facts]) -> None:
    """Withdraw one's own offer."""
    if row.user_id != facts["by"].id:
        raise NotAllowed(f"{row.user.name} offered this, and alone can withdraw it.")
    swap_release.withdraw(row, **facts)
