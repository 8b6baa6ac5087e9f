"""What paging stands on, part by part, in words: for the health page of administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app

from app import migrations
from app.config import Settings
from app.database import db, on_sqlite
from app.domain.phrase import counted
from app.domain.words import DeliveryState, PageKind
from app.notices.models import Mail
from app.paging import canary
from app.paging.health import AUDITED_WITHIN, audited, seen_at
from app.paging.models import Delivery, Page, PushSubscription
from app.web.shell import UNPROVEN_AFTER
from app.web.words import lasted, moment

ENGINE_SEEN_WITHIN = timedelta(seconds=60)
QUEUE_LATE_AFTER = timedelta(minutes=1)
LOOK_BACK = timedelta(hours=24)
ENOUGH = 0.95  # of what was sent to a vendor: below it the line is amber


@dataclass(frozen=True)
class Part:
    """One thing paging stands on. `mood`: ok, warn, danger, or nothing where there is nothing to judge."""

    name: str
    says: str
    facts: str
    mood: str


def health_of(*, now: datetime) -> list[Part]:
    """Every part, in the order in which a page needs it."""
    return [
        _engine(now),
        _path(now),
        _auditor(now),
        _queue(now),
        *_vendors(now),
        _mail(),
        _database(),
        _schema(),
        _versions(),
    ]


def _engine(now: datetime) -> Part:
    seen = seen_at()
    if seen is None:
        return Part("Engine", "Not seen yet", "It does the paging: start it.", "danger")
    works = now - seen <= ENGINE_SEEN_WITHIN
    says = f"At work, seen {lasted(now - seen)} ago" if works else f"Not seen since {moment(seen)}"
    return Part("Engine", says, "It goes through all that is due.", "ok" if works else "danger")


def _path(now: datetime) -> Part:
    """How the last day's canaries fared: the newest, and how long the slowest took."""
    settings: Settings = current_app.config["settings"]
    if settings.proven_at is None:
        return Part("Paging path", "Not proven: the canary is off", "NIGHTBELL_CANARY_URL says so.", "warn")
    heard = canary.last_heard()
    if heard is None or heard.heard_at is None:
        return Part("Paging path", "Not proven yet", f"A canary goes to {settings.proven_at}.", "danger")
    day = canary.of_the_day(now)
    works = now - heard.heard_at <= UNPROVEN_AFTER
    took = f"Slowest {day.slowest.total_seconds():.1f} s of the last 24 h" if day.slowest else "Last 24 h"
    since = f"Last proven {lasted(now - heard.heard_at)} ago"
    return Part(
        "Paging path", since if works else f"Not proven since {moment(heard.heard_at)}",
        f"{day.arrived} of {day.sent} canaries arrived. {took}, n {day.arrived}.", "ok" if works else "danger",
    )  # fmt: skip


def _auditor(now: datetime) -> Part:
    looked = audited()
    if looked is None:
        return Part("Auditor", "Has not looked yet", "It checks that every page that is due was sent.", "warn")
    if now - looked.at > AUDITED_WITHIN:
        return Part("Auditor", f"Has not looked since {moment(looked.at)}", "The engine runs it.", "danger")
    if not looked.found:
        return Part(
            "Auditor", f"Found nothing amiss, {lasted(now - looked.at)} ago",
            "Every alert has its timer, every page was sent or waits for it.", "ok",
        )  # fmt: skip
    first = looked.found[0]
    numbers = ", ".join(str(number) for number in first["ids"][:3])
    what = f"{first['promise']}: {first['says']} ({numbers})"
    return Part(
        "Auditor", f"{counted(len(looked.found), 'promise')} not kept, {lasted(now - looked.at)} ago",
        f"{what}, mended." if first["mended"] else f"{what}.", "danger",
    )  # fmt: skip


def _queue(now: datetime) -> Part:
    due = sa.select(sa.func.count(), sa.func.min(Delivery.next_attempt_at)).where(
        Delivery.next_attempt_at <= now
    )
    number, oldest = db.session.execute(due).one()
    if oldest is None:
        return Part("Queue", "Empty", "Every page that is due was sent.", "ok")
    age = now - oldest
    mood = "warn" if age > QUEUE_LATE_AFTER else "ok"
    return Part("Queue", f"{counted(number, 'page')} waiting", f"The oldest for {lasted(age)}.", mood)


def _vendors(now: datetime) -> list[Part]:
    """How many of the last day's deliveries each push service took, with how many there were."""
    rows = db.session.execute(
        sa.select(PushSubscription.endpoint, Delivery.state, sa.func.count())
        .join(PushSubscription, PushSubscription.id == Delivery.subscription_id)
        .join(Page, Page.id == Delivery.page_id)
        .where(Delivery.created_at > now - LOOK_BACK, Page.kind.not_in((PageKind.TEST, PageKind.DRILL)))
        .group_by(PushSubscription.endpoint, Delivery.state)
    )
    sent: dict[str, list[int]] = {}
    for endpoint, state, number in rows:
        if state in (DeliveryState.QUEUED, DeliveryState.BUNDLED, DeliveryState.THROTTLED):
            continue
        counts = sent.setdefault(urlsplit(endpoint).hostname or "unknown", [0, 0])
        counts[0] += 0 if state is DeliveryState.FAILED else number
        counts[1] += number
    if not sent:
        return [Part("Push", "Nothing was sent in the last 24 h", "A test page proves the way.", "")]
    return [
        Part(
            f"Push by {vendor}", f"{taken} of {total} taken in the last 24 h",
            f"{taken / total:.0%}, n {total}", "ok" if taken / total >= ENOUGH else "warn",
        )
        for vendor, (taken, total) in sorted(sent.items())
    ]  # fmt: skip


def _mail() -> Part:
    settings: Settings = current_app.config["settings"]
    if settings.smtp_url is None:
        return Part("Mail", "Not set up", "Set NIGHTBELL_SMTP_URL to send it.", "")
    waiting = sa.select(sa.func.count()).select_from(Mail).where(Mail.next_attempt_at.is_not(None))
    number = db.session.scalar(waiting) or 0
    return Part(
        "Mail", f"{counted(number, 'mail')} waiting", f"By {urlsplit(settings.smtp_url).hostname}.", "ok"
    )


def _database() -> Part:
    kind = "SQLite" if on_sqlite() else "PostgreSQL"
    size = db.session.scalar(
        sa.text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        if on_sqlite()
        else sa.text("SELECT pg_database_size(current_database())")
    )
    return Part("Database", f"{kind}, {(size or 0) / 1_000_000:,.1f} MB", _last_backup(), "ok")


def _last_backup() -> str:
    """The newest file of `nightbell backup` in the usual place; elsewhere we know nothing of it."""
    settings: Settings = current_app.config["settings"]
    folder = Path(settings.instance_dir) / "backups"
    files = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    if not files:
        return "No backup in the folder backups."
    at = datetime.fromtimestamp(files[-1].stat().st_mtime).astimezone()
    return f"Last backup {moment(at)}."


def _schema() -> Part:
    here, wanted = migrations.current(), migrations.head()
    if here == wanted:
        return Part("Schema", f"At {here}", "As this version wants it.", "ok")
    return Part("Schema", f"At {here or 'nothing'}, this version wants {wanted}", "Run the upgrade.", "danger")


def _versions() -> Part:
    return Part("Version", f"Nightbell {version('nightbell')}", f"On Python {python_version()}.", "")
