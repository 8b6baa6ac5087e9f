"""The timeline of an incident: all of it, page by page; noted, pinned, put right, and taken along as a file."""

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.lifecycle import InvalidTransition
from app.incidents import access, marks, queries, stream
from app.incidents.models import Incident
from app.incidents.note import note
from app.people.rights import Act
from app.timeline.models import Event
from app.web import spreadsheet
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, typed_moment
from app.web.incident_edge import done, locked, text
from app.web.incident_timeline_view import FILTERS, page, tell
from app.web.sentences import Entry
from app.web.words import moment, plain, viewer_zone

blueprint = Blueprint("incident_timeline", __name__)

LONGEST = 100_000  # entries of one file
KINDS = {"md": "text/markdown", "csv": "text/csv", "json": "application/json"}


@blueprint.get("/incidents/<int:number>/timeline")
@needs(Act.SEE_INCIDENTS)
def show(number: int) -> ResponseReturnValue:
    """Fifty entries before `before`, the newest first; `only` some kinds of them."""
    incident, only = _found(number), request.args.get("only", "")
    told, before = page(incident, viewer(), before=request.args.get("before", type=as_number), only=only)
    return render_template(
        "incidents/timeline.html", number=number, title=plain(incident.title), entries=told, before=before,
        only=only if only in FILTERS else "", filters=[("", "All"), *((k, w) for k, (w, _) in FILTERS.items())],
    )  # fmt: skip


@blueprint.get("/incidents/<int:number>/export")
@needs(Act.SEE_INCIDENTS)
def export(number: int) -> ResponseReturnValue:
    """The whole timeline, oldest first, as Markdown, CSV or JSON (`?as=`)."""
    incident, kind = _found(number), request.args.get("as", "md")
    if kind not in KINDS:
        raise NotFound
    told = page(incident, viewer(), limit=LONGEST)[0][::-1]
    words = {"md": _markdown, "csv": _csv, "json": _json}[kind](incident, told)
    answer = Response(words, mimetype=KINDS[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="INC-{incident.number}.{kind}"'
    return answer


@blueprint.post("/incidents/<int:number>/notes")
@needs(Act.SEE_OPERATIONS)
def add_note(number: int) -> ResponseReturnValue:
    """A line for the timeline; with `written_at` and `key` when the device had no network."""
    with transaction():
        note(
            locked(number), text("text"), by=viewer(), at=clock.now(), to_all=bool(request.form.get("to_all")),
            written_at=typed_moment(request.form.get("written_at")), key=text("key", 100),
        )  # fmt: skip
    return done(number, "Noted.")


@blueprint.post("/incidents/<int:number>/timeline/<int:entry>/pin")
@needs(Act.SEE_OPERATIONS)
def pin(number: int, entry: int) -> ResponseReturnValue:
    is_pinned = request.form.get("pin") == "yes"
    with transaction():
        incident, event = _entry(number, entry)
        marks.pin(incident, event, is_pinned=is_pinned, by=viewer(), at=clock.now())
    return done(number, "Pinned." if is_pinned else "No longer pinned.")


@blueprint.get("/incidents/<int:number>/timeline/<int:entry>")
@needs(Act.SEE_OPERATIONS)
def one(number: int, entry: int) -> ResponseReturnValue:
    """One entry, with what can be done to it."""
    incident = _found(number)
    event = stream.entry(incident, viewer(), entry)
    if event is None:
        raise NotFound
    told = tell(incident, [event])
    if not told:
        raise NotFound
    happened = (told[0].happened_at or told[0].at).astimezone(viewer_zone())
    return render_template(
        "incidents/entry.html", number=number, entry=told[0], may_work=access.may_work(viewer(), incident),
        happened_local=happened.strftime("%Y-%m-%dT%H:%M:%S"), title=plain(incident.title),
    )  # fmt: skip


@blueprint.post("/incidents/<int:number>/timeline/<int:entry>/time")
@needs(Act.SEE_OPERATIONS)
def correct_time(number: int, entry: int) -> ResponseReturnValue:
    """When it really happened, and how one knows."""
    with transaction():
        incident, event = _entry(number, entry)
        happened_at = typed_moment(request.form.get("happened_at"))
        if happened_at is None:
            raise InvalidTransition("Give the day and the hour it happened.")
        marks.correct_time(incident, event, happened_at, because=text("because"), by=viewer(), at=clock.now())
    return done(number, "Put right. The timeline says what stood before.")


def _markdown(incident: Incident, told: list[Entry]) -> str:
    lines = [f"# INC-{incident.number} {_flat(incident.title)}", ""]
    for each in told:
        pin = " (pinned)" if each.is_pinned else ""
        also = f" ({each.facts})" if each.facts else ""
        said = f": {_flat(each.text)}" if each.text else ""
        lines.append(f"- **{moment(each.happened_at or each.at)}** {_flat(each.says)}{said}{also}{pin}")
    return "\n".join(lines) + "\n"


def _csv(_incident: Incident, told: list[Entry]) -> str:
    header = ("recorded_at", "happened_at", "says", "text", "pinned")
    rows = [
        (
            _iso(each.at),
            _iso(each.happened_at or each.at),
            each.says,
            each.text,
            "yes" if each.is_pinned else "",
        )
        for each in told
    ]
    return spreadsheet.as_csv(header, rows)


def _json(incident: Incident, told: list[Entry]) -> str:
    facts = [
        {"recorded_at": _iso(each.at), "happened_at": _iso(each.happened_at or each.at), "says": each.says,
         "text": each.text, "kind": each.kind, "pinned": each.is_pinned}
        for each in told
    ]  # fmt: skip
    whole = {"incident": incident.number, "title": incident.title, "entries": facts}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _flat(words: str) -> str:
    """Text of people inside Markdown: one line, and no sign of it means anything."""
    line = " ".join(plain(words).split())
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>()#+!|~" else sign for sign in line)


def _found(number: int) -> Incident:
    incident = queries.shown(number, viewer())
    if incident is None:
        raise NotFound
    return incident


def _entry(number: int, entry: int) -> tuple[Incident, Event]:
    incident = locked(number)
    event = stream.entry(incident, viewer(), entry)
    if event is None:
        raise NotFound
    return incident, event
