"""A foreign calendar comes in: a schedule's shifts or holidays, or one's own time off, by file or by address.

An address may be kept: the engine reads it again every hour, and this page says how that goes.
"""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.phrase import counted
from app.domain.words import CalendarUse
from app.oncall import calendar_sources
from app.oncall.calendar_fetch import fetch, web_address
from app.oncall.calendar_in import LARGEST, UnreadableCalendar
from app.oncall.calendar_sources import Target, UnknownNames
from app.oncall.models import Schedule
from app.people.rights import Act, require
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.toast import toast

blueprint = Blueprint("calendar_imports", __name__)

SHOWN = 20  # problems on the page
WORDS = {
    CalendarUse.SHIFTS: ("shift", "brought in, for the coming year."),
    CalendarUse.HOLIDAYS: ("holiday", "brought in. They weigh as holidays in every report."),
    CalendarUse.TIME_OFF: ("absence", "brought in, for the coming year. Nobody pages you in them."),
}
Find = Callable[[], Target]


@blueprint.get("/schedules/<int:number>/import")
@needs(Act.SEE_OPERATIONS)
def of_schedule(number: int) -> str:
    return _page(_shifts(number))


@blueprint.post("/schedules/<int:number>/import")
@needs(Act.SEE_OPERATIONS)
def into_schedule(number: int) -> ResponseReturnValue:
    """All of its events, or nothing and the reasons."""
    return _bring(lambda: _shifts(number))


@blueprint.post("/schedules/<int:number>/import/removal")
@needs(Act.SEE_OPERATIONS)
def stop_schedule(number: int) -> ResponseReturnValue:
    return _stop(lambda: _shifts(number))


@blueprint.get("/schedules/<int:number>/holidays/import")
@needs(Act.SEE_OPERATIONS)
def of_holidays(number: int) -> str:
    return _page(_holidays(number))


@blueprint.post("/schedules/<int:number>/holidays/import")
@needs(Act.SEE_OPERATIONS)
def into_holidays(number: int) -> ResponseReturnValue:
    return _bring(lambda: _holidays(number))


@blueprint.post("/schedules/<int:number>/holidays/import/removal")
@needs(Act.SEE_OPERATIONS)
def stop_holidays(number: int) -> ResponseReturnValue:
    return _stop(lambda: _holidays(number))


@blueprint.get("/me/time-off/import")
@needs(Act.COVER_SELF)
def of_time_off() -> str:
    return _page(_time_off())


@blueprint.post("/me/time-off/import")
@needs(Act.COVER_SELF)
def into_time_off() -> ResponseReturnValue:
    return _bring(_time_off)


@blueprint.post("/me/time-off/import/removal")
@needs(Act.COVER_SELF)
def stop_time_off() -> ResponseReturnValue:
    return _stop(_time_off)


def _bring(find: Find) -> ResponseReturnValue:
    """What was given, brought in; its address kept where that was ticked. Who may is looked at in `find`."""
    try:
        file = request.files.get("file")
        address = web_address(request.form.get("address", ""))
        if file is not None and file.filename:
            data, address = file.stream.read(LARGEST + 1), ""
        elif address:
            find()  # nobody makes us call an address for something that is not theirs
            db.session.rollback()  # nothing is held while somebody's server takes its time
            data = fetch(address)
        else:
            raise UnreadableCalendar("Choose a file, or give an address.")
        contents = calendar_sources.look(find(), data, at=clock.now())
        with transaction():
            target = find()
            if address and "keep" in request.form:
                found = calendar_sources.keep(contents, address, by=viewer(), at=clock.now()).found
            else:
                found = calendar_sources.bring(contents, by=viewer(), at=clock.now())
    except UnknownNames as unknown:
        return _page(find(), problems=unknown.problems), 422
    except UnreadableCalendar as unreadable:
        return _page(find(), problems=(str(unreadable),)), 422
    thing, what_then = WORDS[target.brings]
    toast(f"{counted(found, thing)} {what_then}")
    return redirect(_back(target), 303)


def _stop(find: Find) -> ResponseReturnValue:
    with transaction():
        target = find()
        calendar_sources.stop(target, by=viewer(), at=clock.now())
    toast("That address is read no more. What came from it stays until you change it.")
    return redirect(request.path.removesuffix("/removal"), 303)


def _shifts(number: int) -> Target:
    return Target(CalendarUse.SHIFTS, _editable(number))


def _holidays(number: int) -> Target:
    return Target(CalendarUse.HOLIDAYS, _editable(number))


def _time_off() -> Target:
    return Target(CalendarUse.TIME_OFF, viewer())


def _editable(number: int) -> Schedule:
    schedule = db.session.get(Schedule, number)
    if schedule is None:
        raise NotFound
    require(viewer(), Act.EDIT_ON_CALL, team_id=schedule.team_id)
    return schedule


def _back(target: Target) -> str:
    match target.brings:
        case CalendarUse.SHIFTS:
            return url_for("schedules.show", number=target.owner.id)
        case CalendarUse.HOLIDAYS:
            return url_for("fairness.show", number=target.owner.id)
    return url_for("time_off.mine")


def _page(target: Target, *, problems: tuple[str, ...] = ()) -> str:
    return render_template(
        "schedules/import.html",
        schedule=target.owner if isinstance(target.owner, Schedule) else None,
        brings=str(target.brings),
        thing=WORDS[target.brings][0],
        source=calendar_sources.source_of(target),
        action=request.path,
        back=_back(target),
        problems=problems[:SHOWN],
        more=max(0, len(problems) - SHOWN),
        answers={"address": request.form.get("address", ""), "keep": "keep" in request.form},
    )
