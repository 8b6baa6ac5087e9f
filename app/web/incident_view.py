"""What the incident's screen and its rows say, gathered before a template is drawn."""

from dataclasses import dataclass
from datetime import datetime

from app import clock
from app.domain.phrase import counted
from app.domain.words import IncidentSeverity, IncidentStatus, Phase, RoomUse
from app.incidents import access, queries, update, war_room
from app.incidents.models import Incident, IncidentRoom
from app.people.models import User
from app.people.rights import Act, may
from app.web.alert_view import Row, row
from app.web.incident_timeline_view import page, pinned
from app.web.sentences import Entry
from app.web.words import INCIDENT_STATUS, hour, lasted, moment, plain, viewer_zone

MOODS = {
    IncidentStatus.OPEN: "danger", IncidentStatus.IN_PROGRESS: "accent", IncidentStatus.MITIGATED: "ok",
    IncidentStatus.RESOLVED: "ok", IncidentStatus.CLOSED: "",
}  # fmt: skip
# status -> the verbs beside Resolve: word, address below the incident, icon
MOVES = {
    IncidentStatus.OPEN: [("In progress", "containment", "pulse"), ("Mitigated", "mitigation", "shield")],
    IncidentStatus.IN_PROGRESS: [("Mitigated", "mitigation", "shield")],
    IncidentStatus.MITIGATED: [("It came back", "containment", "undo")],
}
ENTRIES = 20  # of the timeline, on the first screen; older ones are on its own page
ROOM_WORDS = {RoomUse.CHAT: "Chat", RoomUse.CALL: "Call"}
# what each severity means for people: chosen by these words, never by the number (S-22)
IMPACTS = {
    IncidentSeverity.SEV1: "Most people cannot use it, or data is at risk",
    IncidentSeverity.SEV2: "Many people notice, there is no way round",
    IncidentSeverity.SEV3: "Some people notice, there is a way round",
    IncidentSeverity.SEV4: "Few people notice",
    IncidentSeverity.SEV5: "Nobody outside notices",
}


@dataclass(frozen=True)
class Line:
    """An incident among others."""

    number: int
    title: str
    severity: IncidentSeverity
    facts: str
    is_over: bool


@dataclass(frozen=True)
class UpdateLine:
    """What people were told, once."""

    number: int
    issue: str
    steps: str
    facts: str
    at: datetime


@dataclass(frozen=True)
class RoomLine:
    """Where one meets. Without an address it is being made, or could not be."""

    word: str
    name: str
    address: str | None
    problem: str


@dataclass(frozen=True)
class IncidentView:
    number: int
    title: str
    severity: IncidentSeverity
    status: IncidentStatus
    status_word: str
    status_mood: str
    is_open: bool
    phase_at: int
    elapsed: str
    since: datetime
    commander: User | None
    commander_since: str
    declared_by: str
    services: str
    team: str  # the one it belongs to; empty for none
    supporting: str  # the other teams that help
    resolution: str
    resolved_when: str
    moments: list[tuple[str, datetime]]
    entries: list[Entry]  # the newest ones
    older: int | None  # the entry before which there are more
    pinned: list[Entry]
    may_work: bool
    alerts: list[Row] | None  # None: alerts are not for this viewer
    alerts_words: str
    open_alerts: list[Row]
    asks_to_resolve: bool
    moves: list[tuple[str, str, str]]
    severities: list[tuple[IncidentSeverity, str]]
    impact: str
    is_restricted: bool
    merged_into: int | None
    may_open: bool  # to everybody
    may_delete: bool
    update_due: str  # in words; empty when none is promised
    is_update_late: bool
    updates: list[UpdateLine]
    rooms: list[RoomLine]
    fallback: str  # where one meets while those are down; empty when none is named
    may_open_rooms: bool  # something of the template is not open yet
    detected_local: str  # for a datetime-local input, in the viewer's zone


def _is_there(room: IncidentRoom) -> bool:
    """It can be gone to, or its channel is being made."""
    return room.address is not None or room.next_try_at is not None


def line(incident: Incident) -> Line:
    commander = plain(incident.commander.name) if incident.commander else "nobody leads yet"
    facts = f"INC-{incident.number} · {INCIDENT_STATUS[incident.status]} · {commander} · {_elapsed(incident)}"
    return Line(incident.number, plain(incident.title), incident.severity, facts, not incident.is_open)


def incident_view(incident: Incident, viewer: User) -> IncidentView:
    sees_alerts = may(viewer, Act.SEE_OPERATIONS)
    seen = access.seen(viewer, [alert.id for alert in incident.alerts])
    shown = [alert for alert in incident.alerts if alert.id in seen]
    told, older = page(incident, viewer, limit=ENTRIES)
    rooms, template = war_room.rooms(incident), war_room.template()
    still_open = [alert for alert in shown if alert.is_open]
    return IncidentView(
        number=incident.number, title=plain(incident.title), severity=incident.severity, status=incident.status,
        status_word=INCIDENT_STATUS[incident.status], status_mood=MOODS[incident.status],
        is_open=incident.is_open,
        phase_at=4 if incident.status is IncidentStatus.CLOSED else list(Phase).index(incident.phase),
        elapsed=_elapsed(incident), since=incident.impact_started_at or incident.detected_at,
        commander=incident.commander,
        commander_since=hour(incident.commander_since) if incident.commander_since else "",
        declared_by=plain(incident.declared_by.name) if incident.declared_by else "",
        services=", ".join(plain(service.name) for service in incident.services) or "none named",
        team=plain(incident.team.name) if incident.team else "",
        supporting=", ".join(plain(team.name) for team in incident.supporting_teams),
        resolution=plain(incident.resolution or ""),
        resolved_when=moment(incident.resolved_at) if incident.resolved_at else "",
        moments=[(word, at) for word, at in (
            ("Detected", incident.detected_at), ("Acknowledged", incident.acknowledged_at),
            ("Declared", incident.declared_at), ("Mitigated", incident.mitigated_at),
            ("Resolved", incident.resolved_at), ("Closed", incident.closed_at),
        ) if at is not None],
        entries=told, older=older, pinned=pinned(incident, viewer),
        alerts=[row(alert, viewer) for alert in shown] if sees_alerts else None,
        alerts_words=_of(len(shown), len(incident.alerts), len(still_open)),
        open_alerts=[row(alert, viewer) for alert in still_open],
        may_work=access.may_work(viewer, incident),
        asks_to_resolve=incident.is_open and queries.all_alerts_over(incident),
        moves=MOVES.get(incident.status, []),
        severities=[(each, f"{each.upper()}, {words.lower()}") for each, words in IMPACTS.items()],
        is_restricted=incident.is_restricted,
        merged_into=incident.merged_into_id, may_delete=may(viewer, Act.DELETE_INCIDENTS),
        may_open=incident.commander_id == viewer.id or may(viewer, Act.MANAGE_ORGANISATION),
        impact=plain(incident.impact), update_due=_due(incident.next_update_at),
        is_update_late=incident.next_update_at is not None and incident.next_update_at <= clock.now(),
        updates=[
            UpdateLine(
                each.number, plain(each.issue), each.steps,
                f"Update {each.number} · {plain(each.sent_by.name)}", each.sent_at,
            )
            for each in update.updates(incident)
        ],
        rooms=[
            RoomLine(ROOM_WORDS[each.use], plain(each.name), each.address, plain(each.problem or ""))
            for each in rooms
        ],
        fallback=plain(template.fallback),
        may_open_rooms=bool(set(template.rooms) - {each.use for each in rooms if _is_there(each)}),
        detected_local=local(incident.detected_at),
    )  # fmt: skip


def local(at: datetime) -> str:
    """For a datetime-local input, in the viewer's zone."""
    return at.astimezone(viewer_zone()).strftime("%Y-%m-%dT%H:%M")


def _of(shown: int, total: int, still_open: int) -> str:
    """How many alerts there are and stand open; those of other teams that are not shown are told of."""
    hidden = f" · {total - shown} more of other teams" if total > shown else ""
    return f"{counted(shown, 'alert')}, {still_open} open{hidden}"


def _elapsed(incident: Incident) -> str:
    """From when it began, else from when it was seen, until it was resolved or now."""
    began = incident.impact_started_at or incident.detected_at
    return lasted((incident.resolved_at or clock.now()) - began)


def _due(at: datetime | None) -> str:
    """ "Next update due 04:10, in 12 min", or by how much it is late."""
    if at is None:
        return ""
    left = at - clock.now()
    when = f"in {lasted(left)}" if left.total_seconds() > 0 else f"{lasted(-left)} late"
    return f"Next update due {hour(at)}, {when}"
