"""The ways in, as rows: invitations, what was begun at the door, passkeys, second factors, single sign-on."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import Role, TeamRole
from app.people.models import Team, User


class Invitation(Model):
    """Somebody is asked in: by address, with a role. Open until accepted, taken back, or its days are over."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.Index(
            "invitation_open_email_unique",
            "email",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]  # lower case
    role: Mapped[Role]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id", ondelete="SET NULL"))
    team_role: Mapped[TeamRole | None]
    token_hash: Mapped[str] = mapped_column(unique=True)
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime]  # when the newest link was made
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]  # accepted or taken back
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # who it became; None: taken back

    invited_by: Mapped[User] = relationship(foreign_keys=[invited_by_id])
    team: Mapped[Team | None] = relationship()


class Begun(Model):
    """Something begun at the door, to be finished once within minutes: a passkey's challenge, the step after
    a password, a way through the provider. The other side holds the token, the row its hash.
    """

    __tablename__ = "begun"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    data: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Passkey(Model):
    """A key that a person's phone, laptop or stick holds for this address, with its public half."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)  # base64url
    public_key: Mapped[str]  # COSE, base64url
    user_handle: Mapped[str]  # what the authenticator files the person under; says nothing of them
    sign_count: Mapped[int]
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class CodeApp(Model):
    """An app that shows six digits, a new set every 30 s (RFC 6238). Its secret is sealed with SECRET_KEY."""

    __tablename__ = "code_app"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    sealed_secret: Mapped[str]
    last_step: Mapped[int]  # the 30 s step of the newest code taken: none of it or before is taken again
    created_at: Mapped[datetime]


class RecoveryCode(Model):
    """One of ten, each good once, for somebody whose phone is gone."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class ProviderAccount(Model):
    """Who a person is at the single sign-on provider: its issuer and its own, never reused, subject."""

    __tablename__ = "provider_account"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str]
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship()
