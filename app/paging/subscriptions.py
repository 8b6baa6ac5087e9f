"""Devices a person can be reached on: register one, renew it, rename it, remove it."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from flask import current_app

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.paging import endpoints
from app.paging.methods import devices_of
from app.paging.models import PushSubscription
from app.paging.vapid import KeyRing
from app.people.models import User
from app.people.secret import digest
from app.people.taken import refused_if_taken
from app.timeline.record import record

MOST_DEVICES = 20
LONGEST_NAME = 60
NO_LONGER_LISTENS = "the push service says this browser no longer listens"
SHORTEST_SECRET = 43  # characters: 256 bits in base64url
_POINT, _AUTH = 65, 16  # bytes: an uncompressed point of P-256, and the shared secret (RFC 8291)


def subscribe(
    user: User,
    *,
    endpoint: str,
    p256dh: str,
    auth: str,
    device: str,
    at: datetime,
    secret: str | None = None,
    vapid_key: str | None = None,
) -> PushSubscription:
    """Register the browser that `user` sits at, or note that it is still there.

    `secret` is the one the browser made for itself: with it a browser whose endpoint was changed stays the same
    device, and renews itself without a login. `vapid_key` is our public key it subscribed with; None: the
    present one. Another person's endpoint moves to this one and is never shared (SEC-2): their row ends, with
    its name and its proof. Raises InvalidField.
    """
    keys = KeyRing.from_settings(current_app.config["settings"])
    _check(endpoint, p256dh, auth, secret)
    if vapid_key is not None and vapid_key not in keys:
        raise InvalidField([("/application_server_key", "Not one of our keys. Load this page again.")])
    known = [row for row in (_by_endpoint(endpoint), _by_secret(secret)) if row is not None]
    mine = [row for row in known if row.user_id == user.id]
    for row in known:
        if row.user_id != user.id or row is not mine[0]:
            _hand_over(row, to=user, at=at)
    row = mine[0] if mine else _add(user, endpoint, device, at=at)
    _freshen(row, endpoint, p256dh, auth, at=at)
    row.vapid_key = vapid_key or keys.present.public_key
    if secret is not None:
        row.secret_hash = digest(secret)
    return row


def is_known(user: User, endpoint: str, secret: str | None) -> bool:
    """Whether this browser is one of the person's devices, under this endpoint or by its secret. One that was
    removed by hand is not: it comes back only when the person asks for it.
    """
    row = _by_endpoint(endpoint)
    if row is None or row.user_id != user.id:
        row = _by_secret(secret)
    return (
        row is not None and row.user_id == user.id and (row.removed_at is None or row.secret_hash is not None)
    )


def renew(secret: str, *, endpoint: str, p256dh: str, auth: str, at: datetime) -> PushSubscription | None:
    """The browser changed its endpoint, and its worker says so with the device's secret: no login needed, since
    that may have run out (decision 10). None for a secret nobody holds any more. Raises InvalidField.
    """
    row = _by_secret(secret)
    if row is None or not row.user.is_active:
        return None
    _check(endpoint, p256dh, auth, secret)
    other = _by_endpoint(endpoint)
    if other is not None and other.id != row.id:
        _hand_over(other, to=row.user, at=at)
    _freshen(row, endpoint, p256dh, auth, at=at)
    return row


def belongs_to(row: PushSubscription, session_hash: str) -> None:
    """Note which sign-in the device holds, so that both end together when it is lost (feature 73)."""
    row.session_hash = session_hash


def follow(before: str, after: str, user: User) -> None:
    """The browser's sign-in was made anew: the person's devices that held the old one hold the new one."""
    db.session.execute(
        sa.update(PushSubscription)
        .where(PushSubscription.session_hash == before, PushSubscription.user_id == user.id)
        .values(session_hash=after)
    )


def of_session(session_hash: str, user: User) -> Sequence[PushSubscription]:
    """The person's devices that hold this sign-in."""
    held = sa.select(PushSubscription).where(
        PushSubscription.session_hash == session_hash,
        PushSubscription.user_id == user.id,
        PushSubscription.removed_at.is_(None),
    )
    return db.session.scalars(held).all()


def rename(row: PushSubscription, name: str) -> None:
    """Call a device what its owner calls it. Raises InvalidField about /device."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidField([("/device", f"A name, of at most {LONGEST_NAME} characters.")])
    row.device = name


def remove(row: PushSubscription, *, by: User, at: datetime, because: str = "removed by hand") -> None:
    """No page goes there from here on, and its secret opens nothing. Twice is once."""
    if row.removed_at is not None and row.secret_hash is None:
        return
    row.removed_at, row.removed_because, row.secret_hash = at, because, None
    record(Kind.DEVICE_REMOVED, Subject.USER, row.user_id, at=at, by=by, device_id=row.id, because=because)


def gone_since(moment: datetime) -> Sequence[PushSubscription]:
    """Devices of people who are here, of which their push service has said since then that they are gone."""
    gone = PushSubscription.removed_because == NO_LONGER_LISTENS, PushSubscription.removed_at > moment
    rows = sa.select(PushSubscription).join(User).where(*gone, User.is_active).order_by(PushSubscription.id)
    return db.session.scalars(rows).all()


def _check(endpoint: str, p256dh: str, auth: str, secret: str | None) -> None:
    errors = []
    try:
        endpoints.check(endpoint, push_hosts=current_app.config["settings"].push_hosts)
    except endpoints.UnknownPushService as unknown:
        errors.append(("/endpoint", str(unknown)))
    try:
        point = _bytes(p256dh)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        if len(point) != _POINT:
            raise ValueError
    except ValueError:
        errors.append(("/keys/p256dh", "Not a public key as browsers make them."))
    try:
        if len(_bytes(auth)) != _AUTH:
            raise ValueError
    except ValueError:
        errors.append(("/keys/auth", "Not a secret as browsers make them."))
    if secret is not None and not SHORTEST_SECRET <= len(secret) <= 256:
        errors.append(("/secret", f"At least {SHORTEST_SECRET} random characters."))
    if errors:
        raise InvalidField(errors)


def _bytes(text: str) -> bytes:
    """Base64url, with or without its padding, as browsers write keys. Raises ValueError."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), "-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _by_endpoint(endpoint: str) -> PushSubscription | None:
    return db.session.scalar(
        sa.select(PushSubscription).where(PushSubscription.endpoint == endpoint).with_for_update()
    )


def _by_secret(secret: str | None) -> PushSubscription | None:
    """The device with this secret. One that its owner removed has none."""
    if secret is None:
        return None
    return db.session.scalar(
        sa.select(PushSubscription).where(PushSubscription.secret_hash == digest(secret)).with_for_update()
    )


def _hand_over(row: PushSubscription, *, to: User, at: datetime) -> None:
    """End a row so that its endpoint can be another's. Pages still on their way to it are not sent."""
    row.endpoint = f"{row.endpoint}#until-{row.id}"
    row.secret_hash = None
    if row.removed_at is None:
        same = row.user_id == to.id
        row.removed_because = "it became another entry" if same else f"{to.name} signed in on this browser"
        row.removed_at = at
        record(
            Kind.DEVICE_REMOVED,
            Subject.USER,
            row.user_id,
            at=at,
            device_id=row.id,
            because="it became another entry" if same else "somebody else signed in on this browser",
        )
    db.session.flush()


def _add(user: User, endpoint: str, device: str, *, at: datetime) -> PushSubscription:
    others = devices_of(user.id)
    if len(others) >= MOST_DEVICES:
        raise InvalidField([("/endpoint", f"You have {MOST_DEVICES} devices. Remove one you no longer use.")])
    row = PushSubscription(
        user_id=user.id, endpoint=endpoint, p256dh="", auth="", created_at=at, last_seen_at=at,
        device=_name_among(device, {other.device for other in others}),
    )  # fmt: skip
    with refused_if_taken(endpoint="This browser is being registered at this moment. Try again."):
        db.session.add(row)
    record(Kind.DEVICE_ADDED, Subject.USER, user.id, at=at, by=user, device_id=row.id)
    return row


def _freshen(row: PushSubscription, endpoint: str, p256dh: str, auth: str, *, at: datetime) -> None:
    if row.removed_at is not None:
        record(Kind.DEVICE_ADDED, Subject.USER, row.user_id, at=at, device_id=row.id, again=True)
    row.endpoint, row.p256dh, row.auth = endpoint, p256dh.rstrip("="), auth.rstrip("=")
    row.last_seen_at, row.removed_at, row.removed_because = at, None, None


def _name_among(wanted: str, taken: set[str]) -> str:
    """A name that tells this device from the person's others: Firefox on Linux, Firefox on Linux 2."""
    name = " ".join(wanted.split())[:LONGEST_NAME] or "A browser"
    number = 2
    while name in taken:
        name, number = f"{wanted[: LONGEST_NAME - 4]} {number}", number + 1
    return name
