"""What each responder says when it is over: right people, right alerts, anything missing (S-75)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import IncidentStatus, Verdict
from app.incidents import access
from app.incidents.models import Incident
from app.learning import meeting
from app.learning.models import Feedback, FeedbackGiven
from app.people import queries as people
from app.people.models import User
from app.timeline.record import record

LONGEST = 2000
OVER = {IncidentStatus.RESOLVED, IncidentStatus.CLOSED}
FEWEST = 3  # of an anonymous incident: fewer would tell who said it
NAMES = ("people", "alerts")


@dataclass(frozen=True)
class Said:
    """`counts` by question, `incidents` and `people` behind them, and what was missing, the newest first."""

    incidents: int
    answers: int
    counts: Mapping[str, Mapping[Verdict, int]]
    missing: Sequence[tuple[int, str]]


def is_anonymous() -> bool:
    organisation = people.organisation()
    return organisation is not None and organisation.is_feedback_anonymous


def is_asked(incident: Incident, user: User) -> bool:
    """Whether this person responded, it is over, and they have not said anything yet."""
    if incident.status not in OVER or incident.merged_into_id is not None:
        return False
    if db.session.get(FeedbackGiven, (incident.id, user.id)) is not None:
        return False
    return user.id in {each.id for each in meeting.who_responded(incident)}


def give(
    incident: Incident, *, right_people: Verdict, right_alerts: Verdict, missing: str, by: User, at: datetime
) -> None:
    """Once for each person. Where the organisation wants it nameless, no row says who said what, nor the hour.

    Raises InvalidField where it is too long, InvalidTransition for whoever is not asked, or has answered.
    """
    if len(missing) > LONGEST:
        raise InvalidField([("/missing", "That is longer than 2,000 characters.")])
    if not is_asked(incident, by):
        raise InvalidTransition("You have answered already, or it is not over, or you were not in it.")
    nameless = is_anonymous()
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    db.session.add(FeedbackGiven(incident_id=incident.id, user_id=by.id))
    db.session.add(
        Feedback(
            lot=secrets.token_hex(16), incident_id=incident.id, user_id=None if nameless else by.id,
            people=right_people, alerts=right_alerts, missing=prose(missing, limit=LONGEST),
            at=day if nameless else at,
        )
    )  # fmt: skip
    db.session.flush()
    record(Kind.FEEDBACK_GIVEN, Subject.INCIDENT, incident.id, at=at, by=None if nameless else by)


def counted(user: User, *, since: datetime) -> Said:
    """What was said of incidents resolved since then, of those that this person may read.

    Nameless answers count once three have come for the incident: fewer would tell who gave them.
    """
    seen = sa.select(Incident.id).where(access.incidents_seen_by(user), Incident.resolved_at >= since)
    many = (
        sa.select(Feedback.incident_id).where(Feedback.user_id.is_(None)).group_by(Feedback.incident_id)
        .having(sa.func.count() >= FEWEST)
    )  # fmt: skip
    rows = sa.select(Feedback).where(
        Feedback.incident_id.in_(seen), sa.or_(Feedback.user_id.is_not(None), Feedback.incident_id.in_(many))
    )
    found = db.session.scalars(rows.order_by(Feedback.incident_id.desc(), Feedback.lot)).all()
    counts = {name: dict.fromkeys(Verdict, 0) for name in NAMES}
    for each in found:
        for name in NAMES:
            counts[name][getattr(each, name)] += 1
    missing = [(each.incident_id, each.missing) for each in found if each.missing]
    return Said(len({each.incident_id for each in found}), len(found), counts, missing)
