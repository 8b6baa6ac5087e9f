"""Who: the organisation, its people, their sign-ins and tokens, their teams."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import ContactKind, Role, SecondFactorFor, TeamRole


class Organisation(Model):
    """The one organisation this installation serves; absent until set-up names it."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    is_demo: Mapped[bool] = mapped_column(default=False)
    allows_passkeys: Mapped[bool] = mapped_column(server_default=sa.true())
    allows_passwords: Mapped[bool] = mapped_column(server_default=sa.true())
    allows_provider: Mapped[bool] = mapped_column(server_default=sa.true())  # single sign-on, where configured
    second_factor_for: Mapped[SecondFactorFor] = mapped_column(server_default=SecondFactorFor.NOBODY)
    hide_lock_screen_text: Mapped[bool] = mapped_column(default=False)  # for everybody, whatever each chose
    is_reading_open: Mapped[bool] = mapped_column(default=False)  # all who respond read every team's alerts
    war_room: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=sa.text("'{}'")
    )  # domain.war_room
    is_status_public: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false()
    )  # without a sign-in
    response_plan: Mapped[str] = mapped_column(default="", server_default="")  # its own words, Markdown
    postmortem_severities: Mapped[list[Any]] = mapped_column(
        default=lambda: ["sev1", "sev2"], server_default=sa.text("""'["sev1", "sev2"]'""")
    )  # for which a postmortem opens by itself
    postmortem_template: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=sa.text("'{}'")
    )  # by part, what it begins with
    is_feedback_anonymous: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime]


class User(Model):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    role: Mapped[Role]
    time_zone: Mapped[str]
    password_hash: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_service: Mapped[bool] = mapped_column(default=False)  # a program: signs in nowhere, is never paged
    locked_at: Mapped[datetime | None]  # may not sign in since then; is still paged
    hide_lock_screen_text: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(default="")
    skills: Mapped[list[Any]] = mapped_column(default=list)  # words others find the person by
    quiet_hours: Mapped[dict[str, Any] | None]  # {"from": "22:00", "until": "07:00"}, in the person's zone
    sleep_hours: Mapped[dict[str, Any] | None]
    shift_leads: Mapped[list[Any] | None]  # minutes before a shift; None: the usual, []: never
    created_at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]  # a tombstone since then: the row says who did things, and no more

    contacts: Mapped[list["ContactMethod"]] = relationship(back_populates="user", order_by="ContactMethod.id")
    memberships: Mapped[list["Membership"]] = relationship(back_populates="user")

    @hybrid_property
    def can_respond(self) -> bool:
        """Whether alerts may be theirs: somebody who is here and does more than look on (L-ROL-05)."""
        return self.is_active and not self.is_service and self.role is not Role.STAKEHOLDER

    @can_respond.inplace.expression
    @classmethod
    def _can_respond(cls) -> sa.ColumnElement[bool]:
        return sa.and_(cls.is_active, ~cls.is_service, cls.role != Role.STAKEHOLDER)


class ContactMethod(Model):
    """A further address or number of a person. Only what is verified may ever be used to reach them."""

    __tablename__ = "contact_method"
    __table_args__ = (sa.UniqueConstraint("user_id", "kind", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    kind: Mapped[ContactKind]
    address: Mapped[str]  # lower case, or +44… without spaces
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    code_hash: Mapped[str | None]  # of the code that is on its way
    code_sent_at: Mapped[datetime | None]
    code_guesses: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship(back_populates="contacts")


class Session(Model):
    """One signed-in browser. The cookie holds the token, the row its hash."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    proven_at: Mapped[datetime]  # when the person last showed that it is them
    factors: Mapped[int]  # how many kinds of proof that took: 2 for a passkey, or a password and a code

    user: Mapped[User] = relationship()


class SignInLink(Model):
    """A one-time link: the first administrator's door, or a new password for `user_id`."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    forgets_second_factor: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Model):
    """A wrong password, kept while the sign-in limits look back. `key` is an account or an address, hashed."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (sa.Index("sign_in_failure_key_at_index", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]


class ApiToken(Model):
    """A program's key to /api/v1, on behalf of one person and never with more than that person's rights."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class Team(Model):
    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[Any]] = mapped_column(default=list)
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]

    manager: Mapped[User | None] = relationship()
    memberships: Mapped[list["Membership"]] = relationship(back_populates="team")


class Membership(Model):
    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("team_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    role: Mapped[TeamRole] = mapped_column(default=TeamRole.MEMBER)

    team: Mapped[Team] = relationship(back_populates="memberships")
    user: Mapped[User] = relationship(back_populates="memberships")
