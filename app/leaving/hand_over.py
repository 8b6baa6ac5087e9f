"""Hand everything over and let the person go: all of it in one transaction, or nothing."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts import escalate, queries, services
from app.alerts.models import Service
from app.alerts.reassign import reassign
from app.database import db
from app.domain import handing_over, zone
from app.domain.invalid import InvalidField
from app.domain.lifecycle import alert_after
from app.domain.notice import NoticeEvent
from app.domain.swap import PENDING
from app.domain.timeline import Kind, Subject
from app.domain.words import NoticeCategory, Role, SwapState
from app.incidents import command
from app.incidents import queries as incidents
from app.learning import actions, meeting, review
from app.learning import queries as postmortems
from app.leaving.duties import Duty, Hold, duties_of
from app.notices.post import post
from app.oncall import feeds, findings, override, policies, schedules, swap, swap_release, time_off
from app.oncall.models import EscalationPolicy, Override, Schedule, Swap, TimeOff
from app.oncall.record_shifts import record_past
from app.paging import subscriptions
from app.paging.methods import devices_of
from app.people import change_team, change_user, teams, tokens
from app.people.models import ApiToken, Membership, Team, User
from app.timeline.record import record


class StillHolds(Exception):
    """The person cannot leave yet: `duties` are the places for which nobody was chosen."""

    def __init__(self, user: User, duties: Sequence[Duty]) -> None:
        count = "one place" if len(duties) == 1 else f"{len(duties)} places"
        super().__init__(f"{user.name} still holds {count}. Say for each who takes it over, or that it ends.")
        self.duties = list(duties)


Choices = Mapping[str, int | None]  # by a duty's key: who takes it over; None: it ends


def leave(user: User, choices: Choices, *, by: User, at: datetime) -> list[Duty]:
    """Hand over as chosen, then let the person go. Answers what was handed over. Twice is once.

    Raises StillHolds when a place has no choice, InvalidField about a choice that cannot be, and where this
    is the last administrator; then nothing has changed once the edge's transaction is undone.
    """
    if not user.is_active:
        return []
    if user.id == by.id:
        raise InvalidField([("/is_active", "You cannot let yourself go. Ask another administrator.")])
    duties = duties_of(user, at=at)
    if open_ := [duty for duty in duties if duty.key not in choices]:
        raise StillHolds(user, open_)
    successors = {duty.key: _successor(duty, choices[duty.key], user) for duty in duties}
    # whoever has left is passed over by the rules, so what they served is put into the book first (D10)
    record_past(at=at)
    findings.check_soon(at=at)
    for duty in duties:
        _HANDING[duty.hold](duty.row_id, user, successors[duty.key], by, at)
    _end_the_rest(user, by=by, at=at)
    meeting.uninvite(user, at=at)
    change_user.let_go(user, by=by, at=at)
    _tell(user, duties, successors, by=by, at=at)
    return duties


def _successor(duty: Duty, to: int | None, user: User) -> User | None:
    pointer = f"/hand_over/{duty.key}"
    if to is None:
        if not duty.may_end:
            raise InvalidField([(pointer, duty.without)])
        return None
    found = db.session.get(User, to) if 0 < to < 2**31 else None
    if found is None or not found.is_active or found.id == user.id or found.role is Role.STAKEHOLDER:
        raise InvalidField([(pointer, "Somebody else, who is here and may be paged.")])
    return found


def _schedule(row_id: int, user: User, to: User | None, by: User, at: datetime) -> None:
    """Also where the check finds errors: whoever goes cannot be kept for a schedule that was not in order, and
    it goes on saying what is not.
    """
    row = db.session.get_one(Schedule, row_id)
    here = zone.named(row.time_zone)
    schedules.replace(
        row, version=row.version, name=row.name, team_id=row.team_id, time_zone=row.time_zone,
        layers=handing_over.in_layers(row.layers, user.id, _id(to)),
        temporary=handing_over.in_temporary(row.temporary, user.id, _id(to), here=here, at=at),
        override_reason="Turns are handed over as somebody leaves", by=by, at=at,
    )  # fmt: skip


def _override(row_id: int, user: User, to: User | None, by: User, at: datetime) -> None:
    """The successor takes the place for the hours that are left. Without one there is nothing to do: somebody
    who has left is passed over, and whoever they covered for shows through.
    """
    row = db.session.get_one(Override, row_id)
    if to is not None:
        override.add(
            schedule_id=row.schedule_id, start=max(row.start, at), end=row.end, user_id=to.id,
            replaces_user_id=user.id, by=by, at=at,
        )  # fmt: skip


def _policy_steps(row_id: int, user: User, to: User | None, by: User, at: datetime) -> None:
    row = db.session.get_one(EscalationPolicy, row_id)
    steps = handing_over.in_steps(row.steps, user.id, _id(to))
    _replace(row, steps, row.last_resort_user_id, by=by, at=at)


def _last_resort(row_id: int, _: User, to: User | None, by: User, at: datetime) -> None:
    row = db.session.get_one(EscalationPolicy, row_id)
    _replace(row, row.steps, _id(to), by=by, at=at)


def _replace(
    row: EscalationPolicy, steps: list[Any], last_resort_id: int | None, *, by: User, at: datetime
) -> None:
    policies.replace(
        row, version=row.version, name=row.name, team_id=row.team_id, steps=steps, repeat=row.repeat,
        last_resort_user_id=last_resort_id, answers=row.answers,
        ask_again_minutes=row.ask_again_minutes, flap_limit=row.flap_limit, by=by, at=at,
    )  # fmt: skip


def _team(row_id: int, _: User, to: User | None, by: User, at: datetime) -> None:
    change_team.set_manager(db.session.get_one(Team, row_id), to, by=by, at=at)


def _service(row_id: int, _: User, to: User | None, by: User, at: datetime) -> None:
    services.change(db.session.get_one(Service, row_id), owner_id=_id(to), by=by, at=at)


def _alert(row_id: int, _: User, to: User | None, by: User, at: datetime) -> None:
    """The successor is paged first. Without one the alert is nobody's, and its policy begins again."""
    alert = queries.locked(row_id)
    if alert is None or not alert.is_open:
        return
    if to is not None:
        reassign(alert, to=to, by=by, at=at)
        return
    alert.status = alert_after(alert.status, "escalate")
    record(Kind.UNACKNOWLEDGED, Subject.ALERT, alert.id, at=at, by=by)
    escalate.restart(alert, at=at)


def _incident(row_id: int, _: User, to: User | None, by: User, at: datetime) -> None:
    incident = incidents.locked(row_id)
    if incident is None or not incident.is_open:
        return
    if to is not None:
        command.hand_over(incident, to=to, by=by, at=at)
    else:
        command.leave_without_commander(incident, by=by, at=at)


def _postmortem(row_id: int, _: User, to: User | None, by: User, at: datetime) -> None:
    postmortem = postmortems.locked(row_id)
    if postmortem is not None:
        review.set_owner(postmortem, to, by=by, at=at)


def _action(row_id: int, _: User, to: User | None, by: User, at: datetime) -> None:
    item = actions.locked(row_id)
    if item is not None:
        actions.give(item, to, by=by, at=at)


_HANDING: Mapping[Hold, Callable[[int, User, User | None, User, datetime], None]] = {
    Hold.SCHEDULE: _schedule,
    Hold.OVERRIDE: _override,
    Hold.STEPS: _policy_steps,
    Hold.LAST_RESORT: _last_resort,
    Hold.TEAM: _team,
    Hold.SERVICE: _service,
    Hold.ALERT: _alert,
    Hold.INCIDENT: _incident,
    Hold.POSTMORTEM: _postmortem,
    Hold.ACTION: _action,
}


def _end_the_rest(user: User, *, by: User, at: datetime) -> None:
    """What nobody can take over: memberships, requests for cover, time off, devices, tokens, calendar feeds."""
    for membership in db.session.scalars(sa.select(Membership).where(Membership.user_id == user.id)).all():
        teams.remove_member(db.session.get_one(Team, membership.team_id), user, by=by, at=at)
    asked = sa.select(Swap).where(Swap.owner_id == user.id, Swap.state.in_(PENDING))
    for row in db.session.scalars(asked).all():
        swap.cancel(row, by=by, at=at, because="The person has left.")
    taking = sa.select(Swap).where(Swap.taker_id == user.id, Swap.state == SwapState.ACCEPTED)
    for row in db.session.scalars(taking).all():
        swap_release.release(row, by=user, at=at)
    for absence in db.session.scalars(
        sa.select(TimeOff).where(TimeOff.user_id == user.id, TimeOff.end > at)
    ).all():
        time_off.cancel(absence, by=by, at=at)
    for device in devices_of(user.id):
        subscriptions.remove(device, by=by, at=at, because="its owner has left")
    for token in db.session.scalars(sa.select(ApiToken).where(ApiToken.user_id == user.id)).all():
        tokens.revoke(token, by=by, at=at)
    for feed in feeds.of(user):
        feeds.revoke(feed, by=by, at=at)


def _tell(
    user: User, duties: Sequence[Duty], successors: Mapping[str, User | None], *, by: User, at: datetime
) -> None:
    """Each successor hears once of all that is theirs now."""
    theirs: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        if to := successors[duty.key]:
            theirs[to.id].append(duty)
    for user_id, taken in theirs.items():
        post(
            NoticeCategory.TEAMS, NoticeEvent.HANDED_OVER, to=[db.session.get_one(User, user_id)], by=by, at=at,
            title=f"You took over from {user.name}", body="\n".join(duty.says for duty in taken),
            link=taken[0].link,
        )  # fmt: skip


def _id(user: User | None) -> int | None:
    return None if user is None else user.id
