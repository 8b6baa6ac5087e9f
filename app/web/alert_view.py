"""What the alert's screen and its rows say, gathered before a template is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app import clock
from app.alerts import queries
from app.alerts.models import Alert
from app.alerts.outlook import Outlook, outlook
from app.alerts.snooze import LONGEST
from app.domain.lifecycle import suggested_severity
from app.domain.phrase import counted
from app.domain.timeline import Subject
from app.domain.words import AlertStatus, IncidentSeverity, ResolvedBy
from app.domain.zone import next_at
from app.incidents import access
from app.incidents.queries import incident_of
from app.paging import bundle
from app.paging.models import Page
from app.paging.queries import pages_about
from app.people.models import User
from app.people.queries import responders
from app.timeline.queries import events_about
from app.web.deliveries import PersonPaged, people_paged
from app.web.escalation_clock import EscalationClock, clock_of
from app.web.receipts import waiting_of
from app.web.sentences import Entry, entries
from app.web.words import (
    ALERT_LEVEL,
    ALERT_WORD,
    INCIDENT_STATUS,
    ago,
    local_time,
    moment,
    plain,
    safe_link,
    viewer_zone,
    weekday_hour,
)  # fmt: skip

CHANGES_WITHIN = timedelta(minutes=30)
MORNING = 9  # o'clock, in the viewer's zone


@dataclass(frozen=True)
class Row:
    """An alert among others."""

    number: int
    title: str
    level: int
    word: str
    facts: str
    css: str = ""


@dataclass(frozen=True)
class IncidentLine:
    number: int
    title: str
    facts: str


@dataclass(frozen=True)
class Link:
    href: str
    text: str


@dataclass(frozen=True)
class Standing:
    """How the alert stands for whoever looks: open, yours, other or over, and the sentence that says so."""

    state: str
    says: str = ""
    more: str = ""
    mood: str = ""
    sign: str = "info"
    holder: str = ""


@dataclass(frozen=True)
class Choices:
    """What the sheets offer: how long to snooze, to whom to give it, what escalating does."""

    snoozes: list[tuple[str, str, str]]
    snooze_min: str
    snooze_max: str
    people: list[tuple[int, str]]
    escalate_title: str
    escalate_says: str
    escalate_verb: str
    incident_severities: list[tuple[str, str]]
    suggested_severity: IncidentSeverity


@dataclass(frozen=True)
class AlertView:
    number: int
    run: int
    level: int
    word: str
    step_words: str
    title: str
    service: str
    started_at: datetime
    occurrences: int
    description: str
    standing: Standing
    clock: EscalationClock | None
    incident: IncidentLine | None
    why_title: str
    why: list[str]
    went: list[PersonPaged]
    links: list[Link]
    labels: list[tuple[str, str]]
    entries: list[Entry]
    changes: list[Entry]
    earlier: list[Row]
    next_page: Row | None
    more_pages: int
    choices: Choices | None = field(default=None)
    along: list[Row] = field(default_factory=list)  # what came in one message with it, and nobody has


def alert_view(alert: Alert, viewer: User, *, waiting: Sequence[Alert], may_respond: bool) -> AlertView:
    """The whole screen for `viewer`. `waiting`: the alerts that need this person now."""
    ahead = outlook(alert)
    pages = pages_about(Subject.ALERT, alert.id, run=alert.run)
    others = [other for other in waiting if other.id != alert.id]
    why_title, why = _why(pages, viewer)
    return AlertView(
        number=alert.number, run=alert.run, level=ALERT_LEVEL[alert.severity], word=ALERT_WORD[alert.severity],
        step_words=_step_words(ahead), title=plain(alert.title), service=plain(alert.service.name),
        started_at=alert.started_at, occurrences=alert.occurrences, description=alert.description,
        standing=standing(alert, viewer), clock=clock_of(alert, ahead),
        incident=_incident_line(alert, viewer),
        why_title=why_title, why=why, went=people_paged(pages),
        links=_links(alert),
        labels=[(plain(name), plain(value)) for name, value in {**alert.labels, **alert.annotations}.items()],
        entries=entries(events_about(Subject.ALERT, alert.id)), changes=_changes(alert),
        earlier=[row(one, viewer) for one in queries.earlier_like(alert, among=access.alerts_seen_by(viewer))],
        next_page=row(others[0], viewer) if others else None, more_pages=len(others),
        choices=_choices(alert, ahead) if may_respond else None,
        along=[row(one, viewer) for one in along(alert, viewer)] if may_respond else [],
    )  # fmt: skip


def along(alert: Alert, viewer: User) -> list[Alert]:
    """What came to the viewer in one message with this alert and still waits: one answer is for all of it."""
    together = bundle.together_with(alert.id, run=alert.run, user_id=viewer.id)
    found = waiting_of(together, viewer, first=alert.id) if len(together) > 1 else []
    return [each for each in found if each.id != alert.id]


def row(alert: Alert, viewer: User) -> Row:
    """An alert in a list: what, where, since when, and who has it."""
    css = {AlertStatus.TRIGGERED: "new", AlertStatus.RESOLVED: "over"}.get(alert.status, "")
    facts = f"{plain(alert.service.name)} · {weekday_hour(alert.started_at)} · {_holder(alert, viewer)}"
    level, word = ALERT_LEVEL[alert.severity], ALERT_WORD[alert.severity]
    return Row(alert.number, plain(alert.title), level, word, facts, css)


def _holder(alert: Alert, viewer: User) -> str:
    if alert.status is AlertStatus.RESOLVED:
        return f"over {weekday_hour(alert.resolved_at)}" if alert.resolved_at else "over"
    if alert.status is AlertStatus.TRIGGERED:
        return "nobody has it"
    mine = alert.acknowledged_by_id == viewer.id
    who = "you" if mine else plain(alert.acknowledged_by.name) if alert.acknowledged_by else "the source"
    if alert.snoozed_until:
        return f"{who}, back at {weekday_hour(alert.snoozed_until)}"
    return "you have it" if mine else f"{who} has it"


def standing(alert: Alert, viewer: User) -> Standing:
    """The sentence that is true now, for `viewer`."""
    if alert.status is AlertStatus.RESOLVED:
        return Standing("over", *_how_it_ended(alert), mood="ok", sign="check")
    if alert.status is AlertStatus.TRIGGERED:
        return Standing("open")
    holder = plain(alert.acknowledged_by.name) if alert.acknowledged_by else "Somebody at the source"
    mine = alert.acknowledged_by_id == viewer.id
    since = f" {ago(alert.acknowledged_at)}" if alert.acknowledged_at else ""
    if alert.snoozed_until:
        until = moment(alert.snoozed_until)
        says = f"Snoozed by {'you' if mine else holder} until {until}."
        return Standing("yours" if mine else "other", says, "Then it pages again.", "", "clock", holder)
    if mine:
        return Standing("yours", "You have it.", "Nobody else is paged.", "ok", "check", holder)
    return Standing(
        "other", f"{holder} has it,{since}." if since else f"{holder} has it.", "", "ok", "people", holder
    )


def _how_it_ended(alert: Alert) -> tuple[str, str]:
    at = f" at {moment(alert.resolved_at)}" if alert.resolved_at else ""
    match alert.resolved_by:
        case ResolvedBy.SOURCE:
            return f"Over{at}.", "Back to normal, its source says so."
        case ResolvedBy.TIMEOUT:
            return f"Over{at}.", "Nobody said a word about it for 7 days."
        case _:
            return f"Resolved{at}.", plain(alert.resolution or "")


def _incident_line(alert: Alert, viewer: User) -> IncidentLine | None:
    incident = incident_of(alert.id)
    if incident is None or not access.may_see_incident(viewer, incident):
        return None
    facts = f"INC-{incident.number} · {incident.severity.upper()} · {INCIDENT_STATUS[incident.status]}"
    return IncidentLine(incident.number, plain(incident.title), facts)


def _links(alert: Alert) -> list[Link]:
    """What may be tapped: http and https alone, whatever the sender wrote."""
    return [
        Link(href, plain(link.get("text") or href))
        for link in alert.links
        if (href := safe_link(link.get("href")))
    ]


def _step_words(ahead: Outlook) -> str:
    if ahead.is_last_resort:
        return "last resort"
    return f"step {ahead.step} of {ahead.steps}" if ahead.step else ""


def _why(pages: Sequence[Page], viewer: User) -> tuple[str, list[str]]:
    """The chain of reasons of the viewer's own page, else of the latest one."""
    mine = next((page for page in pages if page.user_id == viewer.id), None)
    page = mine or next(iter(pages), None)
    if page is None:
        return "", []
    return ("Why you" if mine else f"Why {plain(page.user.name)}"), [plain(reason) for reason in page.reason]


def _changes(alert: Alert) -> list[Entry]:
    """Deploys and other changes of the service, half an hour on either side of its start."""
    return [
        entry
        for entry in entries(events_about(Subject.SERVICE, alert.service_id, limit=100))
        if abs(entry.at - alert.started_at) <= CHANGES_WITHIN
    ]


def _choices(alert: Alert, ahead: Outlook) -> Choices:
    now = clock.now()
    local = now.astimezone(viewer_zone())
    title, says, verb = _escalating(ahead)
    return Choices(
        snoozes=[
            ("60", "1 hour", moment(now + timedelta(hours=1))),
            ("240", "4 hours", moment(now + timedelta(hours=4))),
            ("morning", f"{MORNING:02}:00 my time", moment(next_at(MORNING, now, viewer_zone()))),
        ],
        snooze_min=local.strftime("%Y-%m-%dT%H:%M"),
        snooze_max=(local + LONGEST).strftime("%Y-%m-%dT%H:%M"),
        people=[
            (user.id, f"{plain(user.name)}, {local_time(user.time_zone)}") for user in responders()
        ],
        escalate_title=title, escalate_says=says, escalate_verb=verb,
        incident_severities=[(str(one), one.upper()) for one in IncidentSeverity],
        suggested_severity=suggested_severity(alert.severity),
    )  # fmt: skip


def _escalating(ahead: Outlook) -> tuple[str, str, str]:
    if not ahead.people:
        return "Ask the next step now?", "Whoever the policy asks next is paged at once.", "Escalate now"
    names = " and ".join(plain(person.name) for person in ahead.people[:3])
    clocks = ", ".join(local_time(person.time_zone) for person in ahead.people[:3])
    more = f" {counted(len(ahead.people) - 3, 'person', 'people')} more." if len(ahead.people) > 3 else ""
    first = plain(ahead.people[0].name).split()[0]
    return (
        f"Page {names} now?",
        f"It is {clocks}.{more}",
        f"Page {first}" if len(ahead.people) == 1 else "Page them",
    )
