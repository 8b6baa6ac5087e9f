"""Which of our keys each device is bound to: a key that is gone would silence it without a word (SEC-29)."""

from dataclasses import dataclass

import sqlalchemy as sa

from app.database import db
from app.paging.models import PushSubscription
from app.paging.vapid import KeyRing

_IN_USE = PushSubscription.removed_at.is_(None)


class SilencedDevices(Exception):
    """Devices are bound to a key that we do not hold and would never ring. The message says what to do."""


@dataclass(frozen=True)
class Bound:
    """How many devices in use are bound to the present key, to an earlier one, and to none that we hold."""

    present: int
    earlier: int
    lost: int


def count(keys: KeyRing) -> Bound:
    """Devices by the key they are bound to; one from before that was written down is the present one's."""
    rows = db.session.execute(
        sa.select(PushSubscription.vapid_key, sa.func.count())
        .where(_IN_USE)
        .group_by(PushSubscription.vapid_key)
    ).all()
    present = sum(n for key, n in rows if key in (None, keys.present.public_key))
    lost = sum(n for key, n in rows if key is not None and key not in keys)
    return Bound(present, sum(n for _, n in rows) - present - lost, lost)


def refuse_to_silence(keys: KeyRing) -> None:
    """Asked at every start, inside a transaction. Raises SilencedDevices.

    Devices from before keys were written down are noted as the present key's: they can only be that.
    """
    db.session.execute(
        sa.update(PushSubscription)
        .where(PushSubscription.vapid_key.is_(None))
        .values(vapid_key=keys.present.public_key)
    )
    if lost := count(keys).lost:
        raise SilencedDevices(
            f"{lost} {'device' if lost == 1 else 'devices'} subscribed with a VAPID key that is gone and would"
            " never ring. Put the old key into NIGHTBELL_VAPID_PREVIOUS_KEYS, or restore vapid_private_key from"
            " your backup."
        )
