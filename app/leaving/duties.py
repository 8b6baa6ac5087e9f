"""Every place that somebody holds now: what has to be handed over before they can leave (L-USR-04)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Alert, Service
from app.database import db
from app.domain import handing_over, zone
from app.domain.layers import parse_layers
from app.domain.schedule import gaps
from app.domain.temporary import parse_temporary
from app.domain.words import AlertStatus, IncidentStatus, PostmortemState
from app.incidents.models import Incident
from app.learning.models import ActionItem, Postmortem
from app.oncall.models import EscalationPolicy, Override, Schedule
from app.oncall.queries import rosters
from app.people.models import Team, User

LOOKED_AHEAD = timedelta(days=28)


class Hold(StrEnum):
    """What kind of place it is; with the number of its row it names a duty."""

    SCHEDULE = "schedule"
    OVERRIDE = "override"
    STEPS = "steps"
    LAST_RESORT = "last_resort"
    TEAM = "team"
    SERVICE = "service"
    ALERT = "alert"
    INCIDENT = "incident"
    POSTMORTEM = "postmortem"
    ACTION = "action"


@dataclass(frozen=True)
class Duty:
    """One place that a person holds.

    `without` says what happens when nobody takes it over, and `is_risky` that this would leave a hole; where
    `may_end` is False somebody must. `link` shows the place.
    """

    hold: Hold
    row_id: int
    says: str
    without: str
    link: str
    is_risky: bool = False
    may_end: bool = True

    @property
    def key(self) -> str:
        """What a form and a program name it by: `schedule:3`."""
        return f"{self.hold}:{self.row_id}"


def duties_of(user: User, *, at: datetime) -> list[Duty]:
    """All of them; whoever has left holds nothing."""
    if not user.is_active:
        return []
    return [
        *_schedules(user, at), *_overrides(user, at), *_policies(user), *_teams(user), *_services(user),
        *_alerts(user), *_incidents(user), *_postmortems(user),
        *_actions(user),
    ]  # fmt: skip


def _schedules(user: User, at: datetime) -> Iterator[Duty]:
    for schedule in db.session.scalars(sa.select(Schedule).order_by(Schedule.name)):
        here = zone.named(schedule.time_zone)
        ahead = list(handing_over.temporary_of(schedule.temporary, user.id, here=here, at=at))
        turns = [*handing_over.layers_of(schedule.layers, user.id), *(_planned(each) for each in ahead)]
        if not turns:
            continue
        last = max((zone.instant(datetime.fromisoformat(each["end"]), here) for each in ahead), default=at)
        until = max(at + LOOKED_AHEAD, last)
        span = "the next four weeks" if until > last else f"the time until {zone.spoken(until, here)}"
        hours = _hours_without(schedule, user, at, until)
        if hours:
            without = f"Nobody would be on call for {hours} h more of {span}: the last resort."
        else:
            without = f"The others' turns move up. No further hour of {span} is without anybody."
        yield Duty(
            Hold.SCHEDULE, schedule.id, f"Takes turns on {schedule.name}: {', '.join(turns)}", without,
            f"/schedules/{schedule.id}", is_risky=hours > 0,
        )  # fmt: skip


def _planned(temporary: Any) -> str:
    """A temporary schedule in words: "Christmas (Thu 24 Dec to Sat 2 Jan)"."""
    first, last = (zone.day_spoken(datetime.fromisoformat(temporary[end])) for end in ("start", "end"))
    return f"{temporary['name']} ({first} to {last})"


def _hours_without(schedule: Schedule, user: User, at: datetime, until: datetime) -> int:
    """How many hours until then would have nobody that now have somebody, rounded up."""
    config = rosters(at, until, schedule_ids=[schedule.id])[schedule.id].config
    left = handing_over.in_temporary(schedule.temporary, user.id, None, here=config.zone, at=at)
    after = replace(
        config,
        layers=parse_layers(handing_over.in_layers(schedule.layers, user.id, None)),
        temporary=parse_temporary(left),
        active_users=config.active_users - {user.id},
    )
    before, then = (
        sum((gap.end - gap.start for gap in gaps(one, at, until)), timedelta()) for one in (config, after)
    )
    return max(0, -(-(then - before) // timedelta(hours=1)))


def _overrides(user: User, at: datetime) -> Iterator[Duty]:
    rows = sa.select(Override, Schedule).join(Schedule, Schedule.id == Override.schedule_id)
    ahead = rows.where(Override.user_id == user.id, Override.end > at).order_by(Override.start)
    for override, schedule in db.session.execute(ahead):
        where = zone.named(schedule.time_zone)
        says = f"{schedule.name}, {zone.spoken(override.start, where)} to {zone.spoken(override.end, where)}"
        back = override.replaces_user_id and db.session.get(User, override.replaces_user_id)
        yield Duty(
            Hold.OVERRIDE, override.id, f"Covers hours on {says}",
            f"{back.name} has these hours again." if back else "Nobody else is added for these hours.",
            f"/schedules/{schedule.id}", is_risky=back is None,
        )  # fmt: skip


def _policies(user: User) -> Iterator[Duty]:
    for policy in db.session.scalars(sa.select(EscalationPolicy).order_by(EscalationPolicy.name)):
        link = f"/teams/{policy.team_id}"
        if steps := handing_over.steps_of(policy.steps, user.id):
            left = handing_over.in_steps(policy.steps, user.id, None)
            gone = len(policy.steps) - len(left)
            without = (
                "The step asks the others in it." if not gone else f"{_steps(gone)} would ask nobody and goes."
            )
            yield Duty(
                Hold.STEPS, policy.id, f"Is paged by {policy.name}, step {', '.join(map(str, steps))}",
                without if left else "No step would be left: somebody must take it over.", link,
                is_risky=gone > 0, may_end=bool(left),
            )  # fmt: skip
        if policy.last_resort_user_id == user.id:
            yield Duty(
                Hold.LAST_RESORT, policy.id, f"Is the last resort of {policy.name}",
                f"{policy.team.name}'s manager is, or all administrators.", link,
            )  # fmt: skip


def _teams(user: User) -> Iterator[Duty]:
    for team in db.session.scalars(sa.select(Team).where(Team.manager_id == user.id).order_by(Team.name)):
        yield Duty(
            Hold.TEAM, team.id, f"Manages {team.name}", "All administrators are its last resort.",
            f"/teams/{team.id}", is_risky=True,
        )  # fmt: skip


def _services(user: User) -> Iterator[Duty]:
    owned = sa.select(Service).where(Service.owner_id == user.id, Service.is_active).order_by(Service.name)
    for service in db.session.scalars(owned):
        yield Duty(
            Hold.SERVICE, service.id, f"Owns {service.name}", "Nobody in particular looks after it.",
            f"/services/{service.id}", is_risky=True,
        )  # fmt: skip


def _alerts(user: User) -> Iterator[Duty]:
    mine = sa.or_(Alert.acknowledged_by_id == user.id, Alert.assigned_to_id == user.id)
    for alert in db.session.scalars(sa.select(Alert).where(Alert.status != AlertStatus.RESOLVED, mine)):
        yield Duty(
            Hold.ALERT, alert.id, f"Has alert {alert.id}: {alert.title}",
            "Whoever is on call is paged for it again, at once.", f"/alerts/{alert.id}",
        )  # fmt: skip


def _incidents(user: User) -> Iterator[Duty]:
    over = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    open_ = sa.and_(Incident.status.not_in(over), Incident.removed_at.is_(None))
    for incident in db.session.scalars(sa.select(Incident).where(Incident.commander_id == user.id, open_)):
        yield Duty(
            Hold.INCIDENT, incident.id, f"Commands incident {incident.number}: {incident.title}",
            "Nobody commands it.", f"/incidents/{incident.number}", is_risky=True,
        )  # fmt: skip


def _postmortems(user: User) -> Iterator[Duty]:
    rows = sa.select(Postmortem).where(
        Postmortem.owner_id == user.id, Postmortem.state != PostmortemState.PUBLISHED
    )
    for postmortem in db.session.scalars(rows.order_by(Postmortem.id)):
        yield Duty(
            Hold.POSTMORTEM, postmortem.id,
            f"Writes the postmortem of incident {postmortem.id}: {postmortem.incident.title}",
            "Nobody owns it; whoever works on the incident can take it.", f"/postmortems/{postmortem.id}",
        )  # fmt: skip


def _actions(user: User) -> Iterator[Duty]:
    rows = sa.select(ActionItem).where(ActionItem.owner_id == user.id, ActionItem.done_at.is_(None))
    for item in db.session.scalars(rows.order_by(ActionItem.id)):
        yield Duty(
            Hold.ACTION, item.id, f"Promised after incident {item.incident_id}: {item.text}",
            "Nobody carries it out; it stays open without an owner.", f"/action-items/{item.id}", is_risky=True,
        )  # fmt: skip


def _steps(count: int) -> str:
    return "The step" if count == 1 else f"Each of {count} steps"
