"""The second factor beside a password: six digits from an app, or one of ten codes on paper (SEC-13)."""

import hmac
import secrets
from datetime import datetime, timedelta

import pyotp
import sqlalchemy as sa

from app.database import db
from app.domain.timeline import Kind, Subject
from app.people import begun, sealed, secret, ways
from app.people.models import User
from app.people.ways_in import CodeApp, RecoveryCode
from app.timeline.record import record

PURPOSE = "code_app"
SETTING_UP_LASTS = timedelta(minutes=30)  # one looks for the app, installs it, finds the camera
STEP = 30  # seconds a code is shown (RFC 6238)
DRIFT = 1  # steps that a phone's clock may be early or late
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that reads like another


def is_set_up(user: User) -> bool:
    return db.session.get(CodeApp, user.id) is not None


def begin(user: User, *, at: datetime) -> str:
    """Start to set up an app; answers the token that finishes it. Whatever there was stays until then."""
    kept = sealed.seal(pyotp.random_base32(), about=_about(user))
    return begun.begin(PURPOSE, at=at, user=user, lasts=SETTING_UP_LASTS, sealed=kept)


def secret_of(token: str, user: User, *, at: datetime) -> str | None:
    """The secret to show while `user` sets an app up; None when that is over."""
    found = begun.look(token, PURPOSE, at=at)
    return (
        sealed.unseal(found.data["sealed"], about=_about(user)) if found and found.user_id == user.id else None
    )


def address_of(key: str, user: User) -> str:
    """The secret as apps read it from a picture."""
    return pyotp.TOTP(key).provisioning_uri(name=user.email, issuer_name="Nightbell")


def finish(token: str, code: str, user: User, *, at: datetime) -> list[str] | None:
    """The app shows the right code: from now on one is asked for. Answers ten new recovery codes; None for a
    wrong code, with which one may try again.
    """
    key = secret_of(token, user, at=at)
    step = key and _step_of(code, key, at=at)
    if key is None or not step or begun.finish(token, PURPOSE, at=at) is None:
        return None
    db.session.execute(sa.delete(CodeApp).where(CodeApp.user_id == user.id))
    db.session.add(
        CodeApp(
            user_id=user.id, sealed_secret=sealed.seal(key, about=_about(user)), last_step=step, created_at=at
        )
    )
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=user, changed=["code_app"])
    return new_recovery_codes(user, at=at)


def new_recovery_codes(user: User, *, at: datetime) -> list[str]:
    """Ten codes that nobody can see again; those before open nothing any more."""
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(10)
    ]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=_digest(code)) for code in codes)
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=user, changed=["recovery_codes"])
    return codes


def codes_left(user: User) -> int:
    """How many of the ten have not been used."""
    unused = sa.select(sa.func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def takes(code: str, user: User, *, at: datetime) -> bool:
    """Whether `code` is the app's, or a recovery code, and not used before: of two at once, one counts."""
    row = db.session.get(CodeApp, user.id)
    key = row and sealed.unseal(row.sealed_secret, about=_about(user))
    if key and (step := _step_of(code, key, at=at)):
        newer = sa.update(CodeApp).where(CodeApp.user_id == user.id, CodeApp.last_step < step)
        if db.session.execute(newer.values(last_step=step).returning(CodeApp.user_id)).first():
            return True
    unused = sa.update(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.code_hash == _digest(code), RecoveryCode.used_at.is_(None)
    )
    if db.session.execute(unused.values(used_at=at).returning(RecoveryCode.id)).first() is None:
        return False
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=user, changed=["recovery_codes"], used=1)
    return True


def forget(user: User, *, by: User, at: datetime) -> None:
    """No code is asked for any more, and none is taken. Twice is once."""
    if is_set_up(user):
        ways.forget_second_factor(user)
        record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, changed=["code_app"], removed=True)


def _step_of(code: str, key: str, *, at: datetime) -> int | None:
    """The 30 s step whose code this is, within the drift; None for no code of ours."""
    plain, now = "".join(code.split()), int(at.timestamp()) // STEP
    fitting = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if hmac.compare_digest(pyotp.TOTP(key).generate_otp(step).encode(), plain.encode())
    ]
    return max(fitting, default=None)


def _digest(code: str) -> str:
    """Written with or without lines and spaces, in any case. 79 random bits: a plain hash will do."""
    return secret.digest("".join(each for each in code.lower() if each.isalnum()))


def _about(user: User) -> str:
    return f"code app of user {user.id}"
