"""The organisation's rules for its door: read them, and change them without shutting oneself out."""

from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.sign_in_policy import SignInPolicy
from app.domain.timeline import Kind, Subject
from app.domain.words import Role, SecondFactorFor
from app.people import queries
from app.people.models import Organisation, User
from app.people.ways import of as ways_of
from app.timeline.record import record

_KEPT = Organisation.__table__.c
_SECOND_FACTOR_FOR = sa.select(_KEPT.second_factor_for).where(_KEPT.id == 1)


def policy() -> SignInPolicy:
    """What holds now. Where a setting was taken away and no way would be left, passwords are open again."""
    kept = queries.organisation()
    if kept is None:
        return SignInPolicy()
    provider = kept.allows_provider and provider_is_configured()
    passwords = kept.allows_passwords or not (kept.allows_passkeys or provider)
    return SignInPolicy(kept.allows_passkeys, passwords, provider, kept.second_factor_for)


def needs_two_factors(role: Role) -> bool:
    """The same of the one rule that is asked at every request of somebody who gave one kind of proof."""
    rule = db.session.execute(_SECOND_FACTOR_FOR).scalar()
    return SignInPolicy(second_factor_for=rule or SecondFactorFor.NOBODY).needs_two_factors(role)


def provider_is_configured() -> bool:
    """Whether this installation knows a single sign-on provider."""
    return current_app.config["settings"].oidc_issuer is not None


def change_policy(organisation: Organisation, wanted: SignInPolicy, *, by: User, at: datetime) -> None:
    """Change what is allowed. Raises InvalidField about `ways` when `by`, an administrator, could not come in
    again: so one of them always can.
    """
    left = ways_of(by, wanted)
    if not left.count:
        raise InvalidField(
            [("/ways", "You could not come in yourself any more. Add a way that stays open first.")]
        )
    before = SignInPolicy(
        organisation.allows_passkeys, organisation.allows_passwords, organisation.allows_provider,
        organisation.second_factor_for,
    )  # fmt: skip
    if before == wanted:
        return
    organisation.allows_passkeys, organisation.allows_passwords = wanted.passkeys, wanted.passwords
    organisation.allows_provider, organisation.second_factor_for = wanted.provider, wanted.second_factor_for
    record(
        Kind.CHANGED, Subject.ORGANISATION, organisation.id, at=at, by=by,
        **{"field": "sign_in", "from": asdict(before), "to": asdict(wanted)},
    )  # fmt: skip
