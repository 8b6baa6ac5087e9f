"""Tell those who were paged how it went on: their notification is replaced, quietly."""

from datetime import datetime, timedelta

from app.alerts.models import Alert
from app.alerts.wording import covered_words, has_it_words, over_words
from app.database import db
from app.domain.timeline import Subject
from app.domain.words import PageKind
from app.paging.cancel import asked
from app.paging.page import Message, Place, page_user
from app.people.models import User

ACKNOWLEDGED, OVER, COVERED = 0, 1, 2  # which notice of a run: one of each at most for a person
KEEP = timedelta(hours=4)  # a phone that was off that long need not hear of it


def who_has_it(alert: Alert, who: User, *, at: datetime, not_on: int | None = None) -> None:
    """`who` acknowledged, on the device `not_on`: everybody else who was paged can sleep."""
    for reader in _asked(alert):
        _notice(alert, reader, has_it_words(alert, who, reader), which=ACKNOWLEDGED, at=at, not_on=not_on)


def it_is_over(alert: Alert, *, at: datetime, by: User | None = None) -> None:
    for reader in _asked(alert):
        if by is None or reader.id != by.id:
            _notice(alert, reader, over_words(alert, reader, by=by, at=at), which=OVER, at=at)


def your_hours_are_covered(alert: Alert, snoozer: User, taker: User, *, at: datetime) -> None:
    """What the snoozer had wakes in hours that somebody covers: that one is paged, the snoozer only told."""
    says = covered_words(alert, snoozer, taker)
    _notice(alert, snoozer, says, which=COVERED, at=at, because="You snoozed this alert")


def _notice(
    alert: Alert,
    reader: User,
    says: Message,
    *,
    which: int,
    at: datetime,
    not_on: int | None = None,
    because: str = "You were paged about this alert",
) -> None:
    place = Place(Subject.ALERT, alert.id, run=alert.run, reminder=which)
    page_user(
        reader, says, place, kind=PageKind.NOTICE, reason=[because],
        until=at + KEEP, at=at, not_on=not_on,
    )  # fmt: skip


def _asked(alert: Alert) -> list[User]:
    people = (db.session.get(User, user_id) for user_id in asked(Subject.ALERT, alert.id, run=alert.run))
    return [person for person in people if person is not None and person.is_active]
