"""Who would be paged, when and how, if an alert came and nobody acknowledged it, by the engine's functions.

Nothing is written. What the world would do is not guessed: devices are taken to show what they get.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.alerts import rooms
from app.alerts.last_resort import line_of
from app.alerts.run_policy import plan_in
from app.alerts.whom import Asked, by_turn
from app.domain.escalation import End, PageLastResort, PageStep, Progress, decide, next_step
from app.domain.policy import Policy, Step
from app.domain.words import ChannelKind, EscalationState, Severity, Urgency
from app.oncall.queries import away_among, people_for
from app.paging.page import SHORTEST_LIFE
from app.paging.rules import held_until, ways_for
from app.people.models import User


@dataclass(frozen=True)
class Way:
    """One way to a person: its channel, its name in words, when it would be used."""

    channel: ChannelKind
    label: str
    at: datetime


@dataclass(frozen=True)
class Asks:
    """One person who would be paged. Nothing in `ways`: nothing reaches them, so nobody waits for them.

    `held_until`: their quiet hours hold it till then.
    """

    user: User
    reasons: list[str]
    ways: tuple[Way, ...]
    held_until: datetime | None = None


@dataclass(frozen=True)
class Turn:
    """A step at the moment it would be taken, with its reminders, and the names of the rooms it tells.

    `why_not`: why nobody is paged by it, nor told.
    """

    round: int
    step: int
    at: datetime
    people: tuple[Asks, ...]
    reminders: tuple[datetime, ...] = ()
    why_not: str | None = None
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """The turns in order of time, and the last resort's, where its turn comes."""

    turns: tuple[Turn, ...]
    last_resort: tuple[Asks, ...] | None
    last_resort_at: datetime | None


def simulate(
    policy: dict[str, Any], team_id: int, urgency: Urgency, severity: Severity, *, at: datetime
) -> Story:
    """What an alert at `at` leads to under `policy`, as `run_policy.snapshot` gives it."""
    read, plan = Policy.from_json(policy), plan_in(policy)
    progress, turns = Progress(EscalationState.RUNNING), list[Turn]()
    while True:
        match decide(plan, progress):
            case PageStep(reminder=0) as page:
                facts = read.steps[page.step]
                turn = _turn(page, policy["steps"][page.step], facts, urgency, severity, at=at)
                reached = turn.why_not is None
                if reached:
                    rung = plan.rungs[page.step]
                    once = urgency is Urgency.LOW
                    times = () if once else tuple(at + time for time in rung.pages[1:])
                    turn = replace(turn, reminders=times if any(one.ways for one in turn.people) else ())
                    at += rung.wait
                turns.append(turn)
                if reached and urgency is Urgency.LOW:
                    return Story(tuple(turns), None, None)
                progress = next_step(plan, progress)
            case PageLastResort():
                people = _last_resort(team_id, policy, urgency, at=at)
                return Story(tuple(turns), people, at)
            case PageStep() | End():
                raise AssertionError("a run that begins comes to no reminder before its step, and to no end")


def _turn(
    page: PageStep, raw: dict[str, Any], step: Step, urgency: Urgency, severity: Severity, *, at: datetime
) -> Turn:
    if not step.when.holds(severity, at):
        return Turn(page.round, page.step, at, (), why_not=f"This step is {step.when.says}")
    asked = people_for(raw["targets"], at)
    if step.round_robin:
        asked = by_turn(asked)
    people = _asked(asked, urgency, at=at, life=page.left)
    reached = [one for one in people if one.ways]
    if step.round_robin and reached:
        people = reached[:1]
    told = tuple(row.name for row in rooms.among(raw["targets"]))
    why = "Nobody is on call" if not people else "Nobody of them has a way that works"
    return Turn(page.round, page.step, at, tuple(people), why_not=None if reached or told else why, rooms=told)


def _last_resort(team_id: int, policy: dict[str, Any], urgency: Urgency, *, at: datetime) -> tuple[Asks, ...]:
    """Who of the line is asked first: whoever is here and can be reached, else whoever can be at all."""
    line = line_of(team_id, policy["name"], policy["last_resort_user_id"])
    away = away_among({user.id for people, _ in line for user in people}, at)
    here = [([user for user in people if user.id not in away], why) for people, why in line]
    for people, why in [*here, *line]:
        asked = _asked([(user, [why]) for user in people], urgency, at=at, life=SHORTEST_LIFE)
        if any(one.ways for one in asked):
            return tuple(asked)
    return ()


def _asked(asked: Asked, urgency: Urgency, *, at: datetime, life: timedelta) -> list[Asks]:
    found = []
    for user, reasons in asked:
        ways = ways_for(user, urgency, at=at, within=max(life, SHORTEST_LIFE))
        named = tuple(Way(way.method.channel, way.method.label, at + way.after) for way in ways)
        found.append(Asks(user, reasons, named, held_until(user, urgency, at)))
    return found
