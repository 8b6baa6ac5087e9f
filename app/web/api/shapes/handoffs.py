"""Handoffs: the pager goes from one person to the next, with what is open, what comes back, and a note."""

from typing import Annotated

from pydantic import StringConstraints

from app.domain.words import AlertStatus, Severity
from app.oncall.handoff import LONGEST_NOTE
from app.web.api.shapes.common import Draft, ListQuery, Moment, Named, Shape, any_of


class HandoffQuery(ListQuery):
    """`user_id`: who takes over or hands over."""

    schedule_id: list[str] = any_of()
    user_id: list[str] = any_of()


class HandoffNote(Draft):
    text: Annotated[str, StringConstraints(max_length=LONGEST_NOTE)]


class Handoff(Shape):
    """`incoming` is on call from `at` whether they have said so (`confirmed_at`) or not.

    `stays_at`: since when `outgoing`, who was asked to at `stay_asked_at`, keeps an eye on it.
    """

    id: str
    schedule: Named
    at: Moment
    incoming: Named
    outgoing: Named | None
    note: str
    asked_at: Moment | None
    reminded_at: Moment | None
    confirmed_at: Moment | None
    stay_asked_at: Moment | None
    stays_at: Moment | None


class WaitingAlert(Shape):
    """An alert on a service that this schedule answers for. `snoozed_until`: when it comes back."""

    id: str
    number: int
    title: str
    severity: Severity
    status: AlertStatus
    service: Named
    snoozed_until: Moment | None


class HandedOver(Handoff):
    """`shift_end` is null while it is not known. `comes_back` wakes within the shift; `open` is the rest."""

    shift_end: Moment | None
    comes_back: list[WaitingAlert]
    open: list[WaitingAlert]
