"""Actions of incidents: promised by somebody until a day, carried out with a line that says what changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain import action as rules
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.link import web_link
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import ActionKind, Improves
from app.incidents.models import Incident
from app.learning import improve, tell
from app.learning.models import ActionItem
from app.people.models import Team, User
from app.people.rights import Act, may
from app.timeline.record import record

PROOF_LONGEST = 1000


@dataclass(frozen=True)
class Promise:
    """What a form or a program says of an action. `improves` and `improves_id` name what it makes better."""

    text: str
    kind: ActionKind
    owner: User | None = None
    due_at: datetime | None = None
    link: str = ""
    improves: Improves | None = None
    improves_id: int | None = None


def promise(incident: Incident, wanted: Promise, *, by: User, at: datetime) -> ActionItem:
    """From the incident, its postmortem or the meeting about it; its owner is told. Raises InvalidField."""
    made = ActionItem(incident_id=incident.id, created_by_id=by.id, created_at=at, changed="")
    made.incident = incident
    _fill(made, wanted, by=by, at=at)
    db.session.add(made)
    db.session.flush()
    _note(made, Kind.ACTION_PROMISED, by=by, at=at)
    if made.owner is not None:
        tell.an_action_is_yours(made, by=by, at=at)
    return made


def change(item: ActionItem, wanted: Promise, *, by: User, at: datetime) -> None:
    """The same again changes nothing. A new owner hears of it; another day is reminded of anew."""
    before, due_before, owner_before = _said(item), item.due_at, item.owner_id
    _fill(item, wanted, by=by, at=at)
    if _said(item) == before:
        return
    if item.due_at != due_before:
        item.reminded_at = None
    _note(item, Kind.ACTION_CHANGED, by=by, at=at)
    if item.owner is not None and item.owner.id != owner_before:
        tell.an_action_is_yours(item, by=by, at=at)


def carry_out(item: ActionItem, changed: str, *, by: User, at: datetime) -> None:
    """It is done; `changed` says what is otherwise now. A second word changes nothing: the first one did it.

    Raises InvalidField where nothing is said.
    """
    if item.done_at is not None:
        return
    words = one_line(changed, limit=PROOF_LONGEST)
    if not words:
        raise InvalidField([("/changed", rules.NEEDS_PROOF)])
    item.done_at, item.done_by, item.done_by_id, item.changed = at, by, by.id, words
    _note(item, Kind.ACTION_CARRIED_OUT, by=by, at=at, changed=words)


def reopen(item: ActionItem, *, by: User, at: datetime) -> None:
    """It is not carried out after all; what was said to have changed stays in the timeline."""
    if item.done_at is not None:
        item.done_at = item.done_by = item.done_by_id = None
        item.changed = ""
        _note(item, Kind.ACTION_REOPENED, by=by, at=at)


def give(item: ActionItem, to: User | None, *, by: User, at: datetime) -> None:
    """Whoever owned it leaves: somebody else has it from now on, or nobody."""
    item.owner, item.owner_id = to, None if to is None else to.id
    _note(item, Kind.ACTION_CHANGED, by=by, at=at)


def reminders_due(at: datetime, *, limit: int = 50) -> list[int]:
    """The open actions whose owner, or manager, is to be reminded now."""
    rows = sa.select(ActionItem).where(
        ActionItem.done_at.is_(None), ActionItem.due_at < at + rules.BEFORE,
        sa.or_(ActionItem.reminded_at.is_(None), ActionItem.reminded_at < at - timedelta(days=1)),
    )  # fmt: skip
    due = (
        item.id for item in db.session.scalars(rows.order_by(ActionItem.due_at))
        if item.due_at is not None and rules.reminder_due(item.due_at, item.reminded_at, at)
    )  # fmt: skip
    return [number for number, _ in zip(due, range(limit), strict=False)]


def remind(number: int, *, at: datetime) -> bool:
    """The owner; and whoever manages the incident's team, when it is late. Twice is once."""
    item = locked(number)
    if item is None or item.done_at is not None or item.due_at is None:
        return False
    if not rules.reminder_due(item.due_at, item.reminded_at, at):
        return False
    item.reminded_at = at
    tell.an_action_is_due(item, manager_of(item), at=at)
    return True


def manager_of(item: ActionItem) -> User | None:
    """Who manages the incident's team: what is late is theirs to see."""
    team = None if item.incident.team_id is None else db.session.get(Team, item.incident.team_id)
    return None if team is None else team.manager


def locked(number: int) -> ActionItem | None:
    """For changing. Take the time of the change after this."""
    return db.session.scalars(
        sa.select(ActionItem).where(ActionItem.id == number).with_for_update(of=ActionItem)
        .execution_options(populate_existing=True)
    ).one_or_none()  # fmt: skip


def _fill(item: ActionItem, wanted: Promise, *, by: User, at: datetime) -> None:
    if item.done_at is not None:
        raise InvalidTransition("It is carried out. Open it again first.")
    words, owner, link = one_line(wanted.text, limit=rules.LONGEST), wanted.owner, wanted.link.strip()
    problems = [] if words else [("/text", "Say what is to change.")]
    if owner is not None and owner.id != item.owner_id and not _responds(owner):
        problems.append(("/owner_id", f"{owner.name} does not respond here. Choose somebody who does."))
    if link and web_link(link) is None:
        problems.append(("/link", "The tracker link has to begin with https:// or http://."))
    target = (wanted.improves, wanted.improves_id if wanted.improves is not None else None)
    is_new = target != (item.improves, item.improves_id)
    if target[0] is not None and is_new and improve.name_of(target[0], target[1], by) is None:
        problems.append(("/improves", "There is no such thing any more. Choose another one."))
    if problems:
        raise InvalidField(problems)
    item.text, item.kind, item.due_at, item.link = words, wanted.kind, wanted.due_at, link
    item.owner, item.owner_id = owner, None if owner is None else owner.id
    item.improves, item.improves_id = target
    item.updated_at = at


def _responds(user: User) -> bool:
    return user.is_active and may(user, Act.SEE_OPERATIONS)


def _said(item: ActionItem) -> tuple[object, ...]:
    return (
        item.text, item.kind, item.owner_id, item.due_at, item.link, item.improves, item.improves_id,
    )  # fmt: skip


def _note(item: ActionItem, kind: Kind, *, by: User, at: datetime, **facts: str) -> None:
    item.updated_at = item.incident.updated_at = at
    whose = {} if item.owner_id is None else {"user_id": item.owner_id}
    record(
        kind, Subject.INCIDENT, item.incident_id, at=at, by=by, action_id=item.id, text=item.text, **whose,
        **facts,
    )  # fmt: skip
