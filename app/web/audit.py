"""/audit: who did what, for administrators; by people, object and time; also as a file."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.domain.timeline import Subject
from app.domain.zone import instant
from app.people import queries
from app.people.rights import Act
from app.timeline import audit, seal
from app.timeline.audit import Wanted
from app.web.access import needs
from app.web.audit_view import lines
from app.web.form import as_number
from app.web.spreadsheet import as_csv
from app.web.words import viewer_zone

blueprint = Blueprint("audit", __name__)

PAGE = 50
IN_A_FILE = 10_000
COLUMNS = ("event", "at", "who", "did", "about", "details", "position")


@blueprint.get("/audit")
@needs(Act.MANAGE_ORGANISATION)
def index() -> str:
    wanted = _wanted()
    before = request.args.get("before", type=as_number)
    found = audit.newest(wanted, before=before, limit=PAGE + 1)
    chosen = {name: value for name, value in request.args.items() if value and name != "before"}
    return render_template(
        "audit/index.html",
        lines=lines(found[:PAGE]),
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        chosen=chosen,
        people=[("", "Anybody"), *((user.id, user.name) for user in queries.active_users())],
        kinds=[("", "Anything"), *((str(kind), kind.replace("_", " ").capitalize()) for kind in Subject)],
        head=seal.head(),
    )


@blueprint.get("/audit.csv")
@needs(Act.MANAGE_ORGANISATION)
def download() -> ResponseReturnValue:
    """The same, as a file: the newest 10,000."""
    found = lines(audit.newest(_wanted(), before=None, limit=IN_A_FILE))
    rows = (
        (line.number, line.at.isoformat(), line.who, line.says, line.about, line.details, line.place)
        for line in found
    )
    answer = Response(as_csv(COLUMNS, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="nightbell-audit.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _wanted() -> Wanted:
    """What the address asks for; words that are not understood are passed over. Days are the viewer's."""
    kind = request.args.get("kind", "")
    until = _day("until")
    return Wanted(
        person_id=request.args.get("person", type=as_number),
        subject_kind=Subject(kind) if kind in Subject.__members__.values() else None,
        subject_id=request.args.get("number", type=as_number),
        since=_day("since"),
        until=None if until is None else until + timedelta(days=1),
    )


def _day(name: str) -> datetime | None:
    try:
        read = datetime.combine(date.fromisoformat(request.args.get(name, "")), time())
        return instant(read, viewer_zone()) if 2000 <= read.year < 2100 else None
    except ValueError:
        return None
