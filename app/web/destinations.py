"""Destinations: rooms and programs outside that hear what happens. Everybody's, or one team's."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import ChannelKind
from app.paging.destinations import change as verbs
from app.paging.destinations.models import Destination, Post
from app.paging.destinations.post import post_test
from app.people import queries
from app.people.models import Team
from app.people.rights import Act, may, require
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, row_number, typed
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("destinations", __name__, url_prefix="/destinations")

FIELDS = ("kind", "name", "team_id", "address", "room", "token", "template")
SAYS = {
    "alert.triggered": "An alert comes in",
    "alert.acknowledged": "Somebody has it",
    "alert.resolved": "It is over",
    "incident.declared": "An incident is declared",
    "incident.status_changed": "It moves on",
    "incident.resolved": "It is resolved",
}


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    return _index()


@blueprint.post("")
@needs(Act.SEE_OPERATIONS)
def create() -> ResponseReturnValue:
    given = typed(*FIELDS)
    try:
        with transaction():
            me = viewer()
            team = _team(given["team_id"])
            require(me, Act.EDIT_ON_CALL, team_id=None if team is None else team.id)
            row, secret = verbs.create(
                kind=given["kind"], name=given["name"], team=team, address=given["address"],
                events=request.form.getlist("events"), token=given["token"], room=given["room"],
                template=given["template"], by=me, at=clock.now(),
            )  # fmt: skip
            number = row.id
            if secret is not None:
                return _page(row, secret=secret)
    except InvalidField as invalid:
        return _index(problems_of(invalid)), 422
    toast("Added. Send a test to see it arrive.")
    return see(url_for("destinations.show", number=number))


@blueprint.get("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    return _page(_seen(number))


@blueprint.post("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def change(number: int) -> ResponseReturnValue:
    """What is left empty of address and token stays as it is."""
    given = typed(*FIELDS)
    try:
        with transaction():
            verbs.change(
                _own(number), name=given["name"], events=request.form.getlist("events"),
                address=given["address"] or None, token=given["token"] or None, room=given["room"],
                template=given["template"], by=viewer(), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        return _page(_seen(number), problems_of(invalid)), 422
    toast("Kept.")
    return see(url_for("destinations.show", number=number))


@blueprint.post("/<int:number>/test")
@needs(Act.SEE_OPERATIONS)
def test(number: int) -> ResponseReturnValue:
    """A test to see arrive. A second tap within a few seconds is the first one's (SEC-38)."""
    with transaction():
        row, at = _own(number), clock.now()
        latest = _latest(row, limit=1)
        is_same = latest and latest[0].event == "test" and (at - latest[0].created_at).total_seconds() < 10
        made = None if is_same else post_test(row, at=at)
    if made is None and not is_same:
        toast("Nothing leaves this installation for there now.", failed=True)
    else:
        toast("A test is on its way. Look there, and here below.")
    return see(url_for("destinations.show", number=number))


@blueprint.post("/<int:number>/secret")
@needs(Act.SEE_OPERATIONS)
def secret(number: int) -> ResponseReturnValue:
    """A new secret for a signed webhook, shown this once; the one before signs along for a day."""
    with transaction():
        row = _own(number)
        if row.kind is not ChannelKind.SIGNED_WEBHOOK:
            raise NotFound
        return _page(row, secret=verbs.new_secret(row, by=viewer(), at=clock.now()))


@blueprint.post("/<int:number>/removal")
@needs(Act.SEE_OPERATIONS)
def remove(number: int) -> ResponseReturnValue:
    with transaction():
        row = _own(number)
        verbs.remove(row, by=viewer(), at=clock.now())
        name = row.name
    toast(f"{name} is removed.")
    return see(url_for("destinations.index"))


def _seen(number: int) -> Destination:
    row = db.session.get(Destination, number)
    if row is None or row.removed_at is not None:
        raise NotFound
    return row


def _own(number: int) -> Destination:
    row = _seen(number)
    require(viewer(), Act.EDIT_ON_CALL, team_id=row.team_id)
    return row


def _team(number: str) -> Team | None:
    """None is everybody's."""
    if not number:
        return None
    team = db.session.get(Team, row_number(number))
    if team is None:
        raise InvalidField([("/team_id", "Choose a team, or everybody.")])
    return team


def _latest(row: Destination, *, limit: int = 20) -> Sequence[Post]:
    mine = sa.select(Post).where(Post.destination_id == row.id)
    return db.session.scalars(mine.order_by(Post.id.desc()).limit(limit)).all()


def _teams() -> list[tuple[str, str]]:
    """Whose a new one may be, for this person."""
    everybody = [("", "Everybody's")] if may(viewer(), Act.EDIT_ON_CALL) else []
    mine = [team for team in queries.teams() if may(viewer(), Act.EDIT_ON_CALL, team_id=team.id)]
    return everybody + [(str(team.id), team.name) for team in mine]


def _index(problems: dict[str, str] | None = None) -> str:
    rows = sa.select(Destination).where(Destination.removed_at.is_(None)).options(joinedload(Destination.team))
    return render_template(
        "destinations/index.html",
        destinations=db.session.scalars(rows.order_by(Destination.name, Destination.id)).all(),
        kinds=[(kind, kind.label) for kind in verbs.KINDS],
        teams=_teams(),
        events=list(SAYS.items()),
        answers=typed(*FIELDS),
        chosen=request.form.getlist("events"),
        problems=problems or {},
    )


def _page(row: Destination, problems: dict[str, str] | None = None, *, secret: str | None = None) -> str:
    may_change = may(viewer(), Act.EDIT_ON_CALL, team_id=row.team_id)
    kept = {"name": row.name, "room": row.room, "template": row.template, "address": "", "token": ""}
    return render_template(
        "destinations/show.html",
        row=row,
        secret=secret,
        posts=_latest(row) if may_change else [],  # they say what alerts of the team say
        may_change=may_change,
        events=list(SAYS.items()),
        answers=typed(*FIELDS) if problems else kept,
        chosen=request.form.getlist("events") if problems else row.events,
        problems=problems or {},
    )
