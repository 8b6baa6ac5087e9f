"""Tell people of a postmortem: whoever owns it, whoever was in the incident."""

from datetime import datetime

from app.domain import action
from app.domain.notice import NoticeEvent
from app.domain.words import NoticeCategory, PostmortemState
from app.domain.zone import named, spoken
from app.incidents import access
from app.learning.agenda import invitation
from app.learning.models import ActionItem, Postmortem, ReviewMeeting
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


def an_action_is_yours(item: ActionItem, *, by: User, at: datetime) -> None:
    owner = [] if item.owner is None else [item.owner]
    for each in access.who_sees(item.incident, owner):
        until = "" if item.due_at is None else f" Due {spoken(item.due_at, named(each.time_zone))}."
        _tell_of_action(
            item, NoticeEvent.ACTION_YOURS, each, by=by, at=at, title=f"Your action: {item.text}",
            body=f"{by.name} gave it to you, after INC-{item.incident_id}, {item.incident.title}.{until}",
        )  # fmt: skip


def an_action_is_due(item: ActionItem, manager: User | None, *, at: datetime) -> None:
    """Its owner hears of it; once it is late whoever manages does, too."""
    if item.due_at is None:
        return
    is_late = action.is_late(item.due_at, at)
    people = [each for each in (item.owner, manager if is_late else None) if each is not None]
    whose = "Nobody owns it" if item.owner is None else f"{item.owner.name} owns it"
    for each in access.who_sees(item.incident, {person.id: person for person in people}.values()):
        when = spoken(item.due_at, named(each.time_zone))
        _tell_of_action(
            item, NoticeEvent.ACTION_DUE, each, by=None, at=at, body=f"{whose}; INC-{item.incident_id}.",
            title=f"{f'Late since {when}' if is_late else f'Due {when}'}: {item.text}",
        )  # fmt: skip


def a_review_is_planned(postmortem: Postmortem, meeting: ReviewMeeting, *, by: User, at: datetime) -> None:
    """With a calendar file in the mail; whoever takes no mail finds it on the page."""
    word = "Review" if meeting.sequence == 0 else "Review moved"
    _tell_of_review(postmortem, meeting, word, by=by, at=at)


def a_review_is_cancelled(postmortem: Postmortem, meeting: ReviewMeeting, *, by: User, at: datetime) -> None:
    _tell_of_review(postmortem, meeting, "Review cancelled", by=by, at=at)


def a_review_begins(postmortem: Postmortem, meeting: ReviewMeeting, *, at: datetime) -> int:
    """Who is invited; where the incident goes on again, they hear that first. Returns how many."""
    people = access.who_sees(postmortem.incident, [each.user for each in meeting.attendees])
    goes_on = (
        " It was reopened and goes on: move the review, or hold it." if postmortem.incident.is_open else ""
    )
    for each in people:
        when = spoken(meeting.starts_at, named(each.time_zone))
        post(
            NoticeCategory.INCIDENTS, NoticeEvent.REVIEW_PLANNED, to=[each], by=None, at=at,
            title=f"Review soon, {when}: {postmortem.incident.title}",
            body=f"INC-{postmortem.id}.{f' {meeting.place}.' if meeting.place else ''}{goes_on}",
            link=f"/postmortems/{postmortem.id}/meeting",
        )  # fmt: skip
    return len(people)


def _tell_of_review(
    postmortem: Postmortem, meeting: ReviewMeeting, word: str, *, by: User, at: datetime
) -> None:
    """Also `by`, whose calendar wants it as well."""
    people = access.who_sees(postmortem.incident, [each.user for each in meeting.attendees])
    for each in people:
        when = spoken(meeting.starts_at, named(each.time_zone))
        where = f" {meeting.place}." if meeting.place else ""
        post(
            NoticeCategory.INCIDENTS, NoticeEvent.REVIEW_PLANNED, to=[each], by=None, at=at,
            title=f"{word}, {when}: {postmortem.incident.title}",
            body=f"INC-{postmortem.id}. {by.name} asks you to the review.{where}",
            link=f"/postmortems/{postmortem.id}/meeting", calendar=invitation(postmortem, meeting, each),
        )  # fmt: skip


def _tell_of_action(
    item: ActionItem, event: NoticeEvent, to: User, *, by: User | None, at: datetime, title: str, body: str
) -> None:
    link = f"/action-items/{item.id}"
    post(NoticeCategory.INCIDENTS, event, to=[to], by=by, title=title, body=body, link=link, at=at)


def _tell(
    postmortem: Postmortem, event: NoticeEvent, people: list[User], *, by: User | None, at: datetime,
    title: str, body: str,
) -> None:  # fmt: skip
    """Whoever may not read the incident is told nothing."""
    people = access.who_sees(postmortem.incident, people)
    link = f"/postmortems/{postmortem.id}"
    post(NoticeCategory.INCIDENTS, event, to=people, by=by, title=title, body=body, link=link, at=at)
