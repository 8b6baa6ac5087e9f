"""What happened, as sentences: the event log read aloud."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from app import clock
from app.database import db
from app.domain.phrase import counted
from app.domain.timeline import Kind
from app.domain.words import IncidentStatus
from app.people.models import User
from app.timeline.models import Event
from app.web.words import INCIDENT_STATUS, day, exact, hour, moment, plain


@dataclass(frozen=True)
class Entry:
    """One line of a timeline. `mood` colours its ring: danger, warn, ok, accent or nothing."""

    at: datetime
    when: str
    says: str
    mood: str = ""
    text: str | None = None
    number: int = 0  # of its event
    kind: str = ""
    happened_at: datetime | None = None  # when that was said to be another time than `at`
    is_pinned: bool = False

    @property
    def facts(self) -> str:
        """Both times where they differ: when it happened, and when it was recorded."""
        return "" if self.happened_at is None else f"{exact(self.happened_at)}, recorded {exact(self.at)}"


class Mark(Protocol):
    """What people said about an entry."""

    pinned_at: datetime | None
    happened_at: datetime | None


def entries(events: Iterable[Event], marks: Mapping[int, Mark] | None = None) -> list[Entry]:
    """Newest first. Repeats that follow each other are told once, with the last count. `marks` by event."""
    events = list(events)
    people = names_in(events)
    told: list[Entry] = []
    for event in events:
        words = SENTENCES.get(event.kind)
        if words is None:
            continue
        says, mood, text = words(event, with_names(event.data, people))
        if event.kind == Kind.REPEATED and told and told[-1].kind == Kind.REPEATED:
            told.pop()
        mark = (marks or {}).get(event.id)
        happened = mark.happened_at if mark is not None else None
        pressed = event.data.get("written_at") or event.data.get("said_at")
        told.append(
            Entry(
                event.at, when(happened or event.at), says, mood, text, event.id, event.kind,
                happened or (datetime.fromisoformat(pressed) if pressed else None),
                mark is not None and mark.pinned_at is not None,
            )
        )  # fmt: skip
    return told[::-1]


def names_in(events: Iterable[Event]) -> dict[int, str]:
    """The names, as they are today, of everybody whom these events name by their ids."""
    ids: set[int] = set()
    for event in events:
        ids |= set(event.data.get("user_ids", ()))
        ids |= {event.data[key] for key in _NAMED if isinstance(event.data.get(key), int)}
    rows = db.session.execute(sa.select(User.id, User.name).where(User.id.in_(ids))) if ids else ()
    return {number: name for number, name in rows}  # noqa: C416 - the rows are no tuples to the type checker


def with_names(data: dict[str, Any], people: Mapping[int, str]) -> dict[str, Any]:
    """The facts of an event with the names of whom it names: the log itself holds ids only."""
    named: dict[str, Any] = {
        word: people.get(data[key], "somebody") for key, word in _NAMED.items() if data.get(key)
    }
    if "user_ids" in data:
        named["people"] = [people.get(number, "somebody") for number in data["user_ids"]]
    return data | named


_NAMED = {"to_user_id": "to", "from_user_id": "from", "member_id": "member", "user_id": "person"}


def when(at: datetime) -> str:
    """The hour, with its day when that is not today."""
    return hour(at) if day(at) == day(clock.now()) else f"{day(at)}, {hour(at)}"


def _who(event: Event, otherwise: str = "Nightbell") -> str:
    return plain(event.actor.name) if event.actor is not None else otherwise


def _people(names: Sequence[Any]) -> str:
    words = [plain(name) for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nobody"


def _moment(value: Any) -> str:
    return moment(datetime.fromisoformat(str(value)))


OUTCOMES = {
    "worked": ("It worked", "ok"), "helped": ("It helped", "ok"), "no_effect": ("It had no effect", "warn"),
    "worse": ("It made things worse", "danger"),
}  # fmt: skip
POSTMORTEM_MOVES = {"draft": "took back", "in_review": "asked for a review of", "published": "published"}
Said = tuple[str, str, str | None]


def _triggered(event: Event, data: dict[str, Any]) -> Said:
    if data.get("by_hand"):
        return f"{_who(event)} paged by hand", "danger", None
    source = data.get("integration")
    return (f"Began, told by {plain(source)}" if source else "Began"), "danger", None


def _paged(_event: Event, data: dict[str, Any]) -> Said:
    names = _people(data.get("people", []))
    if data.get("last_resort"):
        return f"{names} paged as last resort", "warn", None
    again = f", round {data['round'] + 1}" if data.get("round") else ""
    step = f", step {data['step'] + 1}{again}" if "step" in data else ""
    rooms = " and ".join(plain(name) for name in data.get("rooms", ()))
    if rooms and not data.get("user_ids"):
        return f"{rooms} told{step}", "accent", None
    told = f", {rooms} told" if rooms else ""
    return f"{names} {'reminded' if data.get('reminder') else 'paged'}{step}{told}", "accent", None


def _unreached(_event: Event, data: dict[str, Any]) -> Said:
    return f"Nobody could be reached: {plain(data.get('because', 'no reason is known'))}", "danger", None


def _acknowledged(event: Event, data: dict[str, Any]) -> Said:
    who = _who(event, "Somebody at the source")
    if data.get("taken_from"):
        return f"{who} took it over", "ok", None
    if pressed := data.get("pressed_at"):
        pressed_at = exact(datetime.fromisoformat(pressed))
        return f"{who} acknowledged: pressed {pressed_at}, received {exact(event.at)}", "ok", None
    return f"{who} acknowledged", "ok", None


def _resolved(event: Event, data: dict[str, Any]) -> Said:
    how = {"source": "Over: its source says so", "timeout": "Over: no word about it for 7 days"}
    says = how.get(str(data.get("how")), f"{_who(event)} resolved it")
    return says, "ok", data.get("reason")


def _severity(event: Event, data: dict[str, Any]) -> Said:
    before, after = str(data.get("from", "")), str(data.get("to", ""))
    if after.startswith("sev"):
        return f"{_who(event)} changed the severity from {before.upper()} to {after.upper()}", "warn", None
    return f"Severity went from {before} to {after}", "warn", None


def _status(event: Event, data: dict[str, Any]) -> Said:
    to = str(data.get("to"))
    mood = "ok" if to in (IncidentStatus.MITIGATED, IncidentStatus.RESOLVED) else "accent"
    return f"{_who(event)} set it to {_status_word(to)}", mood, data.get("resolution")


def _status_word(status: str) -> str:
    return INCIDENT_STATUS[IncidentStatus(status)].lower() if status in list(IncidentStatus) else status


def _doer(event: Event, data: dict[str, Any]) -> str:
    """A person, or the response rule that did it."""
    return f"The rule {plain(data['rule'])}" if data.get("rule") else _who(event)


def _declared(event: Event, data: dict[str, Any]) -> Said:
    source = f", from alert {data['alert_id']}" if data.get("alert_id") else ""
    return f"{_doer(event, data)} declared the incident{source}", "danger", None


def _alert_added(event: Event, data: dict[str, Any]) -> Said:
    because = f": {plain(data['because'])}" if data.get("because") else ""
    return f"{_doer(event, data)} added alert {data['alert_id']}{because}", "accent", None


def _promoted(event: Event, data: dict[str, Any]) -> Said:
    because = f": {plain(data['because'])}" if data.get("because") else ""
    return f"{_doer(event, data)} made it part of INC-{data['incident_id']}{because}", "accent", None


def _said(verb: str) -> Callable[[Event, dict[str, Any]], Said]:
    """Words of somebody; written while their device had no network, they come late and say so."""

    def words(event: Event, data: dict[str, Any]) -> Said:
        if data.get("chat"):
            return f"{_who(event, 'Somebody')} wrote in {plain(data['chat'])}", "accent", data.get("text")
        late = f", offline at {exact(datetime.fromisoformat(w))}" if (w := data.get("written_at")) else ""
        return f"{_who(event)} {verb}{late}", "pending" if late else "", data.get("text")

    return words


def _ticked(event: Event, data: dict[str, Any]) -> Said:
    late = f", offline at {exact(datetime.fromisoformat(w))}" if (w := data.get("written_at")) else ""
    return (
        f"{_who(event)} did a step of {plain(data['playbook'])}{late}",
        "pending" if late else "ok",
        data["text"],
    )


def _time_corrected(event: Event, data: dict[str, Any]) -> Said:
    says = f"{_who(event)} put right when an entry happened: {_moment(data['to'])} instead of "
    return says + _moment(data["from"]), "warn", data.get("because")


def _detection(event: Event, data: dict[str, Any]) -> Said:
    after, before = _moment(data["to"]), _moment(data["from"])
    says = f"{_who(event)} corrected when it was detected: {after} instead of {before}"
    return says, "warn", data.get("because")


def _action_begun(event: Event, data: dict[str, Any]) -> Said:
    if data.get("bypass"):
        return f"{_who(event)} acts without the commander's approval", "danger", _with(data, "bypass")
    return f"{_who(event)} began", "accent", plain(data["what"])


def _action_ended(_event: Event, data: dict[str, Any]) -> Said:
    word, mood = OUTCOMES.get(str(data.get("outcome")), ("Ended", ""))
    return word, mood, _with(data, "result")


def _with(data: dict[str, Any], name: str) -> str:
    """What it is about, and below it the words that go with it."""
    return "\n".join(filter(None, (str(data.get("what", "")), str(data.get(name) or ""))))


def _update_sent(event: Event, data: dict[str, Any]) -> Said:
    readers = counted(int(data.get("readers", 0)), "person", "people")
    return f"{_who(event)} sent update {data['number']} to {readers}", "accent", data.get("text")


def _room_opened(event: Event, data: dict[str, Any]) -> Said:
    who = f"The rule {plain(data['rule'])}" if data.get("rule") else _who(event)
    return f"{who} opened the {data['use']}: {plain(data['name'])}", "accent", data.get("address")


def _rule_acted(_event: Event, data: dict[str, Any]) -> Said:
    did = "gave it to" if data.get("did") == "assign_team" else "told"
    return f"The rule {plain(data['rule'])} {did} {plain(data['team'])}", "accent", None


def _commander(event: Event, data: dict[str, Any]) -> Said:
    who, to = _who(event), plain(data.get("to", "nobody"))
    if data.get("to_user_id") is None:
        return f"{who} left the incident without a commander", "danger", None
    if data["to_user_id"] == event.actor_id:
        before = f" from {plain(data['from'])}" if data.get("from") else ""
        return f"{who} took command{before}", "accent", None
    return f"{who} handed command to {to}", "accent", None


def _change(_event: Event, data: dict[str, Any]) -> Said:
    return plain(data.get("summary", "Something was changed")), "accent", None


def _task(did: str) -> Callable[[Event, dict[str, Any]], Said]:
    """A task, and whose it is."""

    def words(event: Event, data: dict[str, Any]) -> Said:
        owner = f" for {plain(w)}" if (w := data.get("person") or data.get("team")) else ""
        return f"{_who(event)} {did}{owner}", "accent", data.get("text")

    return words


def _closed(event: Event, data: dict[str, Any]) -> Said:
    kept = f" with {counted(left, 'task')} still open" if (left := data.get("open_tasks")) else ""
    return f"{_who(event)} closed it{kept}", "ok", None


def _simple(says: str, mood: str = "", text: str | None = None) -> Callable[[Event, dict[str, Any]], Said]:
    """A sentence with {who} and facts of the event; `text` names the fact that is shown below it."""

    def words(event: Event, data: dict[str, Any]) -> Said:
        facts = {name: plain(value) for name, value in data.items()}
        return says.format_map(_Facts(facts, who=_who(event))), mood, data.get(text) if text else None

    return words


class _Facts(dict[str, str]):
    def __missing__(self, _name: str) -> str:
        return "…"


SENTENCES: dict[str, Callable[[Event, dict[str, Any]], Said]] = {
    Kind.TRIGGERED: _triggered,
    Kind.REPEATED: _simple("Reported again, {occurrences} times so far"),
    Kind.SEVERITY_CHANGED: _severity,
    Kind.PAGED: _paged,
    Kind.NOBODY_REACHED: _unreached,
    Kind.ESCALATED: _simple("{who} asked the next step at once", "warn"),
    Kind.ESCALATION_EXHAUSTED: _simple("Every step was tried, nobody answered", "danger"),
    Kind.ESCALATION_ENDED: _simple("No more pages: everybody was asked as often as promised", "danger"),
    Kind.DELIVERY_FAILED: _simple("A device could not be reached", "danger"),
    Kind.ACKNOWLEDGED: _acknowledged,
    Kind.ANSWERED: _simple("{who} acknowledged, {answers} of the {needed} who must", "ok"),
    Kind.ASKED_AGAIN: _simple("Still open after {person} acknowledged: paged again", "warn"),
    Kind.UNACKNOWLEDGED: _simple("{who} gave it back", "warn"),
    Kind.SNOOZED: lambda event, data: (f"{_who(event)} snoozed it until {_moment(data['until'])}", "", None),
    Kind.WOKEN: _simple("Back from snooze", "warn"),
    Kind.REASSIGNED: _simple("{who} gave it to {to}", "accent"),
    Kind.RESOLVED: _resolved,
    Kind.REOPENED: _simple("{who} reopened it", "danger"),
    Kind.NOTED: _said("noted"),
    Kind.COMMENTED: _said("wrote to all"),
    Kind.MERGED: _simple("{who} merged it into INC-{into}", "accent"),
    Kind.MERGED_IN: _simple("{who} merged INC-{number} into it, a duplicate", "accent"),
    Kind.RESTRICTED: _simple("{who} restricted it: only those in it see it", "warn"),
    Kind.OPENED_TO_ALL: _simple("{who} opened it to everybody", "warn"),
    Kind.TASK_ADDED: _task("added a task"),
    Kind.TASK_CHANGED: _task("changed a task"),
    Kind.TASK_DONE: _simple("{who} did a task", "ok", "text"),
    Kind.TASK_REOPENED: _simple("{who} opened a task again", "warn", "text"),
    Kind.TICKED: _ticked,
    Kind.UNTICKED: _simple("{who} took back a step of {playbook}", "warn", "text"),
    Kind.PINNED: _simple("{who} pinned an entry"),
    Kind.UNPINNED: _simple("{who} took a pin away"),
    Kind.TIME_CORRECTED: _time_corrected,
    Kind.ROOM_OPENED: _room_opened,
    Kind.ROOM_FAILED: _simple("The channel {name} could not be made: {because}", "danger"),
    Kind.POSTMORTEM_OPENED: _simple("{who} opened the postmortem", "accent"),
    Kind.POSTMORTEM_GIVEN: lambda event, data: (
        f"{_who(event)} gave the postmortem to {plain(data.get('to', 'nobody'))}",
        "accent",
        None,
    ),
    Kind.FEEDBACK_GIVEN: _simple("A responder said how it was"),
    Kind.POSTMORTEM_MOVED: lambda event, data: (
        f"{_who(event)} {POSTMORTEM_MOVES.get(data['to'], 'changed')} the postmortem",
        "ok",
        None,
    ),
    Kind.REVIEW_PLANNED: _simple("{who} planned the review", "accent"),
    Kind.REVIEW_CANCELLED: _simple("{who} cancelled the review", "warn"),
    Kind.REVIEW_HELD: _simple("{who} wrote down what the review found", "ok"),
    Kind.REVIEW_CORRECTED: _simple("{who} corrected what the review found"),
    Kind.ACTION_PROMISED: _task("promised an action"),
    Kind.ACTION_CHANGED: _task("changed an action"),
    Kind.ACTION_CARRIED_OUT: _simple("{who} carried out: {text}", "ok", "changed"),
    Kind.ACTION_REOPENED: _simple("{who} opened an action again", "warn", "text"),
    Kind.PROMOTED: _promoted,
    Kind.HELD: _simple(
        "Restored from a backup, needs review: nobody is paged for it until somebody looks", "warn"
    ),
    Kind.FLAPS: _simple(
        "Came and went: paged for {times} times in 10 min. Pages again if it is open for 2 min", "warn"
    ),
    Kind.SET_ASIDE: _simple("The engine failed three times ({because}): the last resort is asked", "danger"),
    Kind.DECLARED: _declared,
    Kind.STATUS_CHANGED: _status,
    Kind.COMMANDER_CHANGED: _commander,
    Kind.ALERT_ADDED: _alert_added,
    Kind.CLOSED: _closed,
    Kind.CHANGE: _change,
    Kind.ASKED: _simple("{who} asked {person} in, as {role}", "accent"),
    Kind.DETECTION_CORRECTED: _detection,
    Kind.IMPACT_SAID: _simple("{who} said who notices", "accent", "text"),
    Kind.SYMPTOM_SEEN: _simple("{who} sees", "", "text"),
    Kind.OPTION_PROPOSED: _simple("{who} proposed, {risk} risk", "accent", "what"),
    Kind.OPTION_APPROVED: _simple("{who} approved", "accent", "what"),
    Kind.OPTION_DECLINED: lambda event, data: (f"{_who(event)} declined", "danger", _with(data, "because")),
    Kind.OPTION_WITHDRAWN: _simple("{who} withdrew", "", "what"),
    Kind.ACTION_BEGUN: _action_begun,
    Kind.ACTION_ENDED: _action_ended,
    Kind.ROUND_BEGUN: _simple("Round {round} began"),
    Kind.ROUND_ENDED: _simple("Round {round} ended"),
    Kind.UPDATE_SENT: _update_sent,
    Kind.ROUND_WITHOUT_UPDATE: _simple("Round {round} ended without an update to others", "warn"),
    Kind.JOINED: _simple("{who} is on it", "accent"),
    Kind.DECLINED: _simple("{who} cannot come", "warn"),
    Kind.LEFT: _simple("{who} left the incident"),
    Kind.ROLE_GIVEN: _simple("{who} made {person} {role}", "accent"),
    Kind.TEAM_ADDED: lambda event, data: (
        f"{_doer(event, data)} brought {plain(data['team'])} in",
        "accent",
        None,
    ),
    Kind.RULE_ACTED: _rule_acted,
    Kind.RULES_FAILED: _simple("The response rules failed on this alert ({because}); paging goes on", "danger"),
}
