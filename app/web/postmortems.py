"""Postmortems: all of them, one of them, and how it goes from a draft to something people read."""

import json

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.words import PostmortemPart
from app.incidents import access
from app.learning import comment, figures, queries, review
from app.learning.models import Postmortem
from app.learning.open import open_postmortem
from app.people.models import User
from app.people.queries import responders
from app.people.rights import Act, NotAllowed, who_may
from app.web.access import needs, viewer
from app.web.action_items import lines_of
from app.web.errors import NotFound
from app.web.form import as_number, problems_of
from app.web.incident_edge import locked as locked_incident
from app.web.incident_edge import text
from app.web.postmortem_view import line, view
from app.web.redirects import see
from app.web.review_view import found_by
from app.web.security import allow_figures
from app.web.toast import toast
from app.web.words import plain

blueprint = Blueprint("postmortems", __name__)


@blueprint.get("/postmortems")
@needs(Act.SEE_INCIDENTS)
def index() -> str:
    """What is being written first, then what was published, the newest first."""
    found = [line(each) for each in queries.newest_first(viewer())]
    return render_template("postmortems/index.html", postmortems=found)


@blueprint.post("/incidents/<int:number>/postmortem")
@needs(Act.SEE_OPERATIONS)
def open_one(number: int) -> ResponseReturnValue:
    """By hand, for an incident of whatever severity that is over."""
    with transaction():
        open_postmortem(locked_incident(number), by=viewer(), at=clock.now())
    return see(url_for(".show", number=number))


@blueprint.get("/postmortems/<int:number>")
@needs(Act.SEE_INCIDENTS)
def show(number: int) -> str:
    return _page(number)


@blueprint.get("/postmortems/<int:number>/figures")
@needs(Act.SEE_INCIDENTS)
def drawn(number: int) -> ResponseReturnValue:
    """Its figure as plotly draws it, in the theme asked for, as it was counted."""
    counted = figures.at_hand(found(number), now=clock.now())
    theme = request.args.get("theme", "")
    if counted is None or theme not in counted["figures"]:
        raise NotFound
    return current_app.response_class(json.dumps(counted["figures"][theme]), mimetype="application/json")


@blueprint.post("/postmortems/<int:number>/review")
@needs(Act.SEE_OPERATIONS)
def ask_for_review(number: int) -> ResponseReturnValue:
    """Whoever was in it is asked to read it; with `ask=no` it is a draft again."""
    asks = request.form.get("ask") != "no"
    with transaction():
        move = review.ask_for_review if asks else review.take_back
        move(locked(number), by=viewer(), at=clock.now())
    return done(number, "Those who were in it are asked to read it." if asks else "A draft again.")


@blueprint.post("/postmortems/<int:number>/publication")
@needs(Act.SEE_OPERATIONS)
def publish(number: int) -> ResponseReturnValue:
    """Everybody who sees the incident reads it; with `publish=no` it is revised."""
    goes_out = request.form.get("publish") != "no"
    with transaction():
        (review.publish if goes_out else review.revise)(locked(number), by=viewer(), at=clock.now())
    return done(number, "Published." if goes_out else "A draft again. The published text stays among versions.")


@blueprint.post("/postmortems/<int:number>/owner")
@needs(Act.SEE_OPERATIONS)
def give(number: int) -> ResponseReturnValue:
    """Somebody else owns it from now on."""
    try:
        with transaction():
            to = db.session.get(User, request.form.get("owner_id", 0, type=as_number))
            if to is None:
                raise InvalidField([("/owner_id", "Choose somebody of this list.")])
            review.give(locked(number, writes=False), to, by=viewer(), at=clock.now())
            name = plain(to.name)
    except InvalidField as invalid:
        return _page(number, problems_of(invalid)), 422
    return done(number, f"{name} owns it now.")


@blueprint.post("/postmortems/<int:number>/comments")
@needs(Act.SEE_INCIDENTS)
def say(number: int) -> ResponseReturnValue:
    """About all of it, or about the `part` that is named."""
    with transaction():
        comment.comment(
            locked(number, writes=False), text("text", comment.LONGEST), part=part_of(request.form.get("part")),
            by=viewer(), at=clock.now(),
        )  # fmt: skip
    return done(number, "Said.")


def found(number: int) -> Postmortem:
    """The postmortem, for reading. Raises NotFound."""
    row = queries.shown(number, viewer())
    if row is None:
        raise NotFound
    return row


def locked(number: int, *, writes: bool = True) -> Postmortem:
    """The same for changing, by somebody who may write it. Raises NotFound, NotAllowed."""
    found(number)
    row = queries.locked(number)
    if row is None:
        raise NotFound
    if writes and not queries.rights_of(viewer(), row).writes:
        raise NotAllowed(who_may(Act.RESPOND))
    return row


def done(number: int, says: str) -> ResponseReturnValue:
    toast(says)
    return see(url_for("postmortems.show", number=number))


def part_of(word: str | None) -> PostmortemPart | None:
    if not word:
        return None
    if word not in list(PostmortemPart):
        raise InvalidTransition("A postmortem has no such part.")
    return PostmortemPart(word)


def _page(number: int, problems: dict[str, str] | None = None) -> str:
    allow_figures()
    postmortem = found(number)
    return render_template(
        "postmortems/show.html", postmortem=view(postmortem, viewer()), problems=problems or {},
        people=[(str(each.id), plain(each.name)) for each in responders()], actions=lines_of(number),
        number=number, review=found_by(postmortem), may_promise=access.may_work(viewer(), postmortem.incident),
    )  # fmt: skip
