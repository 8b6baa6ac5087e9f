"""Search: what was written of incidents, for whoever may read it."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from app.domain import search as rules
from app.domain.phrase import counted
from app.domain.search import Kind
from app.learning.search import SHOWN, Find, search
from app.people.models import User
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.words import moment, plain

blueprint = Blueprint("search", __name__)

KINDS = {
    Kind.INCIDENT: "Incidents", Kind.POSTMORTEM: "Postmortems", Kind.PLAYBOOK: "Playbooks", Kind.NOTE: "Notes",
}  # fmt: skip
MARKS = {Kind.INCIDENT: "incidents", Kind.POSTMORTEM: "postmortems", Kind.PLAYBOOK: "book", Kind.NOTE: "note"}


@blueprint.get("/search")
@needs(Act.SEE_INCIDENTS)
def index() -> str:
    """A field, and what was found; the kinds are links, so that a search can be kept as an address."""
    reader = viewer()  # each look at who it is asks the database
    typed, wanted = request.args.get("q", "")[: rules.LOOKED_AT], request.args.get("kind", "")
    kinds = [Kind(wanted)] if wanted in list(Kind) else []
    found = search(typed, reader, kinds=kinds)
    shown = [kind for kind in Kind if kind is not Kind.PLAYBOOK or may(reader, Act.SEE_OPERATIONS)]
    return render_template(
        "search/index.html",
        typed=typed, kind=kinds[0].value if kinds else "", found=[_line(each, reader) for each in found],
        says=_says(typed, len(found)),
        kinds=[("", "All", url_for(".index", q=typed))]
        + [(kind.value, KINDS[kind], url_for(".index", q=typed, kind=kind.value)) for kind in shown],
    )  # fmt: skip


def door(find: Find, reader: User) -> str:
    """Where it can be read."""
    match find.kind:
        case Kind.PLAYBOOK:
            return f"/playbooks/{find.number}"
        case Kind.POSTMORTEM:
            return f"/postmortems/{find.number}"
        case Kind.NOTE:
            return f"/incidents/{find.number}/timeline/{find.entry}"
    return f"/incidents/{find.number}{'' if may(reader, Act.SEE_OPERATIONS) else '/live'}"


def _line(find: Find, reader: User) -> dict[str, Any]:
    facts = KINDS[find.kind][:-1]
    if find.incident is not None:
        facts += f" · INC-{find.number} · {find.incident.severity.upper()}, {moment(find.incident.declared_at)}"
    says = [(plain(piece.text), piece.is_found) for piece in find.says]
    return {
        "name": plain(find.title),
        "facts": facts,
        "says": says,
        "door": door(find, reader),
        "icon": MARKS[find.kind],
    }


def _says(typed: str, found: int) -> str:
    """What came of it, in words."""
    if not typed.strip():
        return ""
    if not rules.words(typed):
        return "Type a word: signs alone find nothing."
    if not found:
        return "Nothing that you may read has all of these words. Fewer of them find more."
    return f"{counted(found, 'find')}{', the first of more' if found == SHOWN else ''}."
