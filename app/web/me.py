"""Me: who I am here, my devices and whether they ring."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain import device_test
from app.domain.device_test import Verdict
from app.domain.drill import Outcome
from app.domain.invalid import InvalidField
from app.oncall import drills
from app.paging import vapid
from app.paging.methods import devices_of
from app.paging.models import PushSubscription
from app.paging.try_device import latest_test
from app.people import profile, users
from app.people.models import User
from app.people.rights import Act
from app.web import session as cookie
from app.web.access import needs, signed_in, viewer
from app.web.doors import time_zones
from app.web.form import as_number, problems_of, typed
from app.web.toast import toast
from app.web.words import lasted, moment

blueprint = Blueprint("me", __name__, url_prefix="/me")

THEMES = (("", "As the system"), ("light", "Light"), ("dark", "Dark"))
RECENT = device_test.PATIENCE * 10  # how long a test that failed stays the answer


@blueprint.get("")
@signed_in
def show() -> str:
    me = viewer()
    return _profile({"name": me.name, "time_zone": me.time_zone})


@blueprint.post("")
@signed_in
def change() -> ResponseReturnValue:
    """My name, my zone, what a lock screen may show, and light or dark, which is this browser's alone."""
    answers = typed("name", "time_zone")
    try:
        with transaction():
            users.change_own(
                viewer(), **answers, hide_lock_screen_text=request.form.get("hide") == "yes", at=clock.now()
            )
    except InvalidField as invalid:
        return _profile(answers, problems_of(invalid)), 422
    toast("Kept.")
    response = redirect(url_for("me.show"), 303)
    theme = request.form.get("theme", "")
    if theme in dict(THEMES):
        cookie.remember_theme(response, theme)
    return response


@blueprint.post("/drill")
@needs(Act.SEE_OPERATIONS)
def drill() -> ResponseReturnValue:
    """A page that asks to be tapped, to my devices, now. A second press is the first one's."""
    with transaction():
        drills.ask_now(viewer(), at=clock.now())
    toast("On its way, by your own rules. Answer it within 5 minutes.")
    return redirect(url_for("me.show"), 303)


@blueprint.get("/devices")
@signed_in
def devices() -> str:
    """Can I be paged? The device asked about, its last test, what to check by hand, the others."""
    mine = devices_of(viewer().id)
    chosen = _chosen(mine)
    return render_template(
        "me/devices.html",
        chosen=chosen,
        is_this=chosen is not None and chosen.id == session.get("device"),
        verdict=None if chosen is None else verdict_of(chosen, now=clock.now()),
        others=[_line(device, now=clock.now()) for device in mine if chosen is None or device.id != chosen.id],
        key=vapid.public_key_of(current_app.config["settings"].vapid_private_key),
    )


@dataclass(frozen=True)
class DeviceLine:
    """One of the other devices, with the last proof in words."""

    row: PushSubscription
    says: str
    is_proven: bool


def _chosen(mine: list[PushSubscription]) -> PushSubscription | None:
    """The device the page is about: the one asked for, else this browser, else the only one."""
    for number in (request.args.get("device", type=as_number), session.get("device")):
        for device in mine:
            if device.id == number:
                return device
    return None


def verdict_of(device: PushSubscription, *, now: datetime) -> Verdict:
    """What the last test says; an old one only as long as the proof it gave."""
    test = latest_test(device)
    if test is not None and now - test.asked_at < RECENT:
        return device_test.verdict(test, now=now)
    return device_test.standing(device.verified_at, device.proof, now=now)


def _line(device: PushSubscription, *, now: datetime) -> DeviceLine:
    stale = device_test.proof_in_words(device.verified_at, now=now)
    proven = stale is None and device.verified_at is not None
    says = f"Rang {moment(device.verified_at)}" if proven and device.verified_at else stale or ""
    return DeviceLine(device, says, proven)


@dataclass(frozen=True)
class DrillLine:
    says: str
    mood: str


def _drill(me: User, *, now: datetime) -> DrillLine:
    """How the newest drill went, in words."""
    row = drills.last_of(me.id)
    if row is None or row.asked_at is None:
        return DrillLine("One comes in the first day of a shift", "")
    match drills.outcome_of(row, at=now):
        case Outcome.PASSED:
            tapped = drills.tapped_at(row) or row.asked_at
            return DrillLine(
                f"Passed {moment(row.asked_at)}, tapped after {lasted(tapped - row.asked_at)}", "ok"
            )
        case Outcome.FAILED:
            return DrillLine(f"Missed {moment(row.asked_at)}: try your devices", "warn")
        case Outcome.RUNNING:
            return DrillLine("One is on its way: tap it within 5 minutes", "")


def _profile(answers: dict[str, str], problems: dict[str, str] | None = None) -> str:
    me = viewer()
    return render_template(
        "me/show.html",
        answers=answers,
        problems=problems or {},
        hide=me.hide_lock_screen_text,
        hidden_for_all=profile.hidden_for_all(),
        devices=[_line(device, now=clock.now()) for device in devices_of(me.id)],
        drill=_drill(me, now=clock.now()),
        zones=time_zones(),
        themes=THEMES,
        chosen_theme=request.cookies.get("theme", ""),
    )
