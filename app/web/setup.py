"""The set-up walk: from an empty installation to a phone that rings. Each step can be skipped, and all are
resumed from the rows there are.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import readiness, services
from app.alerts.models import Alert, Service
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.invalid import InvalidField
from app.domain.words import Severity, TeamRole
from app.domain.zone import named, wall_clock
from app.oncall import policies, schedules
from app.paging import vapid
from app.paging.methods import devices_of
from app.people import queries, teams, users
from app.people.models import Team
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of
from app.web.me import verdict_of
from app.web.new_key import SENDERS, open_door, show_key
from app.web.setup_walk import Walk, pages_of, walk_of

T = TypeVar("T")
blueprint = Blueprint("setup", __name__, url_prefix="/setup")

FIRST_ALERT = "The first alert of {service}: nothing is broken"


@blueprint.get("")
@needs(Act.SET_UP)
def show() -> str:
    """Where set-up stands, and what would happen if an alert came now."""
    walk = walk_of(viewer())
    found = readiness.of([walk.service], at=clock.now())[walk.service.id] if walk.service else ()
    return render_template("setup/show.html", walk=walk, findings=found, service=walk.service)


@blueprint.get("/<name>")
@needs(Act.SET_UP)
def step(name: str) -> ResponseReturnValue:
    if name not in STEPS:
        raise NotFound
    return _page(name)


@blueprint.post("/<name>")
@needs(Act.SET_UP)
def take(name: str) -> ResponseReturnValue:
    """Do a step. A second click finds it done and goes on."""
    if name not in STEPS or STEPS[name] is None:
        raise NotFound
    act = STEPS[name]
    assert act is not None
    try:
        with transaction():
            return act(walk_of(viewer()))
    except InvalidField as invalid:
        return _page(name, problems_of(invalid)), 422


def _team(walk: Walk) -> ResponseReturnValue:
    if walk.team is None:
        me, now = viewer(), clock.now()
        team = teams.create_team(request.form.get("name", ""), by=me, at=now, manager=me)
        teams.add_member(team, me, by=me, at=now, role=TeamRole.MANAGER)
    return _onward("team")


def _on_call(walk: Walk) -> ResponseReturnValue:
    """One layer that the viewer holds alone for now, and a policy that asks the schedule, then the viewer."""
    team = _needed(walk.team, "team")
    me, now = viewer(), clock.now()
    time_zone = request.form.get("time_zone", "") or me.time_zone
    if problem := users.zone_problem(time_zone):
        raise InvalidField([("/time_zone", problem)])
    schedule = walk.schedule or schedules.create(
        name=request.form.get("name", "").strip() or f"{team.name} primary",
        team_id=team.id,
        time_zone=time_zone,
        layers=[_weekly(me.id, time_zone)],
        by=me,
        at=now,
    )
    policy = walk.policy or policies.create(
        name=f"{team.name} policy",
        team_id=team.id,
        steps=[{"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(schedule.id)}]}],
        repeat=2,
        last_resort_user_id=me.id,
        by=me,
        at=now,
    )
    for service in _without_policy(team):
        services.change(service, escalation_policy_id=policy.id, by=me, at=now)
    return _onward("on-call")


def _service(walk: Walk) -> ResponseReturnValue:
    team = _needed(walk.team, "team")
    if walk.service is None:
        me = viewer()
        services.create(
            name=request.form.get("name", ""), team_id=team.id, by=me, at=clock.now(), owner_id=me.id,
            escalation_policy_id=walk.policy.id if walk.policy else None,
        )  # fmt: skip
    return _onward("service")


def _integration(walk: Walk) -> ResponseReturnValue:
    service = _needed(walk.service, "service")
    kind = request.form.get("kind", "")
    names = {str(one): word for one, word, _ in SENDERS}
    integration, key = open_door(service, names.get(kind, kind), kind, by=viewer())
    return show_key(integration, key, onward=url_for("setup.step", name="alert"), word="I have stored it")


def _alert(walk: Walk) -> ResponseReturnValue:
    """An alert like any other, through the same verb as every source's. Twice while open is once."""
    integration, service = _needed(walk.integration, "integration"), _needed(walk.service, "service")
    received = receive(
        IncomingAlert(
            dedup_key="nightbell-set-up",
            title=FIRST_ALERT.format(service=service.name),
            severity=Severity.CRITICAL,
            description="You sent it from set-up. Acknowledge it on your phone, then resolve it.",
        ),
        integration,
        at=clock.now(),
    )
    practice = db.session.get(Alert, received.alert_id)
    if practice is not None:
        practice.ruled_at = clock.now()  # it pages for real, but no response rule makes an incident of it
    return redirect(url_for("setup.step", name="alert"), 303)


STEPS: dict[str, Callable[[Walk], ResponseReturnValue] | None] = {
    "device": None,  # the browser does it; the page shows how it went
    "team": _team,
    "on-call": _on_call,
    "service": _service,
    "integration": _integration,
    "alert": _alert,
}


def _page(name: str, problems: dict[str, str] | None = None) -> str:
    walk = walk_of(viewer())
    mine = devices_of(viewer().id)
    here = next((device for device in mine if device.id == session.get("device")), None)
    return render_template(
        f"setup/{name}.html",
        walk=walk,
        step=walk.step(name),
        number=walk.number(name),
        skip=walk.after(name),
        problems=problems or {},
        answers=request.form,
        device=here,
        verdict=None if here is None else verdict_of(here, now=clock.now()),
        key=vapid.public_key_of(current_app.config["settings"].vapid_private_key),
        kinds=SENDERS,
        pages=pages_of(walk.alert) if name == "alert" and walk.alert else [],
        organisation=queries.organisation(),
    )


def _onward(name: str) -> ResponseReturnValue:
    following = walk_of(viewer()).after(name)
    return redirect(url_for("setup.step", name=following) if following else url_for("setup.show"), 303)


def _needed(row: T | None, name: str) -> T:
    """What an earlier step makes. Raises InvalidField in words, where that was skipped."""
    if row is None:
        words = {"team": "a team", "service": "a service", "integration": "a way in"}[name]
        raise InvalidField([("/needed", f"This needs {words} first.")])
    return row


def _weekly(user_id: int, time_zone: str) -> dict[str, object]:
    """A turn of one week from the Monday that began this one, 09:00 on the wall of the schedule's zone."""
    today = wall_clock(clock.now(), named(time_zone)).date()
    monday = today - timedelta(days=today.weekday() + 7)
    return {
        "name": "Everybody in turn",
        "priority": 0,
        "rotation": {
            "unit": "week", "length": 1, "start": f"{monday.isoformat()}T09:00",
            "participants": [[str(user_id)]],
        },
        "restrictions": [],
    }  # fmt: skip


def _without_policy(team: Team) -> list[Service]:
    rows = db.select(Service).where(Service.team_id == team.id, Service.escalation_policy_id.is_(None))
    return list(db.session.scalars(rows))
