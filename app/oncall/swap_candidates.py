"""Whom to ask: everybody who may take the hours, with what is against it and their balance before and after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.candidates import Balance, Candidate, middle, ranked
from app.domain.exchange import WEEKS, returns
from app.domain.fairness import weigh
from app.domain.interval import Interval, to_the_minute
from app.domain.swap_checks import failures, warnings
from app.domain.swap_hours import held_hours, pieces_of
from app.oncall import ledger
from app.oncall.fairness import rules_of as fairness_rules_of
from app.oncall.models import Schedule
from app.oncall.proven import proofs
from app.oncall.queries import Roster, rosters
from app.oncall.swap_people import on_roster, places_of, roster_for, rules_of, takers
from app.people.models import User

AROUND = timedelta(days=28)  # the balance looks four weeks back and four ahead


@dataclass(frozen=True)
class Candidates:
    """Everybody on the roster but the owner. `hours` are the owner's real ones; `median` of all, before."""

    hours: tuple[Interval, ...]
    weighted: float
    owner: Balance
    median: float
    people: tuple[Candidate, ...]


def candidates(schedule: Schedule, owner: User, wanted: Interval, *, at: datetime) -> Candidates:
    """Who could take what `owner` has of these hours. With nothing to take, nobody is a candidate."""
    roster = roster_for(schedule.id, wanted)
    hours = held_hours(pieces_of(places_of(roster.config, owner.id), owner.id, wanted))
    zone = roster.config.zone
    weights = fairness_rules_of(schedule.id)
    weighted = sum(weigh(each, zone, weights) for each in hours)
    rules = rules_of(schedule.id)
    known = (on_roster(roster) | rules.eligible) - {owner.id}
    balances = balances_of(schedule.id, known | {owner.id}, wanted)
    had = balances.get(owner.id, 0.0)
    if not hours:
        return Candidates((), 0.0, Balance(had, had), middle(list(balances.values())), ())
    proven = proofs(known)
    active = set(db.session.scalars(sa.select(User.id).where(User.id.in_(known), User.is_active.is_(True))))
    found = [
        Candidate(
            person.user_id,
            person.name,
            Balance(balances.get(person.user_id, 0.0), balances.get(person.user_id, 0.0) + weighted),
            failures(person, hours, owner_id=owner.id, schedule_id=schedule.id, rest=rules.rest, zone=zone),
            warnings(person, hours, schedule_id=schedule.id),
            proven.get(person.user_id),
        )
        for person in takers(active, roster, hours, at)
    ]
    return Candidates(
        hours, weighted, Balance(had, had - weighted), middle(list(balances.values())), ranked(found)
    )


def returns_of(
    schedule: Schedule, given: Interval, user_ids: Iterable[int], *, at: datetime
) -> dict[int, tuple[Interval, ...]]:
    """What each of these people could give for the hours `given`, in the eight weeks after them."""
    ahead = Interval(to_the_minute(at), given.end + timedelta(weeks=WEEKS))
    config = roster_for(schedule.id, ahead).config
    return {
        user_id: returns(
            given, [piece.interval for piece in pieces_of(config, user_id, ahead)], zone=config.zone, now=at
        )
        for user_id in user_ids
    }


def balances_of(schedule_id: int, user_ids: Iterable[int], around: Interval) -> dict[int, float]:
    """Weighted hours of each person on this schedule, four weeks before these hours to four weeks after.

    What was served comes from the book, what is ahead from the rules as they are.
    """
    start, end = around.start - AROUND, around.end + AROUND
    found = dict.fromkeys(user_ids, 0.0)
    roster, rules = rosters(start, end, schedule_ids=[schedule_id])[schedule_id], fairness_rules_of(schedule_id)
    for user_id, stretch in _held(roster, start, end):
        if user_id in found:
            found[user_id] += weigh(stretch, roster.config.zone, rules)
    return found


def _held(roster: Roster, start: datetime, end: datetime) -> Sequence[tuple[int, Interval]]:
    return [
        (person.user_id, Interval(piece.start, piece.end))
        for piece in ledger.pieces(roster.schedule, roster.config, start, end)
        for person in piece.on_call
        if person.role == "primary"
    ]
