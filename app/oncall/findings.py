"""What the check of each schedule found: kept with the schedule, renewed every night and after each change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.database import db
from app.domain.claims import Claim, Finding, Level, errors_in
from app.domain.interval import Interval
from app.domain.notice import NoticeEvent
from app.domain.words import NoticeCategory, TeamRole
from app.notices.post import post
from app.oncall.models import Schedule, ScheduleCheck
from app.people.models import Membership, User

EVERY = timedelta(days=1)
MOST_INTERVALS = 50  # kept of one finding; `times` says how many there are


@dataclass(frozen=True)
class Checked:
    """The findings of the last check, errors first, and when it was made."""

    at: datetime
    findings: tuple[Finding, ...]

    def of(self, level: Level) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is level)


def findings_of(schedule_id: int) -> Checked | None:
    """What the last check of a schedule found; None when it has not been checked yet."""
    row = db.session.get(ScheduleCheck, schedule_id)
    if row is None:
        return None
    return Checked(row.checked_at, tuple(_from_json(each) for each in row.findings))


def keep(schedule_id: int, findings: Iterable[Finding], *, at: datetime) -> None:
    """Let these be what the last check found. The next one is due in a day."""
    row = db.session.get(ScheduleCheck, schedule_id)
    if row is None:
        row = ScheduleCheck(schedule_id=schedule_id)
        db.session.add(row)
    row.findings = [finding_to_json(finding, at_most=MOST_INTERVALS) for finding in findings]
    row.checked_at, row.due_at = at, at + EVERY
    db.session.flush()


def check_soon(*, at: datetime, schedule_ids: Iterable[int] | None = None) -> None:
    """What decides who is on call has changed on these schedules, or on any: look again in the next minute."""
    due = sa.update(ScheduleCheck).where(ScheduleCheck.due_at > at).values(due_at=at)
    if schedule_ids is not None:
        due = due.where(ScheduleCheck.schedule_id.in_(set(schedule_ids)))
    db.session.execute(due)


def next_due(at: datetime) -> Schedule | None:
    """The schedule whose check is due first; None when none is."""
    return db.session.scalar(
        sa.select(Schedule)
        .outerjoin(ScheduleCheck, ScheduleCheck.schedule_id == Schedule.id)
        .where(sa.or_(ScheduleCheck.schedule_id.is_(None), ScheduleCheck.due_at <= at))
        .order_by(ScheduleCheck.due_at.is_not(None), ScheduleCheck.due_at, Schedule.id)
        .limit(1)
    )


def still(schedule_id: int, version: int) -> Schedule | None:
    """The schedule, unless somebody has changed or deleted it since it had this version."""
    return db.session.scalar(sa.select(Schedule).where(Schedule.id == schedule_id, Schedule.version == version))


def renew(schedule: Schedule, findings: Sequence[Finding], *, at: datetime) -> None:
    """Keep what the engine's check found, and tell the team's managers of errors that were not there before."""
    before = findings_of(schedule.id)
    known = {finding.key for finding in errors_in(before.findings)} if before else set()
    new = [finding for finding in errors_in(findings) if finding.key not in known]
    keep(schedule.id, findings, at=at)
    if new:
        post(
            NoticeCategory.ON_CALL,
            NoticeEvent.SCHEDULE_FAILS,
            to=managers(schedule.team_id),
            by=None,
            title=f"{schedule.name}: {new[0].sentence}",
            body="\n".join(finding.sentence for finding in new),
            link=f"/schedules/{schedule.id}",
            at=at,
        )


def finding_to_json(finding: Finding, *, at_most: int) -> dict[str, Any]:
    """The finding for other programs and for keeping, with its first hours."""
    return {
        "claim": str(finding.claim),
        "level": str(finding.level),
        "sentence": finding.sentence,
        "key": finding.key,
        "people": [str(user_id) for user_id in finding.people],
        "times": len(finding.intervals),
        "intervals": [
            {"start": each.start.isoformat(), "end": each.end.isoformat()}
            for each in finding.intervals[:at_most]
        ],
    }


def _from_json(kept: dict[str, Any]) -> Finding:
    return Finding(
        Claim(kept["claim"]),
        Level(kept["level"]),
        kept["sentence"],
        kept["key"],
        tuple(
            Interval(datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]))
            for each in kept["intervals"]
        ),
        tuple(int(user_id) for user_id in kept["people"]),
    )


def managers(team_id: int) -> list[User]:
    """Who manages a team, and so its schedules."""
    managing = sa.select(Membership.user_id).where(
        Membership.team_id == team_id, Membership.role == TeamRole.MANAGER
    )
    return list(db.session.scalars(sa.select(User).where(User.id.in_(managing)).order_by(User.id)))
