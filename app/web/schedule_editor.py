"""Make a schedule, or change one: a form that shows what would be different before anything is."""

from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.claims import Finding, errors_in
from app.domain.invalid import InvalidField, StaleVersion
from app.domain.swap_edits import Fate
from app.domain.templates import SUN, Template, dealt, own_places, templates
from app.oncall import schedules
from app.oncall.fairness import rules_of
from app.oncall.models import Schedule
from app.oncall.preview import preview
from app.oncall.proof import Draft, prove_draft, read_draft
from app.people import queries
from app.people.models import Team, User
from app.people.rights import Act, may, require
from app.web import schedule_form as form
from app.web.access import needs, viewer
from app.web.doors import time_zones
from app.web.errors import NotFound
from app.web.form import as_number
from app.web.schedule_difference import FATES, Shown, shown
from app.web.toast import toast
from app.web.words import zone_named

blueprint = Blueprint("schedule_editor", __name__, url_prefix="/schedules")

STALE = "Somebody changed this schedule meanwhile. Your draft is still here: look at both, then publish."


@blueprint.get("/new")
@needs(Act.SEE_OPERATIONS)
def new() -> ResponseReturnValue:
    team = _team(request.args.get("team_id", type=as_number))
    draft = form.Draft(f"{team.name} primary", viewer().time_zone, [])
    draft.layers = [form.empty_layer(1, _next_monday(draft.time_zone))]
    return _page(draft, team=team)


@blueprint.post("/new")
@needs(Act.SEE_OPERATIONS)
def create() -> ResponseReturnValue:
    team = _team(request.form.get("team_id", type=as_number))
    draft = form.read(request.form)
    if (pressed := request.form.get("press", "")) != "publish":
        start = _next_monday(draft.time_zone)
        chosen = [each for each in _templates(team, start) if pressed == f"template-{each.key}"]
        for template in chosen:
            form.start_from(draft, template)
        if not chosen:
            form.press(draft, pressed, start=start)
        return _looked_at(draft, pressed, team=team)
    try:
        with transaction():
            made = schedules.create(
                name=draft.name, team_id=team.id, time_zone=draft.time_zone, layers=draft.layers_json(),
                requirements=draft.requirements or None, temporary=draft.temporary_json(),
                override_reason=request.form.get("override_reason"), by=viewer(), at=clock.now(),
            )  # fmt: skip
            number = made.id
    except InvalidField as invalid:
        return _page(draft, team=team, problems=_by_field(invalid), findings=_found(draft, team, None)), 422
    toast("Published. Nobody is paged by it until a policy asks it.")
    return redirect(url_for("schedules.show", number=number), 303)


@blueprint.get("/<int:number>/edit")
@needs(Act.SEE_OPERATIONS)
def edit(number: int) -> ResponseReturnValue:
    schedule = _editable(number)
    draft = form.of_layers(schedule.name, schedule.time_zone, schedule.layers, schedule.temporary)
    return _page(draft, team=schedule.team, schedule=schedule, version=schedule.version)


@blueprint.post("/<int:number>/edit")
@needs(Act.SEE_OPERATIONS)
def change(number: int) -> ResponseReturnValue:
    """A press that changes the draft, or the one that publishes it."""
    schedule, draft = _editable(number), form.read(request.form)
    version = request.form.get("version", type=as_number) or 0
    if (pressed := request.form.get("press", "")) != "publish":
        days = (day.isoformat() for day in rules_of(schedule.id).holidays)
        form.press(draft, pressed, start=_next_monday(draft.time_zone), holidays=days)
        return _looked_at(draft, pressed, team=schedule.team, schedule=schedule, version=version)
    try:
        with transaction():
            schedule = _editable(number)
            schedules.replace(
                schedule, version=version, name=draft.name, team_id=schedule.team_id,
                time_zone=draft.time_zone, layers=draft.layers_json(),
                temporary=draft.temporary_json(), swaps=_fates(),
                override_reason=request.form.get("override_reason"), by=viewer(), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        schedule = _editable(number)
        return _page(
            draft, team=schedule.team, schedule=schedule, version=version, problems=_by_field(invalid),
            findings=_found(draft, schedule.team, schedule),
        ), 422  # fmt: skip
    except StaleVersion:
        schedule = _editable(number)
        return _page(
            draft, team=schedule.team, schedule=schedule, version=schedule.version, problems={"name": STALE}
        ), 409
    toast("Published. What has been served stays as it was.")
    return redirect(url_for("schedules.show", number=number), 303)


def _team(number: int | None) -> Team:
    team = db.session.get(Team, number or 0)
    if team is None:
        raise NotFound
    require(viewer(), Act.EDIT_ON_CALL, team_id=team.id)
    return team


def _editable(number: int) -> Schedule:
    schedule = db.session.get(Schedule, number)
    if schedule is None or not may(viewer(), Act.SEE_OPERATIONS):
        raise NotFound
    require(viewer(), Act.EDIT_ON_CALL, team_id=schedule.team_id)
    return schedule


def _looked_at(
    draft: form.Draft, pressed: str, *, team: Team, schedule: Schedule | None = None, version: int = 0
) -> ResponseReturnValue:
    """The draft after a press, with what would change and what the check says, where it can be read so far.

    What is wrong with it is said once somebody wishes to look.
    """
    try:
        read = _read(draft, team, schedule)
    except InvalidField as invalid:
        if pressed != "look":
            return _page(draft, team=team, schedule=schedule, version=version)
        problems = _by_field(invalid)
        return _page(draft, team=team, schedule=schedule, version=version, problems=problems), 422
    if schedule is None:
        return _page(draft, team=team, findings=prove_draft(read, None, at=clock.now()))
    looked = preview(schedule, read, at=clock.now())
    return _page(
        draft, team=team, schedule=schedule, version=version, findings=looked.findings, changes=shown(looked)
    )


def _read(draft: form.Draft, team: Team, schedule: Schedule | None) -> Draft:
    asked = schedule.requirements if schedule else draft.requirements or None
    return read_draft(draft.name, team.id, draft.time_zone, draft.layers_json(), asked, draft.temporary_json())


def _found(draft: form.Draft, team: Team, schedule: Schedule | None) -> tuple[Finding, ...]:
    """What the check says of the draft; nothing while it cannot be read."""
    try:
        return prove_draft(_read(draft, team, schedule), schedule, at=clock.now())
    except InvalidField:
        return ()


def _fates() -> dict[int, Fate]:
    """What somebody chose for each swap that the edit touches."""
    named = ((name.removeprefix("swap-"), value) for name, value in request.form.items())
    return {
        int(number): Fate(value)
        for number, value in named
        if number.isdigit() and len(number) < 10 and value in Fate.__members__.values()
    }


def _by_field(invalid: InvalidField) -> dict[str, str]:
    """The first sentence about each field of the form."""
    found: dict[str, str] = {}
    for pointer, sentence in invalid.errors:
        found.setdefault(form.field_of(pointer), sentence)
    return found


def _next_monday(time_zone: str) -> str:
    """Nine o'clock of the coming Monday, as a form takes it."""
    today: datetime = clock.now().astimezone(zone_named(time_zone))
    monday = today + timedelta(days=7 - today.weekday())
    return f"{monday:%Y-%m-%d}T09:00"


def _templates(team: Team, start: str) -> tuple[Template, ...]:
    """Ways to begin, with those of the team who answer alerts taking turns from `start`, by name."""
    users = sorted((one.user for one in team.memberships), key=lambda user: (user.name, user.id))
    homes = {user.id: zone_named(user.time_zone).key for user in users if user.can_respond}
    people, begins = tuple((user_id,) for user_id in homes), datetime.fromisoformat(start)
    return templates(people, begins, own_places(people, homes, begins) or dealt(people, SUN))


def _choices(draft: form.Draft) -> list[tuple[str, str]]:
    """Whom a turn may be of: everybody here, and those it names already, also when they have left."""
    here = {str(user.id): user.name for user in queries.active_users()}
    turns = [row.turns for row in draft.layers] + [row.turns for row in draft.temporary]
    named = {person for some in turns for turn in some for person in turn.people()}
    gone = [int(person) for person in named - here.keys() if person.isdigit() and len(person) < 10]
    left = db.session.scalars(db.select(User).where(User.id.in_(gone)).order_by(User.name))
    return [("", "Nobody"), *here.items(), *((str(user.id), f"{user.name} (has left)") for user in left)]


def _page(
    draft: form.Draft,
    *,
    team: Team,
    schedule: Schedule | None = None,
    version: int = 0,
    problems: dict[str, str] | None = None,
    findings: tuple[Finding, ...] = (),
    changes: Shown | None = None,
) -> str:
    return render_template(
        "schedules/edit.html",
        draft=draft,
        team=team,
        schedule=schedule,
        version=version,
        problems=problems or {},
        findings=findings,
        changes=changes,
        fates=FATES,
        errors=errors_in(findings),
        reason=request.form.get("override_reason", ""),
        people=_choices(draft),
        units=form.UNITS,
        weekdays=form.WEEKDAYS,
        zones=time_zones(),
        holidays=len(rules_of(schedule.id).holidays) if schedule else 0,
        templates=() if schedule else _templates(team, _next_monday(draft.time_zone)),
        action=request.path,
    )
