"""Alerts: the list, one alert, and everything a person can do with it."""

from datetime import datetime, timedelta

from flask import Blueprint, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import clock
from app.alerts import listing, queries
from app.alerts.acknowledge import Acknowledged, acknowledge, join, unacknowledge
from app.alerts.escalate import escalate_now
from app.alerts.models import Alert
from app.alerts.note import note
from app.alerts.reassign import reassign
from app.alerts.resolve import reopen, resolve
from app.alerts.snooze import snooze, wake
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.phrase import counted
from app.domain.words import IncidentSeverity
from app.domain.zone import instant, next_at
from app.incidents import access
from app.incidents.promote import promote
from app.people.models import User
from app.people.queries import teams_of
from app.people.rights import Act, NotAllowed, require, who_may
from app.web.access import current_user, needs, viewer
from app.web.alert_filters import chips, filters_from
from app.web.alert_view import MORNING, alert_view, along, row
from app.web.errors import NotFound
from app.web.form import as_number
from app.web.receipts import all_yours, sentence
from app.web.redirects import back, see
from app.web.toast import toast
from app.web.words import moment, viewer_zone

blueprint = Blueprint("alerts", __name__)


@blueprint.get("/alerts")
@needs(Act.SEE_OPERATIONS)
def index() -> ResponseReturnValue:
    """Triage. What was chosen is remembered until it is cleared."""
    person = viewer()
    chosen = _remembered(request.args)
    mine = teams_of(person)
    filters = filters_from(chosen, person, mine)
    return render_template(
        "alerts/index.html",
        alerts=[row(alert, person) for alert in listing.alerts(filters, among=access.alerts_seen_by(person))],
        chips=chips(chosen, person, filters, mine),
        is_filtered=bool(chosen),
    )


@blueprint.get("/alerts/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """One alert; without a login the page that draws it from the token in its address, and asks for nothing."""
    person = current_user()
    if person is None:
        return render_template("alerts/by_token.html", number=number)
    require(person, Act.SEE_OPERATIONS)
    alert = queries.shown(number)
    if alert is None or not access.may_see(person, alert):
        raise NotFound
    waiting = listing.alerts(listing.Filters(needs_me=person.id), among=access.alerts_seen_by(person))
    view = alert_view(alert, person, waiting=waiting, may_respond=access.may_respond(person, alert))
    return render_template("alerts/show.html", alert=view)


@blueprint.post("/alerts/<int:number>/acknowledgement")
@needs(Act.SEE_OPERATIONS)
def take(number: int) -> ResponseReturnValue:
    """I have it. With `join`, also from whoever has it."""
    with transaction():
        others = _along(number) if request.form.get("all") else {}
        queries.locked_all(sorted({number, *others}))  # in one order: two presses wait for each other
        alert, by, at = _locked(number), viewer(), clock.now()
        run = request.form.get("run", type=as_number)
        outcome = acknowledge(alert, by=by, at=at, run=run)
        if outcome is Acknowledged.ALREADY_OTHER and request.form.get("join"):
            join(alert, by=by, at=at)
            outcome = Acknowledged.ACKNOWLEDGED
        db.session.flush()
        says = sentence(outcome, alert, by)
        is_mine = outcome is Acknowledged.ACKNOWLEDGED
        taken = sum(_take_along(*each) for each in others.items()) if is_mine else 0
        if taken:
            says, is_mine = all_yours(taken + 1, of=len(others) + 1), False
    undo = url_for(".give_back", number=number) if is_mine else None
    toast(says, undo=undo, fields=[("back", request.form.get("back", ""))])
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/acknowledgement/removal")
@needs(Act.SEE_OPERATIONS)
def give_back(number: int) -> ResponseReturnValue:
    with transaction():
        unacknowledge(_locked(number), by=viewer(), at=clock.now())
    toast("Given back. Its policy begins again now.")
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/snooze")
@needs(Act.SEE_OPERATIONS)
def put_off(number: int) -> ResponseReturnValue:
    with transaction():
        alert, by, at = _locked(number), viewer(), clock.now()
        was_open = alert.acknowledged_at is None
        until = _snooze_end(at)
        snooze(alert, until=until, by=by, at=at)
    toast(
        f"Snoozed. It comes back at {moment(until)}.",
        undo=url_for(".wake_up", number=number) if was_open else None,
    )
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/snooze/removal")
@needs(Act.SEE_OPERATIONS)
def wake_up(number: int) -> ResponseReturnValue:
    with transaction():
        wake(_locked(number), by=viewer(), at=clock.now())
    toast("Back from snooze. Its policy begins again now.")
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/assignment")
@needs(Act.SEE_OPERATIONS)
def give_to(number: int) -> ResponseReturnValue:
    with transaction():
        alert, to = _locked(number), db.session.get(User, request.form.get("user_id", 0, type=as_number))
        if to is None:
            raise InvalidTransition("Choose somebody to give it to.")
        reassign(alert, to=to, by=viewer(), at=clock.now())
        says = f"{to.name} is paged now."
    toast(says)
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/escalation")
@needs(Act.SEE_OPERATIONS)
def ask_next(number: int) -> ResponseReturnValue:
    with transaction():
        escalate_now(_locked(number), by=viewer(), at=clock.now())
    toast("The next step is paged now.")
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/resolution")
@needs(Act.SEE_OPERATIONS)
def end(number: int) -> ResponseReturnValue:
    with transaction():
        resolve(_locked(number), by=viewer(), at=clock.now(), reason=_text("reason", 1000))
    toast("Resolved.", undo=url_for(".open_again", number=number))
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/reopening")
@needs(Act.SEE_OPERATIONS)
def open_again(number: int) -> ResponseReturnValue:
    with transaction():
        reopen(_locked(number), by=viewer(), at=clock.now())
    toast("Reopened. Its policy begins again now.")
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/notes")
@needs(Act.SEE_OPERATIONS)
def add_note(number: int) -> ResponseReturnValue:
    text = _text("text", 4000)
    if not text:
        raise InvalidTransition("A note needs a word or two.")
    with transaction():
        note(_locked(number), text, by=viewer(), at=clock.now(), may_read=access.may_see)
    toast("Noted.")
    return back(_address(number))


@blueprint.post("/alerts/<int:number>/incident")
@needs(Act.SEE_OPERATIONS)
def declare(number: int) -> ResponseReturnValue:
    """Promote; an alert that nobody has is acknowledged in the same tap."""
    wanted = request.form.get("severity")
    severity = IncidentSeverity(wanted) if wanted in list(IncidentSeverity) else None
    with transaction():
        incident = promote(
            _locked(number), by=viewer(), at=clock.now(), severity=severity, title=_text("title", 200) or None
        )
        address = url_for("incidents.show", number=incident.number)
        led = incident.commander_id == viewer().id
    toast("Incident declared. You are its commander." if led else "It belongs to this incident now.")
    return see(address)


@blueprint.post("/alerts/acknowledgements")
@needs(Act.SEE_OPERATIONS)
def take_several() -> ResponseReturnValue:
    """Those ticked, or all that the list showed when none is. Each is asked for itself."""
    numbers = sorted(
        set(request.form.getlist("alert", type=as_number) or request.form.getlist("listed", type=as_number))
    )
    taken, others = [], 0
    with transaction():
        by = viewer()
        numbers = numbers[: listing.LONGEST]
        mine = access.worked(by, numbers)
        for number in numbers:
            alert = queries.locked(number) if number in mine else None
            outcome = acknowledge(alert, by=by, at=clock.now()) if alert is not None else Acknowledged.OVER
            if outcome is Acknowledged.ACKNOWLEDGED:
                taken.append(number)
            elif outcome not in (Acknowledged.ALREADY_YOURS, Acknowledged.COUNTED):
                others += 1
    rest = f", {counted(others, 'was', 'were')} taken or over already" if others else ""
    toast(
        f"{len(taken)} acked{rest}.",
        undo=url_for(".give_back_several") if taken else None,
        fields=[("alert", str(number)) for number in taken] + [("back", request.form.get("back", ""))],
    )
    return back(url_for(".index"))


@blueprint.post("/alerts/acknowledgements/removal")
@needs(Act.SEE_OPERATIONS)
def give_back_several() -> ResponseReturnValue:
    given = 0
    with transaction():
        by = viewer()
        numbers = sorted(set(request.form.getlist("alert", type=as_number)))[: listing.LONGEST]
        for number in sorted(access.worked(by, numbers)):
            alert = queries.locked(number)
            if alert is not None and alert.is_open and alert.acknowledged_by_id == by.id:
                unacknowledge(alert, by=by, at=clock.now())
                given += 1
    toast(f"{given} given back. Their policies begin again now.")
    return back(url_for(".index"))


def _locked(number: int) -> Alert:
    """The alert, for whoever may work it. One that the viewer may not even see is not there."""
    alert, person = queries.locked(number), viewer()
    if alert is None or not access.may_see(person, alert):
        raise NotFound
    if not access.may_respond(person, alert):
        raise NotAllowed(who_may(Act.RESPOND))
    return alert


def _along(number: int) -> dict[int, int]:
    """What one press takes besides, by number with the run that is meant: as the person sees them."""
    alert = queries.shown(number)
    return {} if alert is None else {other.id: other.run for other in along(alert, viewer())}


def _take_along(number: int, run: int) -> bool:
    """Acknowledge another alert of the same message; whether that made it theirs."""
    outcome = acknowledge(_locked(number), by=viewer(), at=clock.now(), run=run)
    db.session.flush()
    return outcome is Acknowledged.ACKNOWLEDGED


def _address(number: int) -> str:
    return url_for("alerts.show", number=number)


def _text(name: str, longest: int) -> str:
    return request.form.get(name, "").strip()[:longest]


def _snooze_end(at: datetime) -> datetime:
    """One hour, four, nine o'clock by the person's own clock, or the moment they chose there."""
    until = request.form.get("until", "")
    if until in ("60", "240"):
        return at + timedelta(minutes=int(until))
    if until == "morning":
        return next_at(MORNING, at, viewer_zone())
    try:
        return instant(
            datetime.fromisoformat(request.form.get("chosen", "")).replace(tzinfo=None), viewer_zone()
        )
    except ValueError as unclear:
        raise InvalidTransition("Choose until when to snooze.") from unclear


def _remembered(args: MultiDict[str, str]) -> MultiDict[str, str]:
    """The filters of the address; without any, those chosen last. `clear` forgets them."""
    names = ("needs", "team", "severity", "service", "status", "urgency")
    if "clear" in args:
        session.pop("alert_filters", None)
        return MultiDict()
    chosen = MultiDict((name, value) for name in names for value in args.getlist(name) if value)
    if chosen:
        session["alert_filters"] = list(chosen.items(multi=True))
    return chosen or MultiDict(session.get("alert_filters", []))
