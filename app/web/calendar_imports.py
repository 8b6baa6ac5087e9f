"""A foreign calendar comes in: a schedule's shifts, or one's own time off, by file or by address."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.oncall import calendar_import
from app.oncall.calendar_in import LARGEST, UnreadableCalendar
from app.oncall.models import Schedule
from app.people.rights import Act, require
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.toast import toast
from app.web.words import counted

blueprint = Blueprint("calendar_imports", __name__)

SHOWN = 20  # problems on the page


@blueprint.get("/schedules/<int:number>/import")
@needs(Act.SEE_OPERATIONS)
def of_schedule(number: int) -> str:
    return _page(_editable(number))


@blueprint.post("/schedules/<int:number>/import")
@needs(Act.SEE_OPERATIONS)
def into_schedule(number: int) -> ResponseReturnValue:
    """All of its events, or nothing and the reasons."""
    schedule = _editable(number)
    try:
        data = _given()
        with transaction():
            schedule = _editable(number)
            reading = calendar_import.read(schedule, data, at=clock.now())
            if reading.problems:
                return _page(schedule, problems=reading.problems), 422
            brought = calendar_import.bring_in(schedule, reading, by=viewer(), at=clock.now())
    except UnreadableCalendar as unreadable:
        return _page(_editable(number), problems=(str(unreadable),)), 422
    toast(f"{counted(brought, 'shift')} brought in, for the coming year.")
    return redirect(url_for("schedules.show", number=number), 303)


@blueprint.get("/me/time-off/import")
@needs(Act.COVER_SELF)
def of_time_off() -> str:
    return _page(None)


@blueprint.post("/me/time-off/import")
@needs(Act.COVER_SELF)
def into_time_off() -> ResponseReturnValue:
    try:
        data = _given()
        with transaction():
            brought = calendar_import.bring_time_off(viewer(), data, by=viewer(), at=clock.now())
    except UnreadableCalendar as unreadable:
        return _page(None, problems=(str(unreadable),)), 422
    toast(f"{counted(brought, 'absence')} brought in, for the coming year. Nobody pages you in them.")
    return redirect(url_for("time_off.mine"), 303)


def _given() -> bytes:
    """The file, or what is at the address. Raises UnreadableCalendar."""
    import requests  # read here: it and our client are wanted for an address only

    from app.outbound import AnswerTooLong, Outbound, RefusedAddress

    file = request.files.get("file")
    if file is not None and file.filename:
        return file.stream.read(LARGEST + 1)
    address = request.form.get("address", "").strip()
    if not address:
        raise UnreadableCalendar("Choose a file, or give an address.")
    address = address.replace("webcal://", "https://", 1)
    client = Outbound(body_limit=LARGEST)
    try:
        answer = client.get(address)
    except RefusedAddress as refused:
        raise UnreadableCalendar(f"That address is not called: {refused}.") from refused
    except AnswerTooLong as long:
        raise UnreadableCalendar("The file is over 5 MB.") from long
    except requests.RequestException as failed:
        raise UnreadableCalendar("That address did not answer with a calendar in 8 s.") from failed
    finally:
        client.close()
    if answer.status_code != 200:
        raise UnreadableCalendar(f"That address answered {answer.status_code}.")
    return answer.content


def _editable(number: int) -> Schedule:
    schedule = db.session.get(Schedule, number)
    if schedule is None:
        raise NotFound
    require(viewer(), Act.EDIT_ON_CALL, team_id=schedule.team_id)
    return schedule


def _page(schedule: Schedule | None, *, problems: tuple[str, ...] = ()) -> str:
    return render_template(
        "schedules/import.html",
        schedule=schedule,
        action=request.path,
        back=url_for("schedules.show", number=schedule.id) if schedule else url_for("time_off.mine"),
        problems=problems[:SHOWN],
        more=max(0, len(problems) - SHOWN),
    )
