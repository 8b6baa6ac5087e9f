"""Swaps: who asks whom to cover which hours, and how far that has come."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.swap_checks import Check
from app.domain.words import OfferState, SwapMode, SwapState
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Named, Query, Shape, any_of
from app.web.api.shapes.oncall import Span

Note = Annotated[str, StringConstraints(max_length=1000)]


class Return(Draft):
    """The hours that the owner takes in an exchange."""

    start: Moment
    end: Moment


class SwapDraft(Draft):
    """`all` asks everybody who may, or those in `to`; `one` and `exchange` ask the one in `to`.

    `takeover` acts at once: `start` is now and `end` the end of the turn unless given. `on_behalf_of` is whose
    hours they are when not one's own; for a takeover, from whom, where several are on call.
    """

    schedule_id: Id
    mode: SwapMode
    start: Moment | None = None
    end: Moment | None = None
    to: Id | list[Id] | None = None
    in_return: Return | None = None
    on_behalf_of: Id | None = None
    note: Note = ""


class SwapPatch(Draft):
    """Other hours. Fewer need only notice; any others need the taker to accept again."""

    start: Moment
    end: Moment


class OfferDraft(Draft):
    """The part of the hours that one could take."""

    start: Moment
    end: Moment
    note: Note = ""


class Reason(Draft):
    reason: Note = ""


class SwapNote(Draft):
    note: Note = ""


class Exemption(Draft):
    """Who may accept in spite of the checks, and why that is all right."""

    user_id: Id
    reason: Note


class Offer(Shape):
    id: str
    user: Named
    start: Moment
    end: Moment
    note: str
    state: OfferState
    created_at: Moment


class Swap(Shape):
    """`pieces` are the owner's real hours within `start` and `end`, `hours` how many those are.

    Only approved, active and done swaps change who is on call. `asked` empty: everybody who may.
    """

    id: str
    schedule: Named
    mode: SwapMode
    state: SwapState
    owner: Named
    requester: Named
    taker: Named | None
    start: Moment
    end: Moment
    pieces: list[Span]
    hours: float
    in_return: Span | None
    asked: list[str]
    declined: list[str]
    offers: list[Offer]
    note: str
    because: str
    accepted_at: Moment | None
    approved_at: Moment | None
    approved_by: Named | None
    part_of: str | None
    releases: str | None
    handed_on_to: str | None
    created_at: Moment
    updated_at: Moment


class SwapQuery(ListQuery):
    """`user_id` finds swaps whose owner, taker or requester is one of these people."""

    schedule_id: list[str] = any_of()
    user_id: list[str] = any_of()
    state: list[SwapState] = any_of()


class CandidateQuery(Query):
    """Whose hours (one's own unless given), on which schedule, from when to when."""

    schedule_id: str
    start: Moment
    end: Moment
    user_id: str | None = None


class Balance(Shape):
    """Weighted hours on this schedule, four weeks back and four ahead of these hours."""

    before: float
    after: float


class Finding(Shape):
    check: Check
    says: str


class Candidate(Shape):
    """Somebody who might take the hours. `cannot` empty: they can. `proven_at`: when a device last rang."""

    user: Named
    balance: Balance
    cannot: list[Finding]
    warned: list[Finding]
    proven_at: Moment | None


class Candidates(Shape):
    """Fairest first, those who cannot last. `hours` are the owner's real ones, `weighted` what they weigh."""

    items: list[Candidate]
    hours: float
    weighted: float
    owner: Balance
    median: float
    next_cursor: None


class SwapRules(Draft):
    """Without `needs_approval` an accepted swap counts at once. The `auto_` rules that are set approve
    together.

    `eligible` may take hours besides the people of the layers; `rest_hours` lie between turns that do not
    touch.
    """

    needs_approval: bool = False
    rest_hours: int = 11
    eligible: Annotated[list[Id], Field(default_factory=list, max_length=200)]
    auto_hours_ahead: int | None = None
    auto_rest_kept: bool = False
    auto_on_roster: bool = False
