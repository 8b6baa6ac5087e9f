"""`POST /r/<token>`: what a device says of a page, and acknowledging without signing in (SEC-7).

Only POST has an effect, and only `acked` changes something: an alert, a handoff, who is on an incident.
`clicked` answers the card that the page draws.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import queries
from app.alerts.acknowledge import Acknowledged, acknowledge
from app.alerts.models import Alert
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.moment import parse as parse_moment
from app.domain.timeline import Subject
from app.domain.words import AlertStatus, PageKind
from app.domain.zone import named, short
from app.incidents import access, assemble
from app.incidents import queries as incidents
from app.oncall import handoff
from app.oncall.models import Handoff
from app.paging import bundle
from app.paging.models import Delivery, Page
from app.paging.receipts import Stage, TokenExpired, find, note_stage
from app.people.models import User
from app.people.rights import Act, may

blueprint = Blueprint("receipts", __name__)

LONGEST_BODY = 4096
HEARD = "Heard. It was a drill: nothing is broken, and there is nothing to do."


@blueprint.post("/r/<token>")
def report(token: str) -> ResponseReturnValue:
    """Take a report in. Answers what is true now, in a sentence for the person who pressed."""
    said = request.get_json(silent=True, force=True) if (request.content_length or 0) <= LONGEST_BODY else None
    stage = said.get("stage") if isinstance(said, dict) else None
    if not isinstance(said, dict) or stage not in list(Stage):
        return _say(400, "not_understood", f"Expected a stage: one of {', '.join(Stage)}.")
    pressed_at = parse_moment(said.get("at"))
    with transaction():
        try:
            delivery = find(token, at=clock.now())
        except TokenExpired:
            return _say(410, "expired", "This page is over a day old. Open Nightbell to see what is true now.")
        if delivery is None:
            return _say(404, "unknown", "This is not one of our pages.")
        if stage != Stage.ACKED or delivery.page.kind in (PageKind.TEST, PageKind.DRILL):
            note_stage(delivery, Stage(stage), at=clock.now())
            return _say(200, "recorded", "Noted.", delivery)
        status, outcome, words = acknowledge_by(delivery, pressed_at=pressed_at)
        return _say(status, outcome, words, delivery if status == 200 else None)


def acknowledge_by(delivery: Delivery, *, pressed_at: datetime | None) -> tuple[int, str, str]:
    """Take the alert or the handoff, or join the incident. Answers an HTTP status, the outcome, a sentence."""
    page = delivery.page
    if page.kind in (PageKind.TEST, PageKind.DRILL):
        note_stage(delivery, Stage.ACKED, at=clock.now())
        return 200, "recorded", HEARD
    if page.subject_kind == Subject.INCIDENT:
        return _come(delivery)
    if page.subject_kind == Subject.HANDOFF:
        return _take_over(delivery)
    others = (
        {each.subject_id: each for each in bundle.answered_by(delivery)} if page.kind is PageKind.PAGE else {}
    )
    others.pop(page.subject_id, None)
    if page.subject_kind == Subject.ALERT:  # all of them first, in one order: two presses wait for each other
        queries.locked_all(sorted({page.subject_id, *others}))
    alert = queries.locked(page.subject_id) if page.subject_kind == Subject.ALERT else None
    if alert is None:
        return 404, "unknown", "There is nothing to acknowledge here."
    at = clock.now()
    note_stage(delivery, Stage.ACKED, at=at)
    if not access.may_respond(page.user, alert):  # as the rows say now, however long the press has waited
        why = "is switched off" if not page.user.is_active else "only looks on now"
        return 403, "not_allowed", f"Your account {why}, so this page is no longer yours to take."
    outcome = acknowledge(
        alert, by=page.user, at=at, run=page.run, pressed_at=pressed_at, device=delivery.subscription_id
    )
    db.session.flush()
    taken = [each for each in others.values() if _take_along(each, delivery, pressed_at=pressed_at)]
    if outcome is Acknowledged.ACKNOWLEDGED and taken:
        return 200, outcome, all_yours(len(taken) + 1, of=len(taken) + 1)
    says = sentence(outcome, alert, page.user)
    return 200, outcome, f"You have {_others(len(taken))}. Of this one: {says}" if taken else says


def all_yours(alerts: int, *, of: int) -> str:
    """What is true when one press took several, of those that it was for."""
    if alerts < of:
        return f"You have {alerts} of {of}. The others say who has them."
    return f"You have all {alerts}. Nobody else is paged."


def _others(alerts: int) -> str:
    return "the other one" if alerts == 1 else f"the {alerts} others"


def would_take(delivery: Delivery) -> list[Alert]:
    """The alerts that a press on this message makes theirs, or counts for them, the message's own first."""
    page = delivery.page
    pages = bundle.answered_by(delivery) if page.kind is PageKind.PAGE else [page]
    return waiting_of(pages, page.user, first=page.subject_id)


def waiting_of(pages: Iterable[Page], user: User, *, first: int) -> list[Alert]:
    """The alerts of these pages that nobody has and that this person may take."""
    runs = {page.subject_id: page.run for page in pages if page.subject_kind == Subject.ALERT}
    waiting = sa.select(Alert).where(Alert.id.in_(runs), Alert.status == AlertStatus.TRIGGERED)
    return [
        alert
        for alert in db.session.scalars(waiting.order_by(Alert.id != first, Alert.id))
        if alert.run == runs[alert.id] and access.may_respond(user, alert)
    ]


def _take_along(page: Page, delivery: Delivery, *, pressed_at: datetime | None) -> bool:
    """Acknowledge another alert of the same message; whether that made it theirs."""
    alert = queries.locked(page.subject_id)
    if alert is None or not access.may_respond(page.user, alert):
        return False
    outcome = acknowledge(
        alert, by=page.user, at=clock.now(), run=page.run, pressed_at=pressed_at,
        device=delivery.subscription_id,
    )  # fmt: skip
    db.session.flush()
    return outcome is Acknowledged.ACKNOWLEDGED


def _come(delivery: Delivery) -> tuple[int, str, str]:
    """Whoever was asked into an incident says yes from the lock screen."""
    page = delivery.page
    incident = incidents.locked(page.subject_id)
    if incident is None:
        return 404, "unknown", "There is nothing to acknowledge here."
    at = clock.now()
    note_stage(delivery, Stage.ACKED, at=at)
    try:
        assemble.join(incident, by=page.user, at=at)
    except InvalidTransition as refused:
        return 409, "over", str(refused)
    return 200, Acknowledged.ACKNOWLEDGED, "You are on it."


def _take_over(delivery: Delivery) -> tuple[int, str, str]:
    """ "I have it", said on the notification of a handoff (D11). Who is paged never waited for it."""
    user, row = delivery.page.user, db.session.get(Handoff, delivery.page.subject_id, with_for_update=True)
    if row is None:
        return 404, "unknown", "This handoff is no longer to come. Open Nightbell to see who is on call."
    note_stage(delivery, Stage.ACKED, at=clock.now())
    if not may(user, Act.SEE_OPERATIONS):
        return 403, "not_allowed", "Your account no longer takes turns. Somebody else is asked."
    try:
        handoff.confirm(row, by=user, at=clock.now())
    except handoff.NotYours:
        return 409, "not_yours", f"{row.incoming.name} is on call then, not you. You need do nothing."
    told = f" {row.outgoing.name} has been told." if row.outgoing is not None else ""
    return 200, "confirmed", f"You have it.{told}"


def sentence(outcome: Acknowledged, alert: Alert, reader: User) -> str:
    """What is true now, for the person who acknowledged: first, again, late, or after somebody else."""
    zone = named(reader.time_zone)
    match outcome:
        case Acknowledged.ACKNOWLEDGED:
            again = f" We ask again at {short(alert.ask_again_at, zone)}." if alert.ask_again_at else ""
            return f"You have it. Nobody else is paged.{again}"
        case Acknowledged.COUNTED:
            return "You have it. Others are still asked: several must acknowledge this one."
        case Acknowledged.ALREADY_YOURS:
            since = f" since {short(alert.acknowledged_at, zone)}" if alert.acknowledged_at else ""
            return f"You have it{since}."
        case Acknowledged.ALREADY_OTHER:
            who = alert.acknowledged_by.name if alert.acknowledged_by else "Somebody at the source"
            since = f" since {short(alert.acknowledged_at, zone)}" if alert.acknowledged_at else ""
            return f"{who} has it{since}. You need do nothing."
        case Acknowledged.OVER:
            since = f" since {short(alert.resolved_at, zone)}" if alert.resolved_at else ""
            return f"It is over{since}. You need do nothing."
        case Acknowledged.NEWER_RUN:
            return "This page is from before the alert came back. Open it to see who is asked now."


def alert_of(delivery: Delivery) -> Alert | None:
    """The alert that this page is about, as far as whoever was paged may still read it (SEC-17)."""
    page = delivery.page
    alert = db.session.get(Alert, page.subject_id) if page.subject_kind == Subject.ALERT else None
    return alert if alert is not None and access.may_see(page.user, alert) else None


def _card(delivery: Delivery) -> dict[str, Any] | None:
    """What the opened page shows without a login: the card of this one alert and nothing else."""
    page, alert = delivery.page, alert_of(delivery)
    if alert is None:
        return None
    return {
        "number": alert.number,
        "title": alert.title,
        "service": alert.service.name,
        "severity": alert.severity,
        "status": alert.status,
        "started_at": _z(alert.started_at),
        "acknowledged_at": _z(alert.acknowledged_at),
        "acknowledged_by": alert.acknowledged_by.name if alert.acknowledged_by else None,
        "is_yours": alert.acknowledged_by_id == page.user_id,
        "newer_run": page.run != alert.run,
        "takes": len(would_take(delivery)),
        "next_at": _z(queries.escalation_of(alert).next_due_at),
        "now": _z(clock.now()),
    }


def _z(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _say(status: int, outcome: str, words: str, delivery: Delivery | None = None) -> ResponseReturnValue:
    answer = jsonify(outcome=str(outcome), sentence=words, alert=_card(delivery) if delivery else None)
    answer.headers["Cache-Control"] = "no-store"
    return answer, status
