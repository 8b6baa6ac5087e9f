"""The link in a mailed page: looking changes nothing, its button acknowledges, without a login (feature 51)."""

from collections.abc import Sequence

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts.acknowledge import Acknowledged
from app.alerts.models import Alert
from app.database import transaction
from app.domain.words import AlertStatus, PageKind
from app.paging.models import Delivery
from app.paging.payload import DRILL_BODY
from app.paging.receipts import TokenExpired, find
from app.web.receipts import HEARD, acknowledge_by, alert_of, sentence, would_take

blueprint = Blueprint("mailed_pages", __name__)

EXPIRED = "This page is over a day old. Sign in to see what is true now."
UNKNOWN = "This is not one of our pages."


@blueprint.get("/r/<token>")
def show(token: str) -> ResponseReturnValue:
    """The alert with a button. Scanners and previews follow links, so this writes nothing."""
    try:
        delivery = find(token, at=clock.now())
    except TokenExpired:
        return _page(410, EXPIRED)
    if delivery is not None and delivery.page.kind is PageKind.DRILL:
        return _page(200, *((HEARD, None, None) if delivery.acked_at else (DRILL_BODY, None, token)))
    alert = None if delivery is None else alert_of(delivery)
    if delivery is None or alert is None:
        return _page(404, UNKNOWN)
    standing, takes = _standing(delivery, alert), would_take(delivery)
    says = None if standing is None else sentence(standing, alert, delivery.page.user)
    return _page(200, says, alert, token if takes or standing is None else None, takes)


@blueprint.post("/r/<token>/acknowledgement")
def acknowledge(token: str) -> ResponseReturnValue:
    """The button: first, twice, late or after somebody else, it says what is true."""
    with transaction():
        try:
            delivery = find(token, at=clock.now())
        except TokenExpired:
            return _page(410, EXPIRED)
        if delivery is None:
            return _page(404, UNKNOWN)
        status, _, words = acknowledge_by(delivery, pressed_at=None)
        return _page(status, words, alert_of(delivery) if status == 200 else None)


def _standing(delivery: Delivery, alert: Alert) -> Acknowledged | None:
    """What the button would find; None while it would take the alert."""
    if not alert.is_open:
        return Acknowledged.OVER
    if delivery.page.run != alert.run:
        return Acknowledged.NEWER_RUN
    if alert.status is AlertStatus.TRIGGERED:
        return None
    mine = alert.acknowledged_by_id == delivery.page.user_id
    return Acknowledged.ALREADY_YOURS if mine else Acknowledged.ALREADY_OTHER


def _page(
    status: int,
    says: str | None,
    alert: Alert | None = None,
    token: str | None = None,
    takes: Sequence[Alert] = (),
) -> ResponseReturnValue:
    """`takes`: what the button makes theirs, where that is more than `alert`, or something else."""
    others = [each for each in takes if each is not alert]
    drawn = render_template(
        "alerts/mailed.html", says=says, alert=alert, token=token, others=others, takes=len(takes)
    )
    answer = make_response(drawn, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
