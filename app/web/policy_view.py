"""Who would be paged, as lines in order of time; and what a policy's select boxes offer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.alerts.simulate import Asks, Story, Turn
from app.database import db
from app.domain.policy import TargetKind
from app.oncall.models import EscalationPolicy, Schedule
from app.paging.destinations import queries as destinations
from app.people import queries
from app.people.models import User
from app.web.words import hour, lasted, moment, place, plain, zone_named

ROUNDS_SHOWN = 2


@dataclass(frozen=True)
class Line:
    """One moment. `after`: since the alert, as 12:30. `person`: whose it is, if anybody's."""

    after: str
    title: str
    facts: tuple[str, ...]
    mood: str = ""
    person: User | None = None


@dataclass(frozen=True)
class Shown:
    lines: tuple[Line, ...]
    more: str


def lines_of(story: Story, *, at: datetime) -> Shown:
    """The first two rounds step by step, what is left out in a sentence, and the last resort."""
    lines: list[Line] = []
    left_out = [turn for turn in story.turns if turn.round >= ROUNDS_SHOWN]
    for before, turn in zip((None, *story.turns), story.turns, strict=False):
        if turn.round >= ROUNDS_SHOWN:
            break
        if before is not None and turn.round > before.round:
            says = ("Same steps, people looked up again.",)
            lines.append(Line(_after(turn.at - at), f"Round {turn.round + 1} begins", says))
        lines += _turn(turn, at)
    if story.last_resort is not None and story.last_resort_at is not None:
        lines += _last(story.last_resort, story.last_resort_at, at)
    rounds = len({turn.round for turn in left_out})
    return Shown(tuple(lines), f"{rounds} more rounds are left out here." if rounds else "")


def only_recorded(service: str) -> Shown:
    """What becomes of a quiet alert where its service wants nobody paged for those."""
    says = f"{plain(service)} records its alerts of low urgency and pages nobody for them."
    return Shown((Line(_after(timedelta(0)), "Nobody is paged", (says,)),), "")


def _turn(turn: Turn, at: datetime) -> Iterator[Line]:
    after, step = _after(turn.at - at), f"Step {turn.step + 1}"
    if turn.why_not:
        others = tuple(f"{plain(one.user.name)}: no way works" for one in turn.people)
        yield Line(
            after, f"{step}: nobody", (f"{turn.why_not}. What follows begins at once.", *others), "danger"
        )
        return
    if turn.rooms:
        names = " and ".join(plain(name) for name in turn.rooms)
        yield Line(after, names, (f"{step}. Told, not paged.",))
    for one in turn.people:
        yield _person(one, step, turn, after)


def _person(one: Asks, step: str, turn: Turn, after: str) -> Line:
    if not one.ways:
        return Line(after, plain(one.user.name), (step, "No way to them works"), "warn", one.user)
    why = "; ".join(plain(reason) for reason in one.reasons)
    facts = [f"{step}. {why}. {local(one.user, turn.at)}", _ways(one, turn.at)]
    if one.held_until is not None:
        facts.append(f"Held until {moment(one.held_until)}, when their quiet hours end")
    elif turn.reminders:
        later = ", ".join(_after(each - turn.at) for each in turn.reminders)
        facts.append(f"Reminded after {later}")
    return Line(after, plain(one.user.name), tuple(facts), "", one.user)


def _ways(one: Asks, since: datetime) -> str:
    begin = one.held_until or since
    return ", then ".join(
        f"{plain(way.label)}{f' at {_after(way.at - begin)}' if way.at > begin else ''}" for way in one.ways
    )


def _last(people: tuple[Asks, ...], since: datetime, at: datetime) -> Iterator[Line]:
    after = _after(since - at)
    if not people:
        yield Line(after, "Nobody is left", ("No last resort can be reached. Add a device.",), "danger")
    for one in people:
        why = "; ".join(plain(reason) for reason in one.reasons)
        says = f"{why}. Every 5 min for an hour. {local(one.user, since)}"
        yield Line(after, f"{plain(one.user.name)}, last resort", (says,), "warn", one.user)


def local(user: User, at: datetime) -> str:
    """ "04:20 in Stockholm"."""
    return f"{hour(at, zone_named(user.time_zone))} in {place(user.time_zone)}"


def _after(length: timedelta) -> str:
    """Minutes and seconds since: 0:00, 12:30; hours in front once there are some."""
    seconds = int(length.total_seconds())
    if seconds >= 86_400:
        return lasted(length)
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


Choices = list[tuple[str, list[tuple[str, str]]]]


def targets(policy_id: int | None, team_id: int) -> Choices:
    """Everything that a step of this team's policy may name, in groups."""
    schedules = db.session.execute(sa.select(Schedule.id, Schedule.name).order_by(Schedule.name)).all()
    policies = sa.select(EscalationPolicy.id, EscalationPolicy.name).order_by(EscalationPolicy.name)
    rooms = [row for row in destinations.live() if row.team_id in (None, team_id)]
    groups = [
        ("Whoever is on call", TargetKind.SCHEDULE, [(id_, name) for id_, name in schedules]),
        ("People", TargetKind.USER, [(user.id, user.name) for user in queries.responders()]),
        ("Next on call", TargetKind.NEXT_ON_CALL, [(id_, f"Next on {name}") for id_, name in schedules]),
        ("Whole teams", TargetKind.TEAM, [(team.id, f"All of {team.name}") for team in queries.teams()]),
        ("Steps of another policy", TargetKind.POLICY,
         [(id_, f"Steps of {name}") for id_, name in db.session.execute(policies) if id_ != policy_id]),
        ("Rooms, told and not paged", TargetKind.CHANNEL,
         [(row.id, row.name) for row in rooms if row.kind not in destinations.PROGRAMS]),
        ("Programs, told and not paged", TargetKind.WEBHOOK,
         [(row.id, row.name) for row in rooms if row.kind in destinations.PROGRAMS]),
    ]  # fmt: skip
    return [
        (word, [(f"{kind}:{id_}", plain(name)) for id_, name in rows]) for word, kind, rows in groups if rows
    ]
