"""D9: candidates for hours, with their balance before and after, and what stands against each."""

from app import clock as app_clock
from app.database import db, transaction
from app.domain.interval import Interval
from app.domain.swap_checks import Check
from app.oncall import time_off
from app.oncall.swap_candidates import candidates
from app.paging.models import PushSubscription
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

NIGHT = Interval(NIGHT_START, NIGHT_END)


def test_D9_candidates_come_with_both_peoples_balance(rota: Rota) -> None:
    found = candidates(rota.schedule, rota.ana, NIGHT, at=app_clock.now())
    assert [person.name for person in found.people] == ["Bo", "Cy"] or [
        person.name for person in found.people
    ] == ["Cy", "Bo"]
    assert (found.weighted, found.hours) == (30.0, (NIGHT,))
    assert found.owner.after == found.owner.before - 30
    assert all(each.balance.after == each.balance.before + 30 for each in found.people)
    balances = [each.balance.after for each in found.people]
    assert balances == sorted(balances)


def test_D9_who_cannot_comes_last_with_the_reason_and_who_is_unproven_is_warned_of(rota: Rota) -> None:
    with transaction():
        time_off.add(user_id=rota.bo.id, start=NIGHT_START, end=NIGHT_END, by=rota.bo, at=app_clock.now())
        phone = db.session.query(PushSubscription).filter_by(user_id=rota.cy.id).one()
        phone.verified_at = None
    cy, bo = candidates(rota.schedule, rota.ana, NIGHT, at=app_clock.now()).people
    assert [each.check for each in bo.cannot] == [Check.AWAY]
    assert (cy.can, [each.check for each in cy.warned], cy.proven_at) == (True, [Check.UNPROVEN], None)


def test_for_hours_that_are_not_the_owners_nobody_is_a_candidate(rota: Rota) -> None:
    later = Interval(utc("2026-11-03 00:00"), utc("2026-11-04 00:00"))
    found = candidates(rota.schedule, rota.ana, later, at=app_clock.now())
    assert (found.people, found.weighted) == ((), 0.0)


def test_only_those_on_the_roster_or_marked_as_eligible_are_named(rota: Rota) -> None:
    rota.rule(eligible=[rota.dan.id])
    found = candidates(rota.schedule, rota.ana, NIGHT, at=app_clock.now())
    assert {person.name for person in found.people} == {"Bo", "Cy", "Dan"}
