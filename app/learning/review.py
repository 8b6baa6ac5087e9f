"""A postmortem goes from draft to review to published, and from one owner to another."""

from datetime import datetime

from app.domain import postmortem as rules
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.domain.words import PostmortemPart, PostmortemState
from app.learning import queries, tell
from app.learning.models import Postmortem
from app.learning.open import beginnings
from app.people.models import User
from app.people.rights import Act, NotAllowed, may
from app.timeline.record import record


class NotWritten(InvalidTransition):
    """Something that everybody looks for is missing: it cannot be published yet."""

    def __init__(self, parts: list[PostmortemPart]) -> None:
        titles = [f"“{rules.TITLES[part]}”" for part in parts]
        listed = titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"
        super().__init__(f"Write {listed} first.")


def ask_for_review(postmortem: Postmortem, *, by: User, at: datetime) -> None:
    """Whoever was in the incident is told to read it and to say what is missing."""
    _move(postmortem, "ask for a review", by=by, at=at)


def take_back(postmortem: Postmortem, *, by: User, at: datetime) -> None:
    _move(postmortem, "take back", by=by, at=at)


def publish(postmortem: Postmortem, *, by: User, at: datetime) -> None:
    """Everybody who sees the incident reads it. Raises NotWritten, NotAllowed."""
    if not queries.rights_of(by, postmortem).publishes:
        raise NotAllowed("Its owner publishes it, or the team's manager.")
    said = {part: each.text for part, each in queries.texts(postmortem).items()}
    rules.after(postmortem.state, "publish")
    if parts := rules.missing(said, beginnings()):
        raise NotWritten(parts)
    _move(postmortem, "publish", by=by, at=at)
    postmortem.published_at = at


def revise(postmortem: Postmortem, *, by: User, at: datetime) -> None:
    """It is a draft again. What was published stays among the versions."""
    _move(postmortem, "revise", by=by, at=at)


def give(postmortem: Postmortem, to: User, *, by: User, at: datetime) -> None:
    """Somebody else owns it from now on. Raises NotAllowed, InvalidField about `/owner_id`."""
    if postmortem.owner_id == to.id:
        return
    if not queries.rights_of(by, postmortem).gives_away:
        raise NotAllowed("Its owner gives it away, or the team's manager.")
    if not to.is_active or not may(to, Act.SEE_OPERATIONS):
        raise InvalidField([("/owner_id", f"{to.name} does not respond here. Choose somebody who does.")])
    set_owner(postmortem, to, by=by, at=at)


def set_owner(postmortem: Postmortem, to: User | None, *, by: User, at: datetime) -> None:
    """The same without asking who may: when its owner leaves, and nobody takes it over, nobody owns it."""
    before = postmortem.owner_id
    postmortem.owner, postmortem.updated_at = to, at
    postmortem.owner_id = None if to is None else to.id
    whose = {} if to is None else {"to_user_id": to.id}
    whose |= {} if before is None else {"from_user_id": before}
    record(Kind.POSTMORTEM_GIVEN, Subject.INCIDENT, postmortem.id, at=at, by=by, **whose)
    tell.it_is_yours(postmortem, by=by, at=at)


def _move(postmortem: Postmortem, move: str, *, by: User, at: datetime) -> None:
    before = postmortem.state
    postmortem.state, postmortem.updated_at = rules.after(before, move), at
    moved = {"from": str(before), "to": str(postmortem.state)}
    record(Kind.POSTMORTEM_MOVED, Subject.INCIDENT, postmortem.id, at=at, by=by, **moved)
    if postmortem.state is not PostmortemState.DRAFT:
        tell.it_moved(postmortem, by=by, at=at)
