"""The review meeting: proposed, planned, moved, held; whoever responded is invited with a calendar file."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain import meeting as rules
from app.domain.interval import Interval
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.text import one_line, prose
from app.domain.timeline import Kind, Subject
from app.domain.zone import UnknownZone, named
from app.incidents import access
from app.incidents.models import Incident
from app.learning import tell
from app.learning.models import Postmortem, ReviewAttendee, ReviewMeeting
from app.oncall import ledger
from app.oncall.models import TimeOff
from app.oncall.queries import rosters
from app.people.models import User
from app.people.rights import Act, may
from app.timeline.once import is_first
from app.timeline.record import record

LONGEST_PLACE, LONGEST_TEXT = 500, 50_000
LONGEST_MEETING = timedelta(hours=8)
REMINDED = timedelta(hours=1)  # before it begins


def of(postmortem: Postmortem) -> ReviewMeeting | None:
    """The meeting about it with whoever is invited, if one was planned."""
    rows = sa.select(ReviewMeeting).where(ReviewMeeting.id == postmortem.id)
    return db.session.scalars(
        rows.options(joinedload(ReviewMeeting.attendees).joinedload(ReviewAttendee.user))
    ).unique().one_or_none()  # fmt: skip


def responders(postmortem: Postmortem) -> list[User]:
    """All who responded (S-62), and whoever owns the postmortem."""
    return who_responded(postmortem.incident, postmortem.owner)


def who_responded(incident: Incident, *others: User | None) -> list[User]:
    """Whoever was in the incident, led it, or had its alerts; and these others."""
    people: list[User | None] = [incident.commander, *others]
    people += [each.user for each in incident.members if each.is_there]
    people += [alert.acknowledged_by for alert in incident.alerts]
    found = {each.id: each for each in people if each is not None and each.is_active}
    here = [each for each in found.values() if may(each, Act.SEE_OPERATIONS)]
    return sorted(access.who_sees(incident, here), key=lambda user: (user.name, user.id))


def proposed(people: Sequence[User], *, at: datetime) -> list[rules.Slot]:
    """Hours of the coming week that suit these people best, from their shifts, their time off, their zones."""
    return rules.propose(_invited(people, at, at + rules.AHEAD + timedelta(days=1)), after=at) if people else []


def against(people: Sequence[User], start: datetime, end: datetime) -> tuple[str, ...]:
    """For whom this hour is not good, and why."""
    around = timedelta(days=1)
    return rules.look_at(_invited(people, start - around, end + around), start, end).against


def plan(
    postmortem: Postmortem, *, start: datetime, minutes: int, place: str = "", by: User, at: datetime
) -> ReviewMeeting:
    """Everybody who responded is invited; planned again, it moves, and everybody hears of that.

    Raises InvalidField about `/start`, `/minutes`; InvalidTransition once it was held.
    """
    problems = [] if start > at else [("/start", "That is over. Choose an hour to come.")]
    if not 0 < minutes <= LONGEST_MEETING // timedelta(minutes=1):
        problems.append(("/minutes", "A meeting lasts between a minute and 8 hours."))
    if problems:
        raise InvalidField(problems)
    end = start + timedelta(minutes=minutes)
    made, where = of(postmortem), one_line(place, limit=LONGEST_PLACE)
    if made is not None and made.held_at is not None:
        raise InvalidTransition("The review was held. What it found stands in the postmortem.")
    if made is None:
        made = ReviewMeeting(
            id=postmortem.id, sequence=0, notes="", decisions="", planned_by_id=by.id, planned_at=at,
            starts_at=start, ends_at=end, place=where, updated_at=at,
        )  # fmt: skip
        db.session.add(made)
    elif (made.starts_at, made.ends_at, made.place, made.cancelled_at) == (start, end, where, None):
        return made
    else:
        made.sequence += 1
        made.starts_at, made.ends_at, made.place, made.cancelled_at = start, end, where, None
        made.planned_by_id, made.updated_at = by.id, at
    db.session.flush()
    _invite(made, responders(postmortem), at)
    record(
        Kind.REVIEW_PLANNED, Subject.INCIDENT, postmortem.id, at=at, by=by, starts_at=start.isoformat(),
        user_ids=[each.user_id for each in made.attendees],
    )  # fmt: skip
    tell.a_review_is_planned(postmortem, made, by=by, at=at)
    return made


def cancel(postmortem: Postmortem, *, by: User, at: datetime) -> None:
    """Everybody who was invited hears that it does not take place."""
    made = _planned(postmortem)
    made.cancelled_at = made.updated_at = at
    made.sequence += 1
    record(Kind.REVIEW_CANCELLED, Subject.INCIDENT, postmortem.id, at=at, by=by)
    tell.a_review_is_cancelled(postmortem, made, by=by, at=at)


def hold(
    postmortem: Postmortem, *, came: Collection[int], notes: str, decisions: str, by: User, at: datetime
) -> None:
    """Who came, what was said and what was decided: it stands in the postmortem from here on (S-56, S-63).

    Again, it is corrected. Raises InvalidField where it is too long, InvalidTransition where none is planned.
    """
    long = [
        (f"/{name}", "That is longer than 50,000 characters.")
        for name, text in (("notes", notes), ("decisions", decisions)) if len(text) > LONGEST_TEXT
    ]  # fmt: skip
    if long:
        raise InvalidField(long)
    made = _planned(postmortem)
    known = {each.user_id for each in made.attendees}
    more = [db.session.get(User, number) for number in came if number not in known]
    _invite(made, [each for each in more if each is not None and each.is_active], at)
    for each in made.attendees:
        each.came = each.user_id in came
    is_first = made.held_at is None
    made.notes, made.decisions = prose(notes, limit=LONGEST_TEXT), prose(decisions, limit=LONGEST_TEXT)
    made.held_at = made.held_at or at
    made.updated_at = postmortem.updated_at = at
    kind = Kind.REVIEW_HELD if is_first else Kind.REVIEW_CORRECTED
    there = [each.user_id for each in made.attendees if each.came]
    record(kind, Subject.INCIDENT, postmortem.id, at=at, by=by, user_ids=there)


def remind_due(at: datetime) -> int:
    """Who is invited hears of it an hour before, once. Returns how many heard."""
    rows = sa.select(ReviewMeeting).where(
        ReviewMeeting.starts_at > at, ReviewMeeting.starts_at <= at + REMINDED, ReviewMeeting.held_at.is_(None),
        ReviewMeeting.cancelled_at.is_(None),
    )  # fmt: skip
    told = 0
    for made in db.session.scalars(rows.order_by(ReviewMeeting.id)).all():
        if made.updated_at > made.starts_at - REMINDED:  # they heard of it within the hour
            continue
        if is_first(f"review {made.id} {made.starts_at.isoformat()}", at=at):
            told += tell.a_review_begins(db.session.get_one(Postmortem, made.id), made, at=at)
    return told


def uninvite(user: User, *, at: datetime) -> int:
    """Who has left is asked to no review to come; where they were before stays. Returns to how many."""
    to_come = sa.select(ReviewMeeting.id).where(ReviewMeeting.starts_at > at, ReviewMeeting.held_at.is_(None))
    gone = sa.delete(ReviewAttendee).where(
        ReviewAttendee.user_id == user.id, ReviewAttendee.incident_id.in_(to_come)
    )
    return len(db.session.execute(gone.returning(ReviewAttendee.incident_id)).all())


def _planned(postmortem: Postmortem) -> ReviewMeeting:
    made = of(postmortem)
    if made is None or made.cancelled_at is not None:
        raise InvalidTransition("No review is planned. Choose an hour first.")
    return made


def _invite(made: ReviewMeeting, people: Iterable[User], at: datetime) -> None:
    known = {each.user_id for each in made.attendees}
    for user in people:
        if user.id not in known:
            invited = ReviewAttendee(incident_id=made.id, user_id=user.id, invited_at=at)
            invited.user = user
            made.attendees.append(invited)
    db.session.flush()


def _invited(people: Sequence[User], start: datetime, end: datetime) -> list[rules.Invited]:
    ids = {each.id for each in people}
    on_call: dict[int, list[Interval]] = {number: [] for number in ids}
    for roster in rosters(start, end).values():
        for piece in ledger.pieces(roster.schedule, roster.config, start, end):
            for holder in piece.on_call:
                if holder.user_id in ids:
                    on_call[holder.user_id].append(Interval(piece.start, piece.end))
    away: dict[int, list[Interval]] = {number: [] for number in ids}
    off = sa.select(TimeOff).where(TimeOff.user_id.in_(ids), TimeOff.start < end, TimeOff.end > start)
    for each in db.session.scalars(off):
        away[each.user_id].append(Interval(each.start, each.end))
    return [
        rules.Invited(each.name, _zone(each), tuple(on_call[each.id]), tuple(away[each.id])) for each in people
    ]


def _zone(user: User) -> ZoneInfo:
    try:
        return named(user.time_zone)
    except UnknownZone:
        return named("UTC")
