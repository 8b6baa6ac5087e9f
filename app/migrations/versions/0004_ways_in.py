"""Invitations, passkeys, second factors, single sign-on, and what an organisation allows of them."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("team_role", sa.String(32), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("invitation_team_id_fkey"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["invited_by_id"], ["user.id"], name=op.f("invitation_invited_by_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("invitation_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("invitation_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("invitation_token_hash_unique")),
    )
    op.create_index(
        "invitation_open_email_unique",
        "invitation",
        ["email"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "begun",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("begun_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("begun_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("begun_token_hash_unique")),
    )
    op.create_index(op.f("begun_expires_at_index"), "begun", ["expires_at"])
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("user_handle", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("passkey_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("passkey_pkey")),
        sa.UniqueConstraint("credential_id", name=op.f("passkey_credential_id_unique")),
    )
    op.create_index(op.f("passkey_user_id_index"), "passkey", ["user_id"])
    op.create_table(
        "code_app",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("code_app_user_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("code_app_pkey")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("recovery_code_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("recovery_code_pkey")),
    )
    op.create_index(op.f("recovery_code_user_id_index"), "recovery_code", ["user_id"])
    op.create_table(
        "provider_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("provider_account_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("provider_account_pkey")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("provider_account_issuer_subject_unique")),
    )
    op.create_index(op.f("provider_account_user_id_index"), "provider_account", ["user_id"])

    with op.batch_alter_table("organisation") as organisation:
        for name in ("allows_passkeys", "allows_passwords", "allows_provider"):
            organisation.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))
        organisation.add_column(
            sa.Column("second_factor_for", sa.String(32), nullable=False, server_default="nobody")
        )
    with op.batch_alter_table("user") as user:
        user.add_column(sa.Column("locked_at", UtcDateTime(), nullable=True))

    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("proven_at", UtcDateTime(), nullable=True))
        session.add_column(sa.Column("factors", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE session SET proven_at = created_at")  # each was begun with a password
    with op.batch_alter_table("session") as session:
        session.alter_column("proven_at", existing_type=UtcDateTime(), nullable=False)
        session.alter_column("factors", existing_type=sa.Integer(), server_default=None)

    with op.batch_alter_table("sign_in_link") as link:
        link.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        link.add_column(
            sa.Column("forgets_second_factor", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        link.create_foreign_key(op.f("sign_in_link_user_id_fkey"), "user", ["user_id"], ["id"])
    op.add_column("push_subscription", sa.Column("session_hash", sa.Text(), nullable=True))
