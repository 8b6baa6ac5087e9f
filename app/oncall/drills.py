"""Drills (D2): in the first day of a shift, and when somebody asks. Passed by a tap, and by nothing else.

A drill is a page through everything a real one goes through, by the person's own rules: to their devices, and
as a text, a call or a mail when those have their turn. It is of a kind of its own, so that no figure counts it;
a tap on a device proves that as a test page does. Two failed in a row are told to those who manage the person's
teams.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain import drill
from app.domain.drill import Outcome
from app.domain.notice import NoticeEvent
from app.domain.reason import OnCallRole
from app.domain.shift_plan import PlannedShift
from app.domain.timeline import Kind, Subject
from app.domain.words import NoticeCategory, PageKind, PageStatus, TeamRole, Urgency
from app.notices.post import post
from app.oncall.models import Drill, ShiftPlan
from app.paging import rules
from app.paging.models import Delivery, Page
from app.paging.page import Message, Place, page_user
from app.paging.payload import DRILL_BODY, DRILL_TITLE
from app.people import queries
from app.people.models import Membership, Team, User
from app.timeline.record import record

AHEAD = timedelta(days=1)
LATER = timedelta(minutes=15)  # while the person is being paged for something real
SAYS = Message(DRILL_TITLE, DRILL_BODY, Urgency.HIGH)


def foresee(*, at: datetime) -> None:
    """Rows for the drills of the shifts that begin in the coming day; those of shifts that are no more go.

    Nobody is drilled who passed one in the last seven days, and nobody in a made-up organisation.
    """
    if queries.is_made_up():
        return
    wanted = {
        (shift.user_id, plan.schedule_id, shift.start): shift
        for plan in db.session.scalars(sa.select(ShiftPlan))
        for shift in (PlannedShift.from_json(each) for each in plan.shifts)
        if at < shift.start <= at + AHEAD and shift.role is OnCallRole.PRIMARY
    }
    coming = sa.select(Drill).where(Drill.shift_start > at)
    known = {(row.user_id, row.schedule_id, row.shift_start): row for row in db.session.scalars(coming)}
    for key, row in known.items():
        if key not in wanted and row.asked_at is None:
            db.session.delete(row)
    people = {shift.user_id for key, shift in wanted.items() if key not in known}
    zones = {user.id: user.time_zone for user in db.session.scalars(sa.select(User).where(User.id.in_(people)))}
    spared = _spared(at)
    for key, shift in sorted(wanted.items(), key=lambda each: each[1]):
        if key in known or shift.user_id in spared or shift.user_id not in zones:
            continue
        spared.add(shift.user_id)
        due_at = drill.moment_of(shift.interval, zones[shift.user_id], dice=_dice(key))
        db.session.add(Drill(user_id=key[0], schedule_id=key[1], shift_start=key[2], due_at=due_at))
    db.session.flush()


def ask_now(user: User, *, at: datetime) -> Drill:
    """A drill at once, because the person wants one. While one runs, that one."""
    running = last_of(user.id)
    if running is not None and running.asked_at is not None and _outcome(running, at) is Outcome.RUNNING:
        return running
    row = Drill(user_id=user.id, user=user, due_at=at)
    db.session.add(row)
    db.session.flush()
    _ask(row, at)
    return row


def ask_due(*, at: datetime, limit: int = 20) -> int:
    """Send the drills whose minute has come. Returns how many."""
    due = (
        sa.select(Drill)
        .where(
            Drill.due_at <= at, Drill.asked_at.is_(None), Drill.passed_at.is_(None), Drill.failed_at.is_(None)
        )
        .order_by(Drill.due_at, Drill.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = db.session.scalars(due).all()
    for row in rows:
        if _is_paged(row.user_id, at):
            row.due_at = at + LATER
        else:
            _ask(row, at)
    return len(rows)


def judge(*, at: datetime) -> int:
    """Write down which running drills were passed, and which have failed. Returns how many."""
    running = (
        sa.select(Drill)
        .where(Drill.asked_at.is_not(None), Drill.passed_at.is_(None), Drill.failed_at.is_(None))
        .order_by(Drill.id)
        .with_for_update(skip_locked=True)
    )
    judged = 0
    for row in db.session.scalars(running).all():
        match _outcome(row, at):
            case Outcome.PASSED:
                row.passed_at = tapped_at(row)
            case Outcome.FAILED:
                row.failed_at = at
                _tell(row, at=at)
            case Outcome.RUNNING:
                continue
        judged += 1
    return judged


def last_of(user_id: int) -> Drill | None:
    """The newest drill that was sent to a person; None when there was never one."""
    sent = sa.select(Drill).where(Drill.user_id == user_id, Drill.asked_at.is_not(None))
    return db.session.scalars(sent.order_by(Drill.asked_at.desc(), Drill.id.desc()).limit(1)).one_or_none()


def outcome_of(row: Drill, *, at: datetime) -> Outcome:
    """What is known of it now, whether or not the engine has judged it yet."""
    return _outcome(row, at)


def tapped_at(row: Drill) -> datetime | None:
    """When the person tapped it first; None while they have not."""
    taps = db.session.execute(
        sa.select(Delivery.clicked_at, Delivery.acked_at).where(Delivery.page_id == row.page_id)
    )
    return min((moment for pair in taps for moment in pair if moment is not None), default=None)


def _outcome(row: Drill, at: datetime) -> Outcome:
    if row.passed_at is not None:
        return Outcome.PASSED
    if row.failed_at is not None or row.page_id is None or row.asked_at is None:
        return Outcome.FAILED
    return drill.outcome(row.asked_at, tapped_at(row), now=at)


def _ask(row: Drill, at: datetime) -> None:
    row.asked_at = at
    if not row.user.is_active:
        row.failed_at = at
        return
    ways = rules.ways_for(row.user, SAYS.urgency, at=at, within=drill.ANSWERED_WITHIN)
    why = "You asked for a drill" if row.schedule_id is None else "The first day of your shift"
    page = page_user(
        row.user, SAYS, Place(Subject.USER, row.user_id, reminder=row.id), kind=PageKind.DRILL, reason=[why],
        until=at + drill.ANSWERED_WITHIN, at=at, ways=ways,
    )  # fmt: skip
    db.session.flush()
    row.page_id = None if page is None else page.id


def _is_paged(user_id: int, at: datetime) -> bool:
    """Whether something real asks the person just now: then a drill would only be in the way."""
    asked = sa.select(Page.id).where(
        Page.user_id == user_id, Page.kind == PageKind.PAGE, Page.created_at > at - LATER,
        Page.status.in_((PageStatus.QUEUED, PageStatus.SENT, PageStatus.DELIVERED)),
    )  # fmt: skip
    return db.session.scalar(asked.limit(1)) is not None


def _spared(at: datetime) -> set[int]:
    """Whoever passed a drill lately, or has one before them."""
    lately = sa.select(Drill.user_id).where(
        sa.or_(
            Drill.passed_at > at - drill.REST,
            sa.and_(Drill.asked_at.is_(None), Drill.passed_at.is_(None), Drill.failed_at.is_(None)),
        )
    )
    return set(db.session.scalars(lately))


def _tell(row: Drill, *, at: datetime) -> None:
    """The person hears of each one they missed; whoever manages them, of the second in a row."""
    record(Kind.DRILL_FAILED, Subject.USER, row.user_id, at=at, drill_id=row.id)
    missed = _missed_in_a_row(row.user_id)
    to, title = [row.user], "You did not answer a drill"
    body = (
        "A real page might not have reached you either. Send a test page to each device, and see what it says."
    )
    post(NoticeCategory.ON_CALL, NoticeEvent.DRILL_FAILED, to=to, by=None, title=title, body=body,
         link="/me/devices", at=at)  # fmt: skip
    if missed != drill.TELLS_AFTER:
        return
    managers = [user for user in _managers_of(row.user_id) if user.id != row.user_id]
    title = f"{row.user.name} did not answer {missed} drills"
    body = "A page might not reach them. Talk to them before their next shift, or let somebody else have it."
    post(NoticeCategory.ON_CALL, NoticeEvent.DRILL_FAILED, to=managers, by=None, title=title, body=body,
         link=f"/people/{row.user_id}", at=at)  # fmt: skip


def _missed_in_a_row(user_id: int) -> int:
    """How many of the newest drills failed, up to the last that was passed."""
    newest = (
        sa.select(Drill.passed_at)
        .where(Drill.user_id == user_id, Drill.asked_at.is_not(None))
        .where(sa.or_(Drill.passed_at.is_not(None), Drill.failed_at.is_not(None)))
        .order_by(Drill.asked_at.desc(), Drill.id.desc())
        .limit(drill.TELLS_AFTER + 1)
    )
    missed = 0
    for passed in db.session.scalars(newest):
        if passed is not None:
            break
        missed += 1
    return missed


def _managers_of(user_id: int) -> Sequence[User]:
    """Who manages the person's teams; else the administrators."""
    mine = sa.select(Membership.team_id).where(Membership.user_id == user_id)
    managing = sa.select(Membership.user_id).where(
        Membership.team_id.in_(mine), Membership.role == TeamRole.MANAGER
    )
    named = sa.select(Team.manager_id).where(Team.id.in_(mine), Team.manager_id.is_not(None))
    people = sa.select(User).where(User.is_active, sa.or_(User.id.in_(managing), User.id.in_(named)))
    found = db.session.scalars(people.order_by(User.id)).all()
    return [user for user in found if user.id != user_id] or queries.administrators()


def _dice(key: tuple[int, int, datetime]) -> float:
    """A number in [0, 1) that nobody guesses easily and every engine finds alike."""
    digest = hashlib.sha256(f"{key[0]}:{key[1]}:{key[2].isoformat()}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
