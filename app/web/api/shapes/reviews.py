"""The review of an incident."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.words import Question, Verdict
from app.web.api.shapes.common import Draft, Id, Moment, Named, Shape, absent

Written = Annotated[str, StringConstraints(max_length=50_000)]


class MeetingDraft(Draft):
    """Everybody who responded is invited. Planned again, it moves, and everybody hears of that."""

    start: Moment
    minutes: int = 45
    place: Annotated[str, StringConstraints(max_length=500)] = ""


class Minutes(Draft):
    """Who came, what was said, what was decided. What is left out stays as it was."""

    came_ids: Annotated[list[Id], Field(max_length=500)] = absent()
    notes: Written = absent()
    decisions: Written = absent()


class Answer(Draft):
    """`seen` is the `answered_at` that was read: an answer that somebody else gave since is not lost (409)."""

    verdict: Verdict
    text: Annotated[str, StringConstraints(max_length=4_000)] = ""
    seen: Moment | None = None


class Invited(Shape):
    """`came` is null until the review was held."""

    id: str
    name: str
    came: bool | None


class Meeting(Shape):
    """`notes` and `decisions` are Markdown; `against`: for whom the hour is not good, while it can be moved."""

    state: Literal["planned", "held", "cancelled"]
    start: Moment
    end: Moment
    place: str
    planned_by: Named
    invited: list[Invited]
    agenda: list[str]
    against: list[str]
    notes: str
    decisions: str
    held_at: Moment | None


class Proposal(Shape):
    """An hour of the coming week; `against` is empty where it is good for everybody."""

    start: Moment
    end: Moment
    against: list[str]


class Proposals(Shape):
    items: list[Proposal]


class Asked(Shape):
    """One of the six questions, with what the rows say to it and what people answered."""

    question: Question
    title: str
    evidence: list[str]
    verdict: Verdict | None
    text: str
    answered_by: Named | None
    answered_at: Moment | None


class Questions(Shape):
    items: list[Asked]
