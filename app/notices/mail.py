"""Mail waits as rows; the engine takes them to the mail server, tries again, and gives up in words.

Nobody's page waits for it: it has a thread of its own, and the server a deadline below the lease.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app import clock, lease, wakeup
from app.database import db, transaction
from app.domain.text import one_line, prose
from app.domain.words import MailState
from app.notices.models import Mail
from app.people import queries
from app.people.models import User
from app.smtp import Letter, MailServer, Outcome, Refused, Sent, TryAgain

BATCH = 10
LEASE = timedelta(seconds=60)  # the mail server's deadline lies below it
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(hours=24)
KEPT = timedelta(days=30)  # how long it can be seen what became of a mail


def works() -> bool:
    """Whether mail leaves this installation: a server is named, and the organisation is not made up."""
    return queries.mail_leaves()


def queue_mail(
    to_address: str,
    subject: str,
    text: str,
    *,
    at: datetime,
    user: User | None = None,
    leave_url: str | None = None,
    calendar: str | None = None,
) -> Mail | None:
    """Send this in plain text as soon as the server takes it. Inside a transaction.

    None where no mail leaves this installation: the caller then says so, and shows what the mail would have
    said. `user` is whose address it is; an address that is nobody's yet, as an invitation's, has none. To
    `leave_url` the reader's mail program posts when they want no more of the kind. A `calendar` file goes
    along.
    """
    if not works():
        return None
    mail = Mail(
        user_id=user and user.id, to_address=one_line(to_address, limit=320), text=prose(text),
        subject=one_line(subject, limit=200), state=MailState.QUEUED, created_at=at, next_attempt_at=at,
        leave_url=leave_url, calendar=calendar,
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    wakeup.engine()
    return mail


def send_due(server: MailServer | None) -> int:
    """Take what is due to the server, a batch on one connection; returns how many. Opens its transactions.

    A worker that dies in between leaves a lease that runs out, and the letter goes again: twice, never not.
    """
    with transaction():
        since, at = clock.ticks(), clock.now()
        claimed = _claim(at=at)
    if not claimed or lease.is_over(since, LEASE):
        return len(claimed)
    letters = [letter for letter, _ in claimed]
    outcomes = server.send(letters) if server else [TryAgain("no mail server is set")] * len(letters)
    with transaction():
        for (letter, token), outcome in zip(claimed, outcomes, strict=True):
            _mark(letter, token, outcome, at=clock.now())
    return len(claimed)


def has_due(*, at: datetime) -> bool:
    """Whether any mail waits to be taken now. Cheap: asked every round."""
    return db.session.scalar(_due(at).limit(1)) is not None


@dataclass(frozen=True)
class Standing:
    """How mail stands. `failed` and `last_error` look back a day."""

    works: bool
    waiting: int
    oldest_waiting_at: datetime | None
    failed: int
    last_sent_at: datetime | None
    last_error: str | None


def standing(*, at: datetime) -> Standing:
    """What an administrator must know of mail."""
    waiting, oldest = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Mail.created_at)).where(Mail.state == MailState.QUEUED)
    ).one()
    lately = Mail.created_at > at - timedelta(days=1)
    failed = sa.select(sa.func.count()).where(Mail.state == MailState.FAILED, lately)
    error = sa.select(Mail.error).where(Mail.error.is_not(None), lately).order_by(Mail.id.desc()).limit(1)
    return Standing(
        works(), waiting, oldest, db.session.scalar(failed) or 0,
        db.session.scalar(sa.select(sa.func.max(Mail.sent_at))), db.session.scalar(error),
    )  # fmt: skip


def failed(*, at: datetime, limit: int = 50) -> Sequence[Mail]:
    """Mail that was given up in the last 30 days, newest first."""
    rows = sa.select(Mail).where(Mail.state == MailState.FAILED, Mail.created_at > at - KEPT)
    return db.session.scalars(rows.order_by(Mail.id.desc()).limit(limit)).all()


def forget_old(*, at: datetime) -> int:
    """Rows of mail that was over a month ago go. Returns how many."""
    gone = sa.delete(Mail).where(Mail.state != MailState.QUEUED, Mail.created_at < at - KEPT)
    return len(db.session.scalars(gone.returning(Mail.id)).all())


def _due(at: datetime) -> sa.Select[int]:
    free = sa.or_(Mail.lease_until.is_(None), Mail.lease_until <= at)
    return sa.select(Mail.id).where(Mail.next_attempt_at <= at, free)


def _claim(*, at: datetime) -> list[tuple[Letter, str]]:
    due = _due(at).order_by(Mail.next_attempt_at, Mail.id).limit(BATCH).with_for_update(skip_locked=True)
    claimed = []
    for mail_id in db.session.scalars(due).all():
        mail = db.session.get_one(Mail, mail_id)
        token = secrets.token_hex(8)
        mail.lease_until, mail.lease_token, mail.attempts = at + LEASE, token, mail.attempts + 1
        letter = Letter(
            f"mail-{mail.id}", mail.to_address, mail.subject, mail.text, mail.leave_url, mail.calendar
        )
        claimed.append((letter, token))
    return claimed


def _mark(letter: Letter, token: str, outcome: Outcome, *, at: datetime) -> None:
    """Write down what became of it, unless the lease has gone to somebody else meanwhile."""
    mail = db.session.scalars(
        sa.select(Mail).where(Mail.lease_token == token, Mail.id == int(letter.key.rpartition("-")[2]))
        .with_for_update()
    ).one_or_none()  # fmt: skip
    if mail is None:
        return
    mail.lease_until = mail.lease_token = None
    match outcome:
        case Sent():
            _end(mail, MailState.SENT)
            mail.sent_at, mail.error = at, None
        case Refused(reason):
            _end(mail, MailState.FAILED)
            mail.error = reason
        case TryAgain(reason):
            mail.error = reason
            again = at + min(FIRST_WAIT * 2 ** (mail.attempts - 1), LONGEST_WAIT)
            if again > mail.created_at + GIVEN_UP_AFTER:
                _end(mail, MailState.FAILED)
            else:
                mail.next_attempt_at = again


def _end(mail: Mail, state: MailState) -> None:
    mail.state, mail.text, mail.next_attempt_at = state, "", None
    mail.leave_url = mail.calendar = None
