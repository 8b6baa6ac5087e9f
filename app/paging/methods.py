"""The methods a person can be reached by: devices, mail, numbers. Only what is verified is ever used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.words import ChannelKind, ContactKind
from app.paging.models import PushSubscription
from app.people import queries
from app.people.models import ContactMethod, User

ACCOUNT = "account"  # the address key of the e-mail a person signs in with


@dataclass(frozen=True)
class Method:
    """One way to one person: a device, or an address. Without either it is the e-mail of their account."""

    channel: ChannelKind
    label: str  # what its delivery's row calls it; never the whole number, since rows outlive people
    device: PushSubscription | None = None
    contact: ContactMethod | None = None

    @property
    def address_key(self) -> str:
        """Names the address among all of this person; it stays what it was when the address is taken away."""
        if self.device is not None:
            return str(self.device.id)
        return ACCOUNT if self.contact is None else f"{self.channel}-{self.contact.id}"


@dataclass(frozen=True)
class Way:
    """A method and how long after the page it is used, unless somebody has answered by then."""

    method: Method
    after: timedelta = timedelta(0)


def methods_of(user: User) -> list[Method]:
    """Every verified method that this installation can use now: devices first, then mail, texts and calls.

    Devices are in the order they came, addresses too.
    """
    devices = [Method(ChannelKind.PUSH, each.device, device=each) for each in devices_of(user.id)]
    mail = _by_mail(user) if queries.mail_leaves() else []
    return devices + mail + (_by_telephone(user) if queries.telephone_leaves() else [])


def usual_ways(user: User) -> list[Way]:
    """Every device at once; without one, the first other method (feature 45)."""
    methods = methods_of(user)
    devices = [method for method in methods if method.device is not None]
    return [Way(method) for method in devices or methods[:1]]


def devices_of(user_id: int) -> list[PushSubscription]:
    """The devices a person can be reached on now, oldest first."""
    return list(db.session.scalars(_LIVE, {"user_id": user_id}))


_LIVE = (
    sa.select(PushSubscription)
    .where(PushSubscription.user_id == sa.bindparam("user_id"), PushSubscription.removed_at.is_(None))
    .order_by(PushSubscription.id)
)  # built once: asked for every page


def _by_mail(user: User) -> list[Method]:
    label = ChannelKind.EMAIL.label
    further = _verified(user.id, ContactKind.EMAIL)
    return [
        Method(ChannelKind.EMAIL, label),
        *(Method(ChannelKind.EMAIL, f"{label} to {each.address}", contact=each) for each in further),
    ]


def _by_telephone(user: User) -> list[Method]:
    numbers = _verified(user.id, ContactKind.PHONE)
    return [
        Method(kind, f"{kind.label} to …{each.address[-2:]}", contact=each)
        for kind in (ChannelKind.SMS, ChannelKind.VOICE)
        for each in numbers
    ]


def _verified(user_id: int, kind: ContactKind) -> Sequence[ContactMethod]:
    rows = sa.select(ContactMethod).where(
        ContactMethod.user_id == user_id, ContactMethod.kind == kind, ContactMethod.verified_at.is_not(None)
    )
    return db.session.scalars(rows.order_by(ContactMethod.id)).all()
