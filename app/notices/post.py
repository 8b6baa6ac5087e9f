"""Tell people what has changed, by the ways each chose, and nobody of what they did themselves (L-NOT-07)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app

from app.database import db
from app.domain.notice import Channel, NoticeEvent, ways
from app.domain.text import one_line, prose
from app.domain.timeline import Subject
from app.domain.words import NoticeCategory, PageKind, Urgency
from app.notices import letters, mail, preferences
from app.notices.models import Notice
from app.paging.methods import devices_of
from app.paging.page import Message, Place, page_user
from app.people.models import User

KEEP = timedelta(hours=12)  # a phone that was off that long finds it in the list


def post(
    category: NoticeCategory,
    event: NoticeEvent,
    *,
    to: Sequence[User],
    by: User | None,
    title: str,
    body: str,
    link: str | None,
    at: datetime,
    calendar: str | None = None,
) -> list[Notice]:
    """Tell each of these people once. Inside the transaction of what happened; nothing is sent here.

    `by` did it and is not told; None is the engine or a source. `link` is a path of ours. Whoever has left is
    told nothing. A `calendar` file goes along with the mail. Answers the notices made.
    """
    made = []
    works = mail.works()
    others = {person.id: person for person in to if person.is_active and (by is None or person.id != by.id)}
    choices = preferences.of_each(list(others.values()), category)
    for user in others.values():
        taken = ways(category, event, choices[user.id], role=user.role, mail_works=works)
        if taken:
            words = (one_line(title, limit=200), prose(body))
            made.append(_tell(user, taken, category, event, *words, link, at, calendar))
    return made


def _tell(
    user: User,
    taken: frozenset[Channel],
    category: NoticeCategory,
    event: NoticeEvent,
    title: str,
    body: str,
    link: str | None,
    at: datetime,
    calendar: str | None,
) -> Notice:
    notice = Notice(
        user_id=user.id, category=category, event=str(event), title=title, body=body, link=link,
        is_listed=Channel.APP in taken, created_at=at,
    )  # fmt: skip
    db.session.add(notice)
    db.session.flush()
    if Channel.PUSH in taken and devices_of(user.id):
        page_user(
            user, Message(title, body, Urgency.LOW), Place(Subject.NOTICE, notice.id), kind=PageKind.NOTICE,
            reason=["You asked to be told of this"], until=at + KEEP, at=at,
        )  # fmt: skip
    if Channel.EMAIL in taken:
        end = letters.link(user, event)
        mail.queue_mail(
            user.email, title, _letter(title, body, link, end), at=at, user=user, calendar=calendar,
            leave_url=end and f"{end}/removal",
        )  # fmt: skip
    return notice


def _letter(title: str, body: str, link: str | None, end: str | None) -> str:
    base = current_app.config["settings"].base_url
    parts = [body or title]
    if link:
        parts.append(f"{base}{link}")
    if end:
        parts.append(f"Send me no more of these: {end}")
    parts.append(f"You choose what Nightbell tells you, and how: {base}/me/notices/preferences")
    return "\n\n".join(parts)
