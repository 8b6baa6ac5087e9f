"""What people see in an incident, and the ways to fix it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.words import FixKind, OptionState, Outcome, Risk
from app.web.api.shapes.common import Draft, Moment, Named, Shape

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Words = Annotated[str, StringConstraints(max_length=2000)]


class SymptomDraft(Draft):
    text: Line


class OptionDraft(Draft):
    """`rationale` says why it helps and what could go wrong; `takes_minutes` how long it takes."""

    what: Line
    risk: Risk
    rationale: Line
    kind: FixKind
    effect: Words = ""
    takes_minutes: Annotated[int, Field(ge=1, le=10_000)] | None = None
    can_be_undone: bool = False


class Refusal(Draft):
    because: Words = ""


class Start(Draft):
    """`bypass_reason` only where the commander has not approved: why it could not wait."""

    bypass_reason: Words = ""


class Result(Draft):
    outcome: Outcome
    result: Words = ""


class Symptom(Shape):
    id: str
    round: int
    text: str
    seen_by: Named
    at: Moment


class Option(Shape):
    id: str
    round: int
    state: OptionState
    what: str
    risk: Risk
    rationale: str
    effect: str
    kind: FixKind
    takes_minutes: int | None
    can_be_undone: bool
    proposed_by: Named
    proposed_at: Moment
    decided_by: Named | None
    decided_at: Moment | None
    decided_because: str | None
    bypass_reason: str | None
    begun_by: Named | None
    begun_at: Moment | None
    ended_at: Moment | None
    outcome: Outcome | None
    result: str | None


class Rounds(Shape):
    """`round` is the one that runs, or the last; 0 before the first word. Everything else oldest first."""

    round: int
    symptoms: list[Symptom]
    options: list[Option]
