"""Passkeys: make one, sign in with one, rename and remove them (SEC-13).

The person is always verified by the device (a finger, a face, a PIN), so one passkey is two factors. Every
challenge is a row that can be answered once, within five minutes. A key is found by what it says itself, never
by an address somebody typed, so nothing here tells who exists (SEC-15).

`webauthn` and what it stands on are read when the first passkey comes: 8 MB that many processes never need.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.site import Site
from app.domain.timeline import Kind, Subject
from app.people import begun, secret, ways
from app.people.models import User
from app.people.sign_in_policy import policy
from app.people.taken import refused_if_taken
from app.people.ways_in import Begun, Passkey
from app.timeline.record import record

SIGN_IN, ADD, JOIN, FIRST = "passkey_sign_in", "passkey_add", "passkey_join", "passkey_first"
LONGEST_ANSWER = 16 * 1024  # characters of JSON
LONGEST_NAME = 60
MOST = 20


REFUSED = "This passkey did not work here. Try again, or come in another way."  # never which part of it


class _Refused(Exception):
    """The browser's answer does not prove what it should."""


class LastWayIn(Exception):
    """Taking this away would shut its owner out."""

    def __init__(self) -> None:
        super().__init__("This is your only way in. Set a password or add another passkey first.")


def of(user: User) -> Sequence[Passkey]:
    """The person's passkeys, the oldest first."""
    return db.session.scalars(sa.select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)).all()


def ask_to_make(
    site: Site, *, purpose: str, email: str, name: str, at: datetime, user: User | None = None
) -> str:
    """What a browser needs to make a passkey, as JSON. For `user`, or for somebody who is about to join."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    held = of(user) if user is not None else []
    handle = held[0].user_handle if held else secret.new()
    token = begun.begin(purpose, at=at, user=user, handle=handle, email=email)
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name="Nightbell",
        user_id=_bytes(handle),
        user_name=email,
        user_display_name=name or email,
        challenge=token.encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,  # else one would have to type who one is
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=_bytes(key.credential_id)) for key in held],
    )
    return webauthn.options_to_json(options)


def made(
    answer: str, site: Site, *, purpose: str, email: str, at: datetime, user: User | None = None
) -> Passkey | None:
    """The passkey a browser made when asked, for `user` or for the invited `email`; not yet anybody's. None
    when the answer does not prove it. Uses the challenge up either way.
    """
    import webauthn

    try:
        said = _read(answer)
        asked = _challenge(said, purpose, at=at)
        if asked.user_id != (None if user is None else user.id) or asked.data["email"] != email:
            return None
        verified = webauthn.verify_registration_response(
            credential=said,
            expected_challenge=_challenge_of(said),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _wrong():
        return None
    return Passkey(
        credential_id=_text(verified.credential_id),
        public_key=_text(verified.credential_public_key),
        user_handle=asked.data["handle"],
        sign_count=verified.sign_count,
        created_at=at,
    )


def add(user: User, passkey: Passkey, *, name: str, at: datetime) -> Passkey:
    """From now on this key lets `user` in. Raises InvalidField about `name` or `passkey`."""
    if len(of(user)) >= MOST:
        raise InvalidField([("/passkey", f"At most {MOST} passkeys. Remove one first.")])
    passkey.user_id, passkey.name = user.id, _name(name)
    with refused_if_taken(passkey="This passkey is registered already."):
        db.session.add(passkey)
    record(Kind.CHANGED, Subject.USER, user.id, at=at, by=user, changed=["passkeys"], added=passkey.id)
    return passkey


def ask_to_sign_in(site: Site, *, at: datetime) -> str:
    """What a browser needs to offer whichever passkeys it has for this site, as JSON; the same for all."""
    import webauthn
    from webauthn.helpers.structs import UserVerificationRequirement

    token = begun.begin(SIGN_IN, at=at)
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=site.rp_id,
            challenge=token.encode(),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def claimed_by(answer: str) -> User | None:
    """Whose key the answer says it is of, before anything is proven: never to be told to anybody."""
    try:
        passkey = _of_answer(_read(answer))
    except _wrong():
        return None
    return None if passkey is None else passkey.user


def sign_in(answer: str, site: Site, *, at: datetime) -> User | None:
    """Whoever holds the key that answered; None when it proves nothing. Uses the challenge up either way.

    A wrong answer to a question of ours stands in the record as a wrong password does: about the key's owner,
    or about nobody (0) where there is no such key, so that both do the same work (SEC-15).
    """
    try:
        said = _read(answer)
        _challenge(said, SIGN_IN, at=at)
    except _wrong():
        return None
    passkey = _of_answer(said)
    try:
        return _proven(passkey, said, site, at=at)
    except _wrong():
        about = 0 if passkey is None else passkey.user_id
        record(Kind.SIGN_IN_FAILED, Subject.USER, about, at=at, way="passkey")
        return None


def _of_answer(said: dict[str, Any]) -> Passkey | None:
    return db.session.scalar(
        sa.select(Passkey)
        .where(Passkey.credential_id == str(said.get("id")).replace("\0", ""))  # PostgreSQL keeps no NUL
        .options(joinedload(Passkey.user))
        .with_for_update(of=Passkey)
    )


def _proven(passkey: Passkey | None, said: dict[str, Any], site: Site, *, at: datetime) -> User:
    import webauthn

    if passkey is None or not passkey.user.is_active or passkey.user.locked_at is not None:
        raise _Refused
    verified = webauthn.verify_authentication_response(
        credential=said,
        expected_challenge=_challenge_of(said),
        expected_rp_id=site.rp_id,
        expected_origin=site.origin,
        credential_public_key=_bytes(passkey.public_key),
        credential_current_sign_count=passkey.sign_count,  # a count that goes back means a copy: refused
        require_user_verification=True,
    )
    if said["response"].get("userHandle") not in (None, passkey.user_handle):
        raise _Refused
    passkey.sign_count, passkey.last_used_at = verified.new_sign_count, at
    return passkey.user


def rename(passkey: Passkey, name: str) -> None:
    """Call a passkey what its owner calls it. Raises InvalidField about `name`."""
    passkey.name = _name(name)


def remove(passkey: Passkey, *, by: User, at: datetime) -> None:
    """This key opens nothing from now on. Raises LastWayIn instead of shutting its owner out."""
    if ways.of(by, policy()).count <= 1:
        raise LastWayIn
    db.session.delete(passkey)
    record(Kind.CHANGED, Subject.USER, passkey.user_id, at=at, by=by, changed=["passkeys"], removed=passkey.id)


def _wrong() -> tuple[type[Exception], ...]:
    """Whatever a hostile answer makes its readers stumble over."""
    from webauthn.helpers.exceptions import WebAuthnException

    return _Refused, WebAuthnException, ValueError, KeyError, TypeError, AttributeError, RecursionError


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidField([("/name", f"A name, of at most {LONGEST_NAME} characters.")])
    return name


def _read(answer: str) -> dict[str, Any]:
    said = json.loads(answer) if len(answer) <= LONGEST_ANSWER else None
    if not isinstance(said, dict) or not isinstance(said.get("response"), dict):
        raise _Refused
    return said


def _challenge(said: dict[str, Any], purpose: str, *, at: datetime) -> Begun:
    """What was asked; gone with this answer, good or bad."""
    asked = begun.finish(_challenge_of(said).decode(errors="replace"), purpose, at=at)
    if asked is None:
        raise _Refused
    return asked


def _challenge_of(said: dict[str, Any]) -> bytes:
    client_data = json.loads(_bytes(said["response"]["clientDataJSON"]))
    return _bytes(client_data["challenge"])


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
