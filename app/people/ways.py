"""Which ways in a person has."""

from dataclasses import dataclass

import sqlalchemy as sa

from app.database import db
from app.domain.sign_in_policy import SignInPolicy
from app.people.models import User
from app.people.ways_in import CodeApp, Passkey, ProviderAccount, RecoveryCode


@dataclass(frozen=True)
class Ways:
    """How one person can come in, as far as it is allowed. `code_app` alone is no way: it follows another."""

    password: bool
    passkeys: int
    code_app: bool
    provider: int

    @property
    def has_two_factors(self) -> bool:
        """Whether they can give two kinds of proof: a passkey is two, else a code is the second."""
        return self.passkeys > 0 or (self.code_app and (self.password or self.provider > 0))

    @property
    def count(self) -> int:
        """How many ways in are left to them."""
        return self.passkeys + self.provider + (1 if self.password else 0)


def of(user: User, policy: SignInPolicy) -> Ways:
    """The ways in that `user` has, of those that `policy` leaves open."""
    return Ways(
        password=user.password_hash is not None and policy.passwords,
        passkeys=_count(Passkey, user) if policy.passkeys else 0,
        code_app=db.session.get(CodeApp, user.id) is not None,
        provider=_count(ProviderAccount, user) if policy.provider else 0,
    )


def forget_second_factor(user: User) -> None:
    """The person's code app and recovery codes open nothing any more."""
    for model in (CodeApp, RecoveryCode):
        db.session.execute(sa.delete(model).where(model.user_id == user.id))


def forget_all(user: User) -> None:
    """No key of this person opens anything any more."""
    forget_second_factor(user)
    for model in (Passkey, ProviderAccount):
        db.session.execute(sa.delete(model).where(model.user_id == user.id))
    user.password_hash = None


def _count(model: type[Passkey] | type[ProviderAccount], user: User) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(model.user_id == user.id)) or 0
