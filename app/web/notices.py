"""Notices: what I was told besides pages, and what I want to be told of."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.notice import CATEGORIES, Channel, NoticeEvent
from app.domain.shift_plan import LEADS
from app.domain.words import NoticeCategory, Role
from app.notices import listing, mail, preferences
from app.oncall import shift_notices
from app.web.access import signed_in, viewer
from app.web.errors import NotFound
from app.web.form import as_number
from app.web.redirects import local_path
from app.web.toast import toast

blueprint = Blueprint("notices", __name__, url_prefix="/me/notices")

LEAD_WORDS = {
    48 * 60: "2 days before", 24 * 60: "1 day before", 12 * 60: "12 hours before", 6 * 60: "6 hours before",
    60: "1 hour before", 15: "15 minutes before",
}  # fmt: skip
CHANNELS = ((Channel.APP, "In the app"), (Channel.PUSH, "Push notice"), (Channel.EMAIL, "E-mail"))


@blueprint.get("")
@signed_in
def index() -> str:
    rows = listing.of(viewer(), before=request.args.get("before", type=as_number))
    return render_template("notices/index.html", notices=rows, more=len(rows) == listing.PAGE)


@blueprint.get("/<int:number>")
@signed_in
def show(number: int) -> ResponseReturnValue:
    """Where a notice leads; the person has read it then. A push and the list come here."""
    with transaction():
        notice = listing.find(viewer(), number)
        if notice is None:
            raise NotFound
        listing.read(notice, at=clock.now())
        onward = local_path(notice.link, url_for("notices.index"))
    return redirect(onward, 303)


@blueprint.post("/reading")
@signed_in
def read_all() -> ResponseReturnValue:
    with transaction():
        listing.read_all(viewer(), at=clock.now())
    return redirect(url_for("notices.index"), 303)


@blueprint.get("/preferences")
@signed_in
def show_preferences() -> str:
    me = viewer()
    return render_template(
        "notices/preferences.html",
        choices=preferences.all_of(me),
        categories=CATEGORIES,
        channels=CHANNELS,
        chooses=me.role != Role.STAKEHOLDER,
        mail_works=mail.works(),
        leads=[(lead, lead in shift_notices.leads_of(me), LEAD_WORDS[lead]) for lead in LEADS],
    )


@blueprint.post("/preferences")
@signed_in
def change_preferences() -> ResponseReturnValue:
    """What was ticked for each category. Events that could not be ticked send nothing and stay as they were."""
    with transaction():
        me = viewer()
        for category in CATEGORIES if me.role != Role.STAKEHOLDER else ():
            could_tick = f"events.{category}" in request.form
            preferences.choose(
                me, category, channels=_channels(category), on=_events(category) if could_tick else None
            )
    toast("Kept.")
    return redirect(url_for("notices.show_preferences"), 303)


@blueprint.post("/shift-leads")
@signed_in
def change_shift_leads() -> ResponseReturnValue:
    """How long before a shift of theirs the person wants to know: as many times as were ticked, or none."""
    with transaction():
        shift_notices.change_leads(viewer(), request.form.getlist("lead", type=as_number), at=clock.now())
    toast("Kept.")
    return redirect(url_for("notices.show_preferences", _anchor="shift-leads"), 303)


def _channels(category: NoticeCategory) -> list[Channel]:
    ticked = request.form.getlist(f"channels.{category}")
    return [channel for channel in Channel if channel in ticked]


def _events(category: NoticeCategory) -> list[NoticeEvent]:
    ticked = request.form.getlist(f"on.{category}")
    return [event for event in CATEGORIES[category].events if event in ticked]
