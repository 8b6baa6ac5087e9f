"""What each person wants to be told of, and how."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from app.database import db
from app.domain.notice import CATEGORIES, Channel, Choice, NoticeEvent, chosen, usual
from app.domain.words import NoticeCategory
from app.notices.models import NoticePreference
from app.people.models import User


def of(user: User, category: NoticeCategory) -> Choice:
    """This person's choice; the usual where they made none."""
    row = _row(user, category)
    return usual(category) if row is None else _read(row, category)


def of_each(users: Sequence[User], category: NoticeCategory) -> dict[int, Choice]:
    """The choices of several people, by their ids, in one question."""
    rows = db.session.scalars(
        sa.select(NoticePreference).where(
            NoticePreference.user_id.in_([user.id for user in users]), NoticePreference.category == category
        )
    )
    made = {row.user_id: _read(row, category) for row in rows}
    return {user.id: made.get(user.id, usual(category)) for user in users}


def all_of(user: User) -> dict[NoticeCategory, Choice]:
    """The whole table of one person, in the order it is shown."""
    return {category: of(user, category) for category in CATEGORIES}


def choose(
    user: User, category: NoticeCategory, *, channels: Iterable[Channel], on: Iterable[NoticeEvent] | None
) -> Choice:
    """Keep what the person ticked, of themselves: no event. `on` None leaves the events as they were."""
    after = chosen(of(user, category), category, channels=channels, on=on)
    row = _row(user, category)
    if row is None:
        row = NoticePreference(user_id=user.id, category=category)
        db.session.add(row)
    row.channels = [str(channel) for channel in Channel if channel in after.channels]
    row.off = sorted(str(event) for event in after.off)
    db.session.flush()
    return after


def _row(user: User, category: NoticeCategory) -> NoticePreference | None:
    return db.session.scalar(
        sa.select(NoticePreference).where(
            NoticePreference.user_id == user.id, NoticePreference.category == category
        )
    )


def _read(row: NoticePreference, category: NoticeCategory) -> Choice:
    """A row as a choice; words of an older or newer version mean nothing and are passed over."""
    kind = CATEGORIES[category]
    return Choice(
        frozenset(Channel(word) for word in row.channels if word in Channel.__members__.values()) | kind.fixed,
        frozenset(NoticeEvent(word) for word in row.off if word in kind.events),
    )
