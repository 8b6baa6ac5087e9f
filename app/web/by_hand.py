"""Page somebody by hand: a person, or whoever of a team has the pager. Two taps from Now, a person, a team."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import by_hand
from app.alerts.models import Service
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import Severity
from app.incidents import access
from app.oncall.queries import on_call_board, paged
from app.people import queries
from app.people.models import Team, User
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.form import problems_of, row_number, typed
from app.web.policy_view import local
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import plain

blueprint = Blueprint("by_hand", __name__, url_prefix="/alerts")

FIELDS = ("to", "title", "details", "severity", "service_id", "key")
HOW_BAD = {Severity.CRITICAL: "Now: wake them", Severity.WARNING: "When they are awake: once, quietly"}


@blueprint.get("/new")
@needs(Act.PAGE_A_PERSON)
def ask() -> str:
    """Whom, and what is wrong."""
    return _page({"to": request.args.get("to", ""), "severity": Severity.CRITICAL})


@blueprint.post("")
@needs(Act.PAGE_A_PERSON)
def page() -> ResponseReturnValue:
    given = typed(*FIELDS)
    try:
        with transaction():
            me = viewer()
            to = _whom(given["to"])
            alert = by_hand.page(
                to, title=given["title"], details=given["details"], severity=_severity(given["severity"]),
                service=_service(me, given["service_id"]), key=given["key"] or secrets.token_hex(8), by=me,
                at=clock.now(),
            )  # fmt: skip
            number, name = alert.number, plain(to.name)
    except InvalidField as invalid:
        return _page(given, problems_of(invalid)), 422
    except by_hand.TooManyByHand as too_many:
        return _page(given, {"title": str(too_many)}), 429
    toast(f"{name} is being paged.")
    return see(url_for("alerts.show", number=number))


def _whom(said: str) -> User | Team:
    kind, _, number = said.partition(":")
    model = {"user": User, "team": Team}.get(kind)
    row = db.session.get(model, row_number(number)) if model else None
    if not isinstance(row, User | Team):
        raise InvalidField([("/to", "Choose a person or a team.")])
    return row


def _severity(said: str) -> Severity:
    if said not in list(HOW_BAD):
        raise InvalidField([("/severity", "Choose how urgent it is.")])
    return Severity(said)


def _service(me: User, number: str) -> Service | None:
    if not number:
        return None
    row = db.session.get(Service, row_number(number))
    if row is None or not access.may_see_service(me, row):
        raise InvalidField([("/service_id", "Choose one of these.")])
    return row


def _page(answers: dict[str, str], problems: dict[str, str] | None = None) -> str:
    me = viewer()
    mine = sa.select(Service).where(Service.is_active, access.services_seen_by(me)).order_by(Service.name)
    return render_template(
        "alerts/by_hand.html",
        whom=[("", "Choose"), *_choices(me)],
        services=[("", "As it fits"), *((each.id, plain(each.name)) for each in db.session.scalars(mine))],
        how_bad=list(HOW_BAD.items()),
        answers={name: answers.get(name, "") for name in FIELDS} | {"key": answers.get("key") or _new_key()},
        problems=problems or {},
    )


def _choices(me: User) -> list[tuple[str, str]]:
    """Teams with who has their pager, then people, those on call first, each with the hour where they are, so
    that it is easy to ask whoever is on call, and plain whom one wakes.
    """
    now, responders = clock.now(), {one.id: one for one in queries.responders()}
    pagers: dict[int, list[User]] = {}
    for row in on_call_board(now):
        held = [responders[one.user_id] for one in paged(row.people) if one.user_id in responders]
        pagers.setdefault(row.schedule.team_id, []).extend(held)
    on_call = {user.id for users in pagers.values() for user in users}
    teams = [
        (f"team:{team.id}", f"{plain(team.name)}: {_pager(pagers.get(team.id, []), now)}")
        for team in queries.teams()
    ]
    people = sorted(
        (one for one in responders.values() if one.id != me.id), key=lambda one: one.id not in on_call
    )
    return teams + [
        (f"user:{one.id}", f"{plain(one.name)}, {'on call, ' if one.id in on_call else ''}{local(one, now)}")
        for one in people
    ]


def _pager(holders: list[User], now: datetime) -> str:
    if not holders:
        return "whoever its policy asks"
    first = holders[0]
    return f"{plain(first.name)} is on call, {local(first, now)}"


def _new_key() -> str:
    """Tells this form from every other, so that a second press of its button pages nobody twice."""
    return secrets.token_hex(8)
