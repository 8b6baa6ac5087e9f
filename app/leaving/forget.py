"""A person who has left is forgotten: a tombstone stands in history, and nothing says who it was (SEC-34).

Rows that others need stay, without what is personal: an alert still says that *Former member 12* had it. Text
that monitoring sent and that colleagues wrote by hand is theirs and stays as it is.
"""

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.database import Model, db
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.domain.words import ChannelKind
from app.notices.models import Mail, Notice, NoticePreference
from app.oncall.models import CalendarSource, ScheduleCheck, Swap, TimeOff
from app.paging.models import Delivery, NotificationRule, Page, PushSubscription
from app.people import sessions, ways
from app.people.models import ApiToken, ContactMethod, SignInLink, User
from app.people.ways_in import Begun, Invitation
from app.timeline.record import record

A_DEVICE, AN_ADDRESS = "A device", "An address"


def forget(user: User, *, by: User, at: datetime) -> None:
    """Make a tombstone of somebody who has left. Twice is once; nothing brings them back.

    Raises InvalidTransition for somebody who is still here: their places are handed over first.
    """
    if user.is_active:
        raise InvalidTransition(f"{user.name} is still here. Let them leave first, so that others take over.")
    if user.forgotten_at is not None:
        return
    name, email = user.name, user.email
    _ways_in(user, email)
    _devices(user)
    _own_words(user)
    user.name, user.email = tombstone(user.id), f"former-member-{user.id}@nightbell.invalid"
    user.title, user.skills, user.quiet_hours, user.sleep_hours = "", [], None, None
    user.time_zone, user.hide_lock_screen_text, user.forgotten_at = "UTC", False, at
    db.session.flush()
    _named_by_us(name, user.name)
    record(Kind.DELETED, Subject.USER, user.id, at=at, by=by)


def tombstone(user_id: int) -> str:
    """What stands where the name was."""
    return f"Former member {user_id}"


def _ways_in(user: User, email: str) -> None:
    ways.forget_all(user)
    sessions.end_all(user)
    for model in (SignInLink, Begun, NotificationRule, ContactMethod):
        db.session.execute(sa.delete(model).where(model.user_id == user.id))
    invited = sa.or_(Invitation.user_id == user.id, sa.func.lower(Invitation.email) == email)
    for invitation in db.session.scalars(sa.select(Invitation).where(invited)):
        invitation.email = f"former-member-{user.id}@nightbell.invalid"
    for token in db.session.scalars(sa.select(ApiToken).where(ApiToken.user_id == user.id)):
        token.name, token.prefix, token.token_hash = "A token", "", f"forgotten:{token.id}"


def _devices(user: User) -> None:
    """The rows stay, since deliveries point at them; what could reach or tell a device goes."""
    mine = db.session.scalars(sa.select(PushSubscription).where(PushSubscription.user_id == user.id)).all()
    for device in mine:
        device.endpoint, device.p256dh, device.auth = f"forgotten:{device.id}", "", ""
        device.device, device.vapid_key, device.secret_hash, device.proof = A_DEVICE, None, None, None
    ids = [device.id for device in mine]
    db.session.execute(sa.update(Delivery).where(Delivery.subscription_id.in_(ids)).values(device=A_DEVICE))
    pages = sa.select(Page.id).where(Page.user_id == user.id)
    to_an_address = sa.and_(Delivery.page_id.in_(pages), Delivery.channel != ChannelKind.PUSH)
    db.session.execute(sa.update(Delivery).where(to_an_address).values(device=AN_ADDRESS))


def _own_words(user: User) -> None:
    """What was sent to the person, and what they wrote of themselves."""
    for model in (Notice, NoticePreference, Mail, CalendarSource):
        db.session.execute(sa.delete(model).where(model.user_id == user.id))
    db.session.execute(sa.update(TimeOff).where(TimeOff.user_id == user.id).values(note=""))
    db.session.execute(sa.update(Swap).where(Swap.requester_id == user.id).values(note=""))


def _named_by_us(name: str, then: str) -> None:
    """Sentences that we made for others name the person: "Ben has it", "Ben put you into the team"."""
    whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for model, columns in _SENTENCES.items():
        table: Any = model
        texts = [getattr(table, column) for column in columns]
        about = sa.or_(*(sa.cast(text, sa.Text).contains(name, autoescape=True) for text in texts))
        for row in db.session.scalars(sa.select(table).where(about)):
            for column in columns:
                setattr(row, column, _renamed(getattr(row, column), whole, then))


def _renamed(value: Any, whole: re.Pattern[str], then: str) -> Any:
    match value:
        case str():
            return whole.sub(then, value)
        case list():
            return [_renamed(one, whole, then) for one in value]
        case dict():
            return {key: _renamed(one, whole, then) for key, one in value.items()}
        case _:
            return value


_SENTENCES: dict[type[Model], tuple[str, ...]] = {
    Page: ("title", "body", "reason"),
    Notice: ("title", "body"),
    Mail: ("subject", "text"),
    Swap: ("because",),
    ScheduleCheck: ("findings",),
    PushSubscription: ("removed_because",),
}
