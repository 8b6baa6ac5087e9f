"""What the screens of a postmortem say, gathered before a template is drawn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from app import clock
from app.database import db
from app.domain import postmortem as rules
from app.domain.timeline import Subject
from app.domain.words import IncidentSeverity, PostmortemPart, PostmortemState
from app.incidents import access, stream
from app.learning import figures, notebook, queries
from app.learning.models import Postmortem, PostmortemEntry
from app.learning.open import beginnings
from app.learning.queries import Rights
from app.paging.models import Page
from app.paging.queries import pages_about
from app.people.models import User
from app.people.rights import Act, may
from app.timeline.models import Event
from app.web.incident_timeline_view import tell
from app.web.markdown import markdown
from app.web.sentences import when
from app.web.words import exact, moment, plain, weekday_hour

STATES = {
    PostmortemState.DRAFT: ("Draft", ""), PostmortemState.IN_REVIEW: ("In review", "accent"),
    PostmortemState.PUBLISHED: ("Published", "ok"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A postmortem among others."""

    number: int
    title: str
    severity: IncidentSeverity
    state: str
    mood: str
    facts: str


@dataclass(frozen=True)
class Part:
    name: PostmortemPart
    title: str
    shown: Markup
    is_empty: bool
    facts: str


@dataclass(frozen=True)
class Told:
    """A line of the chronology. `source` is the entry of the timeline that it stands on, if one may see it."""

    number: int
    at: datetime
    when: str
    says: str
    text: str | None
    mood: str
    source: int | None
    is_reworded: bool


@dataclass(frozen=True)
class Paged:
    """Somebody was paged, and what their devices say of it."""

    who: str
    when: str
    rang: str
    mood: str


@dataclass(frozen=True)
class NotebookView:
    """`says` how it stands; `is_there` that one can be read; `can_ask` that the button does something."""

    says: str
    is_there: bool
    can_ask: bool


@dataclass(frozen=True)
class PostmortemView:
    number: int
    title: str
    severity: IncidentSeverity
    state: PostmortemState
    state_word: str
    state_mood: str
    owner: User | None
    saved: str
    parts: list[Part]
    missing: list[str]
    told: list[Told]
    paged: list[Paged] | None  # None: pages are not for this viewer
    counted: dict[str, Any] | None  # None: no figure counts it
    notebook: NotebookView | None  # None: no figure counts it, or it is not for this viewer
    comments: list[tuple[str, Markup, str]]  # who and when, what, about which part
    goes_on: str  # why what is written may be outdated
    rights: Rights
    sees_incident: bool


def line(postmortem: Postmortem) -> Line:
    word, mood = STATES[postmortem.state]
    owner = plain(postmortem.owner.name) if postmortem.owner is not None else "nobody owns it"
    resolved = postmortem.incident.resolved_at
    over = f" · resolved {moment(resolved)}" if resolved is not None else ""
    return Line(
        postmortem.id, plain(postmortem.incident.title), postmortem.incident.severity, word, mood,
        f"INC-{postmortem.id} · {owner}{over}",
    )  # fmt: skip


def view(postmortem: Postmortem, viewer: User) -> PostmortemView:
    counted = figures.at_hand(postmortem, now=clock.now())
    word, mood = STATES[postmortem.state]
    texts = queries.texts(postmortem)
    saved = f"{plain(STATES[postmortem.state][0])}, saved {when(postmortem.updated_at)}"
    return PostmortemView(
        number=postmortem.id, title=plain(postmortem.incident.title), severity=postmortem.incident.severity,
        state=postmortem.state, state_word=word, state_mood=mood, owner=postmortem.owner, saved=saved,
        parts=[
            Part(
                part, rules.TITLES[part], markdown(texts[part].text), not texts[part].text,
                _by(texts[part].by, texts[part].at),
            )
            for part in PostmortemPart
        ],
        missing=[
            rules.TITLES[part]
            for part in rules.missing({p: t.text for p, t in texts.items()}, beginnings())
        ],
        told=told(postmortem, viewer), paged=_paged(postmortem, viewer), counted=counted,
        notebook=_notebook(postmortem, viewer),
        comments=[
            (_by(each.by, each.at), markdown(each.text), rules.TITLES[each.part] if each.part else "")
            for each in queries.comments(postmortem)
        ],
        goes_on=_goes_on(postmortem), rights=queries.rights_of(viewer, postmortem),
        sees_incident=access.may_see_incident(viewer, postmortem.incident),
    )  # fmt: skip


def told(postmortem: Postmortem, viewer: User) -> list[Told]:
    """The chronology for this reader: what is of an alert that they may not read is left out, unless people
    put it into words of their own.
    """
    entries = queries.entries(postmortem)
    numbers = [each.event_id for each in entries if each.event_id is not None]
    seen = sa.select(Event).where(Event.id.in_(numbers), stream.told_to(viewer, postmortem.incident))
    events = db.session.scalars(seen.options(joinedload(Event.actor)).order_by(Event.id)).all()
    says = {entry.number: entry for entry in tell(postmortem.incident, events)}
    found = []
    for each in entries:
        source = says.get(each.event_id) if each.event_id is not None else None
        if source is None and each.words is None:
            continue
        found.append(
            Told(
                each.id, each.at, weekday_hour(each.at),
                plain(each.words) if each.words else source.says if source else "",
                None if each.words or source is None else source.text, source.mood if source else "",
                source.number if source else None, each.words is not None and each.event_id is not None,
            )
        )  # fmt: skip
    return found


def one(postmortem: Postmortem, entry: PostmortemEntry, viewer: User) -> Told | None:
    return next((each for each in told(postmortem, viewer) if each.number == entry.id), None)


def _paged(postmortem: Postmortem, viewer: User) -> list[Paged] | None:
    """Who was paged when, oldest first, and whether a phone showed it."""
    if not may(viewer, Act.SEE_OPERATIONS):
        return None
    alerts = access.seen(viewer, [alert.id for alert in postmortem.incident.alerts])
    pages = [page for number in sorted(alerts) for page in pages_about(Subject.ALERT, number)]
    pages += pages_about(Subject.INCIDENT, postmortem.id)
    return [_page(page) for page in sorted(pages, key=lambda page: (page.created_at, page.id))]


def _page(page: Page) -> Paged:
    shown = [(each.shown_at, each.device) for each in page.deliveries if each.shown_at is not None]
    if shown:
        at, device = min(shown)
        after = f"{max(0, int((at - page.created_at).total_seconds()))} s"
        return Paged(
            plain(page.user.name), moment(page.created_at), f"Shown on {plain(device)} after {after}", "ok"
        )
    accepted = [each for each in page.deliveries if each.accepted_at is not None]
    if accepted:
        at = min(each.accepted_at for each in accepted if each.accepted_at is not None)
        says = f"Taken by the push service at {exact(at)}, not known to have been shown"
        return Paged(plain(page.user.name), moment(page.created_at), says, "warn")
    why = next((each.error for each in page.deliveries if each.error), None)
    says = f"Reached no device: {plain(why)}" if why else "Reached no device"
    return Paged(plain(page.user.name), moment(page.created_at), says, "danger")


def _notebook(postmortem: Postmortem, viewer: User) -> NotebookView | None:
    if postmortem.incident.is_restricted or not may(viewer, Act.SEE_OPERATIONS):
        return None
    row = notebook.of(postmortem)
    if row is None:
        return NotebookView("The whole notebook of this incident, run on its rows.", False, True)
    there = "" if row.as_of is None else f"Run as of {moment(row.as_of)}."
    if row.next_try_at is not None:
        waits = f"Being run since {moment(row.asked_at)}. It takes a minute or two; look again then."
        return NotebookView(f"{there} {waits}".strip(), bool(there), False)
    if row.made_at is None or row.made_at < row.asked_at:
        return NotebookView(
            f"{there} It could not be run; the engine's log says why.".strip(), bool(there), True
        )
    is_old = row.as_of is not None and row.as_of < postmortem.incident.updated_at
    return NotebookView(f"{there}{' The incident changed since.' if is_old else ''}", True, is_old)


def _goes_on(postmortem: Postmortem) -> str:
    """An incident that came back after its postmortem was begun has more to tell."""
    incident, since = postmortem.incident, postmortem.published_at or postmortem.opened_at
    if incident.is_open:
        return "The incident was reopened and goes on. What stands here tells of its first end."
    if incident.reopen_count and incident.resolved_at is not None and incident.resolved_at > since:
        return f"The incident came back and was resolved again {moment(incident.resolved_at)}. Look again."
    return ""


def _by(user: User | None, at: datetime) -> str:
    who = plain(user.name) if user is not None else "Filled by itself"
    return f"{who}, {when(at)}"
