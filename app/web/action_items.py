"""Actions after incidents: promised, reminded of, carried out, and how old those grow that are not."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain import action as rules
from app.domain.invalid import InvalidField
from app.domain.phrase import counted
from app.domain.words import ActionKind, Improves
from app.incidents import access
from app.incidents import queries as incidents
from app.incidents.models import Incident
from app.learning import action_queries, actions, improve
from app.learning.models import ActionItem
from app.people.models import User
from app.people.queries import responders
from app.people.rights import Act, NotAllowed, who_may
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, row_number, typed_moment
from app.web.incident_edge import locked as locked_incident
from app.web.incident_edge import text
from app.web.incident_view import local
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import hour, lasted, moment, plain

blueprint = Blueprint("action_items", __name__)

KINDS = {
    ActionKind.PREVENT: ("Prevent", "so that it does not come back"),
    ActionKind.DETECT: ("Detect", "so that it is seen sooner"),
    ActionKind.RESPOND: ("Respond", "so that the response is better"),
}
PLACES = {
    Improves.SERVICE: ("Service", "/services/{}"), Improves.SCHEDULE: ("Schedule", "/schedules/{}"),
    Improves.POLICY: ("Escalation policy", "/escalation-policies/{}"),
    Improves.PLAYBOOK: ("Playbook", "/playbooks/{}"), Improves.RULE: ("Response rule", "/response-rules"),
}  # fmt: skip
TABS = {"open": "Open", "mine": "Mine", "teams": "My teams'", "done": "Carried out"}
NOTHING = {
    "open": "No action is open. One is promised on an incident's screen, or in its postmortem.",
    "mine": "No action of yours is open.", "teams": "No action of a team that you manage is open.",
    "done": "No action has been carried out yet.",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    number: int
    incident: int
    text: str
    kind: str
    facts: str
    changed: str
    link: str
    is_done: bool
    is_late: bool


@blueprint.get("/action-items")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    """What was promised, those due first, first; and how old the open ones are."""
    tab = request.args.get("tab", "open")
    tab = tab if tab in TABS else "open"
    if tab == "done":
        found = action_queries.carried_out(viewer())
    else:
        found = action_queries.open_ones(viewer(), mine=tab == "mine", managed=tab == "teams")
    return render_template(
        "action_items/index.html", tab=tab, tabs=TABS, actions=[line(each) for each in found],
        nothing=NOTHING[tab], ageing=ageing_in_words(action_queries.ages(viewer(), clock.now())),
    )  # fmt: skip


@blueprint.get("/incidents/<int:number>/action-items")
@needs(Act.SEE_OPERATIONS)
def write(number: int) -> str:
    """One more for this incident."""
    return _form(_incident(number), None)


@blueprint.post("/incidents/<int:number>/action-items")
@needs(Act.SEE_OPERATIONS)
def promise(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            made = actions.promise(locked_incident(number), _promise(), by=viewer(), at=clock.now())
            told = made.id
    except InvalidField as invalid:
        return _form(_incident(number), None, problems_of(invalid)), 422
    toast("Promised.")
    return see(url_for(".show", number=told))


@blueprint.get("/action-items/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    item = found(number)
    return _form(item.incident, item)


@blueprint.post("/action-items/<int:number>")
@needs(Act.SEE_OPERATIONS)
def rewrite(number: int) -> ResponseReturnValue:
    """Other words, another owner, another day; what somebody else changed meanwhile is shown (409)."""
    try:
        with transaction():
            item = _locked(number)
            if request.form.get("seen", item.edition) != item.edition:
                return _form(item.incident, item, is_stale=True), 409
            actions.change(item, _promise(), by=viewer(), at=clock.now())
    except InvalidField as invalid:
        item = found(number)
        return _form(item.incident, item, problems_of(invalid)), 422
    toast("Kept.")
    return see(url_for(".show", number=number))


@blueprint.post("/action-items/<int:number>/completion")
@needs(Act.SEE_OPERATIONS)
def carry_out(number: int) -> ResponseReturnValue:
    """Done, with what `changed`; with `done=no` not after all."""
    is_done = request.form.get("done") != "no"
    try:
        with transaction():
            item = _locked(number)
            if is_done:
                actions.carry_out(item, text("changed", actions.PROOF_LONGEST), by=viewer(), at=clock.now())
            else:
                actions.reopen(item, by=viewer(), at=clock.now())
    except InvalidField as invalid:
        item = found(number)
        return _form(item.incident, item, problems_of(invalid)), 422
    toast("Carried out." if is_done else "Open again.")
    return see(url_for(".show", number=number))


def line(item: ActionItem) -> Line:
    word, _ = KINDS[item.kind]
    whose = plain(item.owner.name) if item.owner is not None else "Nobody owns it"
    is_late = item.done_at is None and rules.is_late(item.due_at, clock.now())
    if item.done_at is not None:
        by = plain(item.done_by.name) if item.done_by is not None else "somebody"
        facts = f"Carried out by {by}, {moment(item.done_at)}"
    else:
        due = "no day is set" if item.due_at is None else f"due {moment(item.due_at)}"
        if is_late and item.due_at is not None:
            due = f"{lasted(clock.now() - item.due_at)} late"
        facts = f"{whose} · {due} · promised {lasted(clock.now() - item.created_at)} ago"
    return Line(
        item.id, item.incident_id, plain(item.text), word, facts, plain(item.changed), item.link,
        item.done_at is not None, is_late,
    )  # fmt: skip


def lines_of(number: int) -> list[Line]:
    """Those of an incident, for its screen and its postmortem."""
    return [line(each) for each in action_queries.of_incident(number)]


def improving(kind: Improves, number: int | None = None) -> list[Line]:
    """What improves a thing, for its own page: all of a kind where they stand on one."""
    found = (
        improve.improving_any(kind, viewer()) if number is None else improve.improving(kind, number, viewer())
    )
    return [line(each) for each in found]


def ageing_in_words(ageing: rules.Ageing | None) -> str:
    """ "7 open: 3 under a week, 4 over 4 weeks. The middle age is 12 d, the oldest 60 d. 2 are late." """
    if ageing is None:
        return ""
    ages = ", ".join(f"{count} {word}" for word, count in ageing.by_age if count)
    late = "none is late" if not ageing.late else f"{ageing.late} late"
    return (
        f"{counted(ageing.count, 'action')} open, {late}. By age: {ages}; the middle one is"
        f" {lasted(ageing.middle)} old, the oldest {lasted(ageing.oldest)}."
    )


def found(number: int) -> ActionItem:
    item = action_queries.found(number, viewer())
    if item is None:
        raise NotFound
    return item


def _incident(number: int) -> Incident:
    incident = incidents.shown(number, viewer())
    if incident is None:
        raise NotFound
    return incident


def _locked(number: int) -> ActionItem:
    found(number)
    item = actions.locked(number)
    if item is None:
        raise NotFound
    if not action_queries.may_change(viewer(), item):
        raise NotAllowed(who_may(Act.RESPOND))
    return item


def _promise() -> actions.Promise:
    kind, wanted = request.form.get("kind", ""), request.form.get("improves", "")
    problems = [] if kind in list(ActionKind) else [("/kind", "Say what it is for.")]
    improves, _, improves_id = wanted.partition(":")
    if wanted and not (improves in list(Improves) and row_number(improves_id)):
        problems.append(("/improves", "Choose something of this list."))
    due, owner = request.form.get("due_at", "").strip(), request.form.get("owner_id", "")
    due_at = typed_moment(due)
    if due and due_at is None:
        problems.append(("/due_at", "Give a day and an hour, or leave it empty."))
    user = db.session.get(User, row_number(owner))
    if owner and user is None:
        problems.append(("/owner_id", "Choose somebody of this list."))
    if problems:
        raise InvalidField(problems)
    return actions.Promise(
        text("text"), ActionKind(kind), owner=user, due_at=due_at, link=text("link"),
        improves=Improves(improves) if wanted else None,
        improves_id=row_number(improves_id) if wanted else None,
    )  # fmt: skip


def _form(
    incident: Incident,
    item: ActionItem | None,
    problems: dict[str, str] | None = None,
    *,
    is_stale: bool = False,
) -> str:
    """As it stands, or as it was typed where something is to be put right or was changed meanwhile."""
    user = viewer()
    names = ("text", "kind", "owner_id", "due_at", "link", "improves", "changed")
    fields = _fields(item)
    if (problems or is_stale) and "text" in request.form:
        fields = {name: request.form.get(name, "") for name in names}
    may_change = access.may_work(user, incident) if item is None else action_queries.may_change(user, item)
    return render_template(
        "action_items/show.html", number=incident.id, title=plain(incident.title),
        action=None if item is None else line(item), better=_better(item), fields=fields,
        problems=problems or {}, seen="" if item is None else item.edition, is_stale=is_stale,
        may_change=may_change, people=_people(item), kinds=KINDS, things=_things() if may_change else [],
        done_at="" if item is None or item.done_at is None else hour(item.done_at),
    )  # fmt: skip


def _fields(item: ActionItem | None) -> dict[str, str]:
    if item is None:
        return {"kind": str(ActionKind.PREVENT), "owner_id": str(viewer().id)}
    return {
        "text": item.text, "kind": str(item.kind), "owner_id": str(item.owner_id or ""), "link": item.link,
        "due_at": "" if item.due_at is None else local(item.due_at),
        "improves": "" if item.improves is None else f"{item.improves}:{item.improves_id}",
    }  # fmt: skip


def _better(item: ActionItem | None) -> tuple[str, str] | None:
    """What it improves and where that is; None for nothing, or what is gone or not for this viewer."""
    if item is None or item.improves is None:
        return None
    name = improve.name_of(item.improves, item.improves_id, viewer())
    word, place = PLACES[item.improves]
    return None if name is None else (f"{word} {plain(name)}", place.format(item.improves_id))


def _things() -> list[tuple[str, str]]:
    return [
        ("", "Nothing in particular"),
        *(
            (f"{kind}:{number}", f"{PLACES[kind][0]}: {plain(name)}")
            for kind, number, name in improve.all_for(viewer())
        ),
    ]


def _people(item: ActionItem | None) -> list[tuple[str, str]]:
    """Who can own one; whoever does is among them, even when they have left."""
    known = [(str(user.id), plain(user.name)) for user in responders()]
    owner = None if item is None else item.owner
    if owner is not None and (str(owner.id), plain(owner.name)) not in known:
        known.append((str(owner.id), plain(owner.name)))
    return [("", "Nobody yet"), *known]
