"""Tell people of a postmortem: whoever owns it, whoever was in the incident."""

from datetime import datetime

from app.domain.notice import NoticeEvent
from app.domain.words import NoticeCategory, PostmortemState
from app.incidents import access
from app.learning.models import Postmortem
from app.notices.post import post
from app.people.models import User


def it_is_yours(postmortem: Postmortem, *, by: User | None, at: datetime) -> None:
    if postmortem.owner is None:
        return
    why = (
        f"{by.name} gave it to you."
        if by is not None
        else "The incident is over; what was learned is yours to write."
    )
    _tell(
        postmortem, NoticeEvent.POSTMORTEM_YOURS, [postmortem.owner], by=by, at=at,
        title=f"Your postmortem: {postmortem.incident.title}", body=f"INC-{postmortem.id}. {why}",
    )  # fmt: skip


def it_moved(postmortem: Postmortem, *, by: User, at: datetime) -> None:
    """Whoever was in the incident reads it, in review and when it is published."""
    asks = postmortem.state is PostmortemState.IN_REVIEW
    word = "To review" if asks else "Published"
    says = "asks you to read it and to say what is missing." if asks else "published what was learned."
    incident = postmortem.incident
    people = [each.user for each in incident.members if each.is_there]
    people += [each for each in (incident.commander, postmortem.owner) if each is not None]
    _tell(
        postmortem, NoticeEvent.POSTMORTEM_MOVED, people, by=by, at=at,
        title=f"{word}: postmortem of {incident.title}", body=f"INC-{postmortem.id}. {by.name} {says}",
    )  # fmt: skip


def somebody_says(postmortem: Postmortem, text: str, named: list[User], *, by: User, at: datetime) -> None:
    owner = [] if postmortem.owner is None else [postmortem.owner]
    _tell(
        postmortem, NoticeEvent.POSTMORTEM_COMMENT, [*owner, *named], by=by, at=at, body=text,
        title=f"{by.name} on the postmortem of {postmortem.incident.title}",
    )  # fmt: skip


def _tell(
    postmortem: Postmortem, event: NoticeEvent, people: list[User], *, by: User | None, at: datetime,
    title: str, body: str,
) -> None:  # fmt: skip
    """Whoever may not read the incident is told nothing."""
    people = access.who_sees(postmortem.incident, people)
    link = f"/postmortems/{postmortem.id}"
    post(NoticeCategory.INCIDENTS, event, to=people, by=by, title=title, body=body, link=link, at=at)
