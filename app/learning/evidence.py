"""What the rows say to each of the six questions: read beside it in the review, computed, nobody's opinion."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from app.alerts.models import Alert, Integration
from app.database import db
from app.domain.timeline import Kind, Subject
from app.domain.words import Attendance, PageStatus, Question
from app.incidents import decide
from app.incidents.models import Incident, IncidentAlert, IncidentUpdate
from app.paging.models import Delivery, Page
from app.timeline.models import Event

BEFORE = timedelta(days=28)  # how far back alerts of the same services are counted


def of(incident: Incident) -> dict[Question, list[str]]:
    """Sentences by question. Moments are told as how long after the detection, so they need no zone."""
    return {
        Question.SPEED: _speed(incident),
        Question.PEOPLE: _people(incident),
        Question.ALERTS: _alerts(incident),
        Question.THRESHOLDS: _thresholds(incident),
        Question.INSTRUMENTATION: _instrumentation(incident),
        Question.COMMUNICATION: _communication(incident),
    }


def _speed(incident: Incident) -> list[str]:
    steps = (
        ("declared", incident.declared_at), ("acknowledged", incident.acknowledged_at),
        ("contained", incident.mitigated_at), ("resolved", incident.resolved_at),
    )  # fmt: skip
    return [
        f"{word.capitalize()} {after(incident.detected_at, at)} it was detected."
        if at is not None else f"Nobody wrote down when it was {word}."
        for word, at in steps
    ]  # fmt: skip


def _people(incident: Incident) -> list[str]:
    pages = _pages(incident)
    people = {page.user_id for page in pages}
    answered = sum(page.status is PageStatus.ACKNOWLEDGED for page in pages)
    shown = db.session.scalar(
        sa.select(sa.func.count(sa.distinct(Delivery.page_id))).where(
            Delivery.page_id.in_([page.id for page in pages]), Delivery.shown_at.is_not(None)
        )
    )
    found = [
        f"{_count(len(pages), 'page')} to {_count(len(people), 'person', 'people')}: {shown or 0} shown on a"
        f" device, {answered} acknowledged."
    ]  # fmt: skip
    for each in incident.members:
        if each.attendance is Attendance.JOINED and each.answered_at is not None:
            found.append(f"{each.user.name} joined {after(incident.detected_at, each.answered_at)} detection.")
        elif each.attendance is Attendance.ASKED:
            found.append(f"{each.user.name} was asked and did not answer.")
    teams = [team.name for team in incident.supporting_teams]
    return [*found, f"Brought in: {', '.join(teams)}."] if teams else found


def _alerts(incident: Incident) -> list[str]:
    numbers = [alert.id for alert in incident.alerts]
    raised = _events(Subject.ALERT, numbers, Kind.SEVERITY_CHANGED)
    found = [f"{_count(len(numbers), 'alert')} in the incident, {raised} with another severity later."]
    services = [service.id for service in incident.services]
    since = incident.detected_at - BEFORE
    lately = sa.select(sa.func.count()).select_from(Alert).where(
        Alert.service_id.in_(services), Alert.created_at >= since, Alert.created_at < incident.detected_at
    )  # fmt: skip
    total = db.session.scalar(lately) or 0
    real = db.session.scalar(lately.where(Alert.id.in_(sa.select(IncidentAlert.alert_id)))) or 0
    return [
        *found,
        f"In the 28 days before, these services had {_count(total, 'alert')}; {real} became incidents.",
    ]


def _thresholds(incident: Incident) -> list[str]:
    began, noticed = incident.impact_started_at, incident.detected_at
    if began is None:
        return ["Nobody said when the impact began, so how late it was detected is not known."]
    if began >= noticed:
        return ["It was detected before anybody noticed it."]
    return [f"Detected {after(began, noticed)} the impact began."]


def _instrumentation(incident: Incident) -> list[str]:
    first = min((alert.created_at for alert in incident.alerts), default=None)
    told = "An alert told of it first." if first is not None and first <= incident.declared_at else (
        "A person told of it before any alert did."
    )  # fmt: skip
    alerting = set(db.session.scalars(sa.select(Integration.service_id).where(Integration.is_active)))
    silent = [service.name for service in incident.services if service.id not in alerting]
    quiet = {service.id for service in incident.services} - {alert.service_id for alert in incident.alerts}
    found = [told, *(f"{name} has no way in for alerts." for name in silent)]
    for service in incident.services:
        if service.id in quiet and service.name not in silent:
            found.append(f"{service.name} was in it and had no alert.")
    seen = decide.symptoms(incident)
    return [*found, *(f"Seen by people: {each.text}" for each in seen[:5])]


def _communication(incident: Incident) -> list[str]:
    rows = sa.select(IncidentUpdate).where(IncidentUpdate.incident_id == incident.id)
    sent = db.session.scalars(rows.order_by(IncidentUpdate.number)).all()
    if not sent:
        return ["No update was sent."]
    late = sum(
        earlier.next_at is not None and later.sent_at > earlier.next_at for earlier, later in pairwise(sent)
    )
    without = _events(Subject.INCIDENT, [incident.id], Kind.ROUND_WITHOUT_UPDATE)
    found = [
        f"{_count(len(sent), 'update')}, the first {after(incident.detected_at, sent[0].sent_at)} detection,"
        f" {late} later than promised."
    ]  # fmt: skip
    return [*found, f"{_count(without, 'round')} ended without one."] if without else found


def after(start: datetime, end: datetime) -> str:
    """ "14 min after", "2 h 3 min before": how far apart two moments are, and which came first."""
    return f"{lasted(start, end)} {'after' if end >= start else 'before'}"


def lasted(start: datetime, end: datetime) -> str:
    hours, rest = divmod(abs(round((end - start).total_seconds() / 60)), 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


def _pages(incident: Incident) -> Sequence[Page]:
    numbers = [alert.id for alert in incident.alerts]
    of_alerts = sa.and_(Page.subject_kind == str(Subject.ALERT), Page.subject_id.in_(numbers))
    of_it = sa.and_(Page.subject_kind == str(Subject.INCIDENT), Page.subject_id == incident.id)
    return db.session.scalars(sa.select(Page).where(sa.or_(of_alerts, of_it)).order_by(Page.id)).all()


def _events(subject: Subject, numbers: Sequence[int], kind: Kind) -> int:
    rows = sa.select(sa.func.count()).select_from(Event).where(
        Event.subject_kind == str(subject), Event.subject_id.in_(numbers), Event.kind == kind
    )  # fmt: skip
    return db.session.scalar(rows) or 0


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
