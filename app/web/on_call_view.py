"""The on-call board as its page shows it: by team, each schedule with its people, or whom a gap falls to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app import clock
from app.alerts import last_resort
from app.database import db
from app.domain.reason import Why
from app.oncall import shadow
from app.oncall.models import EscalationPolicy, Schedule
from app.oncall.proven import proofs, unproven
from app.oncall.queries import BoardRow, Holder, explain, on_call_board
from app.people.models import User
from app.people.queries import teams
from app.web.words import hour, place, plain, zone_named


@dataclass(frozen=True)
class Turn:
    """One person on call: "Primary · covers Ben to 08:00", "Backup · 04:20 in Stockholm"."""

    person: User
    is_viewer: bool
    facts: str
    why: tuple[str, ...]
    unproven: str | None  # "Not proven for 41 days", where no device of theirs rang within 30


@dataclass(frozen=True)
class Row:
    """One schedule. Without turns it is a gap, and `falls_to` says in words who is asked instead. `shadows` get
    copies and are no cover.
    """

    id: int
    name: str
    zone: str
    until: datetime | None
    turns: list[Turn]
    falls_to: str
    why_nobody: tuple[str, ...]
    shadows: tuple[User, ...]


@dataclass(frozen=True)
class TeamBoard:
    id: int
    name: str
    rows: list[Row]
    instead: str  # said where the team has no schedule at all

    @property
    def has_gap(self) -> bool:
        return any(not row.turns for row in self.rows)


def board(viewer: User, at: datetime) -> list[TeamBoard]:
    """Every team with who has the pager at `at`, by name."""
    found = on_call_board(at)
    people = _people(found)
    proven = proofs(people)
    shadows: dict[int, list[User]] = {}
    for each in shadow.at_moment([row.schedule.id for row in found], at):
        shadows.setdefault(each.schedule_id, []).append(each.user)
    policies = list(db.session.scalars(sa.select(EscalationPolicy).order_by(EscalationPolicy.id)))
    rows: dict[int, list[Row]] = {}
    for row in found:
        turns = [_turn(holder, viewer, people, proven, at) for holder in row.people if holder.user_id in people]
        falls_to = "" if turns else _falls_to(row.schedule, policies, at)
        rows.setdefault(row.schedule.team_id, []).append(
            Row(
                row.schedule.id, plain(row.schedule.name), row.schedule.time_zone, row.until, turns, falls_to,
                row.why_nobody, tuple(shadows.get(row.schedule.id, ())),
            )
        )  # fmt: skip
    return [
        TeamBoard(team.id, plain(team.name), rows.get(team.id, []), _instead(team.id, policies, at))
        for team in teams()
    ]


def _people(found: Iterable[BoardRow]) -> dict[int, User]:
    """Everybody on the board, and those they cover for."""
    holders = [holder for row in found for holder in row.people]
    named = {holder.user_id for holder in holders}
    named |= {
        fact.other_user_id for holder in holders for fact in holder.facts if fact.other_user_id is not None
    }
    return {user.id: user for user in db.session.scalars(sa.select(User).where(User.id.in_(named)))}


def _turn(
    holder: Holder,
    viewer: User,
    people: Mapping[int, User],
    proven: Mapping[int, datetime | None],
    at: datetime,
) -> Turn:
    person = people[holder.user_id]
    cover = next((fact for fact in holder.facts if fact.kind is Why.COVER), None)
    covered = people.get(cover.other_user_id or 0) if cover else None
    facts = [holder.role.capitalize()]
    if cover and covered:
        facts.append(f"covers {plain(covered.name)}" + (f" to {hour(cover.end)}" if cover.end else ""))
    if person.id != viewer.id:
        facts.append(f"{hour(at, zone_named(person.time_zone))} in {place(person.time_zone)}")
    return Turn(
        person, person.id == viewer.id, " · ".join(facts), holder.reasons,
        unproven(person.id, proven, now=clock.now())
    )  # fmt: skip


def _falls_to(schedule: Schedule, policies: Iterable[EscalationPolicy], at: datetime) -> str:
    """Who is asked while nobody is on call on this schedule."""
    policy = next((policy for policy in policies if _asks(policy, schedule.id)), None)
    if policy is None:
        return "No escalation policy asks this schedule."
    return _first_asked(policy, schedule.team_id, at)


def _first_asked(policy: EscalationPolicy, team_id: int, at: datetime) -> str:
    for ask in explain(policy, at).asks:
        if ask.people:
            names = _listed(person for person, _ in ask.people)
            return f"Pages go to {names}, step {ask.step + 1} of {plain(policy.name)}."
    return _last_resort(last_resort.line_of(team_id, policy.name, policy.last_resort_user_id))


def _last_resort(line: list[tuple[list[User], str]]) -> str:
    return f"Pages go to {_listed(line[0][0])}, last resort." if line else "There is nobody to page at all."


def _instead(team_id: int, policies: Iterable[EscalationPolicy], at: datetime) -> str:
    """For a team without a schedule."""
    policy = next((policy for policy in policies if policy.team_id == team_id), None)
    if policy is not None:
        return f"No schedule. {_first_asked(policy, team_id, at)}"
    return f"No schedule and no policy. {_last_resort(last_resort.line_of(team_id, None, None))}"


def _asks(policy: EscalationPolicy, schedule_id: int) -> bool:
    return any(
        target.get("kind") == "schedule" and str(target.get("id")) == str(schedule_id)
        for step in policy.steps
        for target in step.get("targets", ())
    )


def _listed(people: Iterable[User]) -> str:
    """ "Mara Silva", "Mara Silva and Ben", "Mara Silva, Ben and 2 more"."""
    names = [plain(person.name) for person in people]
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
