"""I have it: once, twice, late, after somebody else, taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.alerts import queries
from app.alerts.acknowledge import Acknowledged, join, unacknowledge
from app.alerts.models import Alert
from app.alerts.note import note
from app.alerts.reassign import reassign
from app.alerts.resolve import reopen, resolve, time_out_silent
from app.alerts.snooze import snooze, wake
from app.database import db, transaction
from app.domain.alert import Said
from app.domain.lifecycle import InvalidTransition
from app.domain.words import AlertStatus, EscalationState, PageKind, PageStatus, ResolvedBy
from app.paging.models import Delivery
from tests.support.world import World


def change(act: Callable[[Alert], None], number: int = 1) -> None:
    """Do `act` to the locked alert, in a transaction of its own, as a view would."""
    with transaction():
        alert = queries.locked(number)
        assert alert is not None
        act(alert)


@pytest.fixture
def paged_world(world: World) -> World:
    """Ada has been paged and has not answered yet."""
    world.fire()
    world.tick()
    return world


def test_INV8_acknowledging_stops_the_timer_and_whatever_is_still_on_its_way(paged_world: World) -> None:
    world = paged_world
    assert world.acknowledge(world.cast.ada) is Acknowledged.ACKNOWLEDGED
    assert (world.escalation().state, world.escalation().next_due_at) == (EscalationState.STOPPED, None)
    waiting = db.session.scalars(sa.select(Delivery).where(Delivery.next_attempt_at.is_not(None)))
    assert list(waiting) == []
    world.forward(minutes=20)
    assert world.paged() == ["Ada"]
    assert "acknowledged" in world.events()


def test_INV10_a_second_tap_says_you_have_it_already(paged_world: World) -> None:
    paged_world.acknowledge(paged_world.cast.ada)
    assert paged_world.acknowledge(paged_world.cast.ada) is Acknowledged.ALREADY_YOURS
    assert paged_world.events().count("acknowledged") == 1


def test_an_acknowledgement_after_somebody_else_changes_nothing(paged_world: World) -> None:
    paged_world.acknowledge(paged_world.cast.ben)
    assert paged_world.acknowledge(paged_world.cast.ada) is Acknowledged.ALREADY_OTHER
    acknowledged_by = paged_world.alert().acknowledged_by
    assert acknowledged_by is not None
    assert acknowledged_by.name == "Ben"


def test_an_acknowledgement_of_a_resolved_alert_says_it_is_over(paged_world: World) -> None:
    change(lambda alert: resolve(alert, by=db.session.merge(paged_world.cast.ada), at=paged_world.now))
    assert paged_world.acknowledge(paged_world.cast.ben) is Acknowledged.OVER


def test_INV10_an_acknowledgement_meant_for_an_earlier_run_does_not_take_the_new_one(
    paged_world: World,
) -> None:
    world = paged_world
    world.acknowledge(world.cast.ada)
    change(lambda alert: unacknowledge(alert, by=db.session.merge(world.cast.ada), at=world.now))
    assert world.acknowledge(world.cast.ada, run=1) is Acknowledged.NEWER_RUN
    assert world.alert().status is AlertStatus.TRIGGERED


def test_whoever_else_was_paged_is_told_who_has_it(paged_world: World) -> None:
    world = paged_world
    world.forward(minutes=5)  # Ben is paged too
    for page in world.pages():
        db.session.merge(page).status = PageStatus.DELIVERED
    db.session.commit()
    world.acknowledge(world.cast.ben)
    notices = [(page.user.name, page.title) for page in world.pages() if page.kind is PageKind.NOTICE]
    assert notices == [("Ada", "Ben has it"), ("Ben", "You have it")]


def test_taking_it_back_begins_the_policy_again_at_once(paged_world: World) -> None:
    world = paged_world
    world.acknowledge(world.cast.ada)
    change(lambda alert: unacknowledge(alert, by=db.session.merge(world.cast.ada), at=world.now))
    world.tick()
    assert world.paged() == ["Ada", "Ada"]
    assert (world.alert().run, world.alert().acknowledged_at) == (2, None)


def test_only_an_acknowledged_alert_can_be_given_back(paged_world: World) -> None:
    with pytest.raises(InvalidTransition, match="nobody has it yet"):
        change(
            lambda alert: unacknowledge(alert, by=db.session.merge(paged_world.cast.ada), at=paged_world.now)
        )


def test_joining_takes_it_from_whoever_has_it(paged_world: World) -> None:
    world = paged_world
    world.acknowledge(world.cast.ada)
    change(lambda alert: join(alert, by=db.session.merge(world.cast.ben), at=world.now))
    assert world.alert().acknowledged_by_id == world.cast.ben.id


def test_a_snoozed_alert_wakes_and_pages_again(paged_world: World) -> None:
    world = paged_world
    until = world.now + timedelta(hours=1)
    change(lambda alert: snooze(alert, until=until, by=db.session.merge(world.cast.ada), at=world.now))
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    world.forward(minutes=59)
    assert world.paged() == ["Ada"]
    world.forward(minutes=1)
    assert world.alert().status is AlertStatus.TRIGGERED
    assert world.paged() == ["Ada", "Ada"]
    assert world.events()[-2:] == ["woken", "paged"]


def test_snoozing_what_ben_has_makes_it_the_snoozers(paged_world: World) -> None:
    world = paged_world
    world.acknowledge(world.cast.ben)
    until = world.now + timedelta(hours=1)
    change(lambda alert: snooze(alert, until=until, by=db.session.merge(world.cast.ada), at=world.now))
    assert world.alert().acknowledged_by_id == world.cast.ada.id


@pytest.mark.parametrize("hours", [0, -1, 24 * 8])
def test_a_snooze_must_end_ahead_and_within_a_week(paged_world: World, hours: int) -> None:
    world = paged_world
    with pytest.raises(InvalidTransition, match="seven days at most"):
        change(
            lambda alert: snooze(
                alert,
                until=world.now + timedelta(hours=hours),
                by=db.session.merge(world.cast.ada),
                at=world.now,
            )
        )


def test_waking_by_hand(paged_world: World) -> None:
    world = paged_world
    until = world.now + timedelta(hours=1)
    change(lambda alert: snooze(alert, until=until, by=db.session.merge(world.cast.ada), at=world.now))
    change(lambda alert: wake(alert, by=db.session.merge(world.cast.ada), at=world.now))
    world.tick()
    assert world.paged() == ["Ada", "Ada"]
    with pytest.raises(InvalidTransition, match="not snoozed"):
        change(lambda alert: wake(alert, by=db.session.merge(world.cast.ada), at=world.now))


def test_reassigning_pages_that_person_first_and_then_follows_the_policy(paged_world: World) -> None:
    world = paged_world
    dan, ada = world.cast.dan, world.cast.ada
    change(lambda alert: reassign(alert, to=db.session.merge(dan), by=db.session.merge(ada), at=world.now))
    world.tick()
    assert world.paged() == ["Ada", "Dan"]
    assert world.alert().assigned_to_id == dan.id
    world.forward(minutes=8)
    assert list(dict.fromkeys(world.paged()[1:])) == ["Dan", "Ada"], "Dan is reminded first, as in every step"


def test_resolving_by_hand_keeps_the_reason_and_tells_those_who_were_paged(paged_world: World) -> None:
    world = paged_world
    change(
        lambda alert: resolve(alert, by=db.session.merge(world.cast.ben), at=world.now, reason="rolled back")
    )
    alert = world.alert()
    assert (alert.resolved_by, alert.resolution) == (ResolvedBy.HUMAN, "rolled back")
    world.fire(key="second")
    world.tick()
    db.session.merge(world.pages()[-1]).status = PageStatus.SENT
    db.session.commit()
    change(lambda alert: resolve(alert, by=db.session.merge(world.cast.ben), at=world.now), number=2)
    assert world.pages()[-1].title == "Over: Checkout errors at 14 %"


def test_reopening_begins_a_new_run_and_is_refused_while_a_newer_alert_holds_the_key(
    paged_world: World,
) -> None:
    world = paged_world
    ada = world.cast.ada
    change(lambda alert: resolve(alert, by=db.session.merge(ada), at=world.now))
    change(lambda alert: reopen(alert, by=db.session.merge(ada), at=world.now))
    world.tick()
    assert world.paged() == ["Ada", "Ada"]
    assert (world.alert().reopen_count, world.alert().resolved_by) == (1, None)
    change(lambda alert: resolve(alert, by=db.session.merge(ada), at=world.now))
    world.fire()
    with pytest.raises(InvalidTransition, match="open as alert 2"):
        change(lambda alert: reopen(alert, by=db.session.merge(ada), at=world.now))


def test_seven_days_of_silence_end_an_alert_as_timed_out(paged_world: World) -> None:
    world = paged_world
    world.clock.advance(days=7, seconds=-1)
    with transaction():
        assert time_out_silent(world.now) == 0
    world.clock.advance(seconds=1)
    with transaction():
        assert time_out_silent(world.now) == 1
    assert world.alert().resolved_by is ResolvedBy.TIMEOUT


def test_a_note_is_in_the_timeline(paged_world: World) -> None:
    change(
        lambda a: note(
            a, "Looking at the deploy", by=db.session.merge(paged_world.cast.ada), at=paged_world.now
        )
    )
    assert paged_world.events()[-1] == "noted"


def test_the_number_on_the_icon_is_what_still_waits_for_that_person(paged_world: World) -> None:
    world = paged_world
    world.fire(key="second")
    world.tick()
    assert [page.badge for page in world.pages()] == [1, 2]
    for page in world.pages():
        db.session.merge(page).status = PageStatus.SENT
    db.session.commit()
    world.fire(key="second", status=Said.RESOLVED)
    assert world.pages()[-1].badge == 1, "what is over waits for nobody"
    world.acknowledge(world.cast.ben)
    assert world.pages()[-1].badge == 0
