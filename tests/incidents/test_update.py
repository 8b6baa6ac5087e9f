"""Updates go out once, to whom they are for, and the next one is promised."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.timeline import Kind
from app.domain.words import Audience, FixKind, IncidentRole, Outcome, Risk
from app.domain.zone import named
from app.engine import jobs
from app.incidents import assemble, decide, queries, status, update
from app.incidents.models import Incident, IncidentUpdate
from app.notices.models import Notice
from app.timeline.models import Event
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Ada commands incident 1, a SEV1."""
    world = World(clock)
    world.fire()
    world.promote(world.cast.ada)
    return world


def incident() -> Incident:
    found = queries.locked(1)
    assert found is not None
    return found


def sent(world: World, *, after: int | None = None, audience: Audience = Audience.ORGANISATION) -> int:
    with transaction():
        said = update.draft(incident(), world.now, named("Europe/London"))
        return update.send(
            incident(), said, audience=audience, by=db.session.merge(world.cast.ada), at=world.now, after=after
        ).number


def told(event: str) -> list[str]:
    return list(
        db.session.scalars(sa.select(Notice.title).where(Notice.event == event).order_by(Notice.user_id))
    )


def test_S48_an_update_reaches_its_audience_once_and_promises_the_next(world: World) -> None:
    cast = world.cast
    with transaction():
        reached = {each: {user.name for user in update.readers(incident(), each)} for each in Audience}
    assert reached[Audience.RESPONDERS] == {"Ada", "Ben", "Cleo", "Mara"}
    assert reached[Audience.STAKEHOLDERS] == {"Ada", "Ben", "Cleo", "Mara", "Eli"}
    assert cast.dan.name in reached[Audience.ORGANISATION]
    assert sent(world, after=0) == 1
    assert len(told("incident_update")) == len(reached[Audience.ORGANISATION]) - 1  # L-NOT-07: not Ada herself
    with transaction():
        said = update.fields_of(update.updates(incident())[0])
        again = update.send(
            incident(), said, audience=Audience.ORGANISATION, by=cast.ada, at=world.now, after=0
        )
        assert again.number == 1  # the second tap of the same form
        assert incident().next_update_at == world.now + timedelta(minutes=30)


def test_an_update_while_another_was_sent_is_refused_and_names_it(world: World) -> None:
    sent(world, after=0)
    with transaction():
        said = update.draft(incident(), world.now, named("Europe/London"))
        with pytest.raises(update.AnotherWasSent, match="Ada sent update 1 while you were writing"):
            update.send(
                incident(), said, audience=Audience.RESPONDERS, by=world.cast.ben, at=world.now, after=0
            )
    assert db.session.scalar(sa.select(sa.func.count(IncidentUpdate.id))) == 1


def test_S47_only_whoever_has_communications_is_reminded_and_again_after_ten_minutes(world: World) -> None:
    ben = world.cast.ben
    with transaction():
        assemble.join(incident(), by=ben, at=world.now, role=IncidentRole.COMMUNICATIONS)
    world.clock.advance(minutes=29)
    assert jobs.nag_updates() == 0
    world.clock.advance(minutes=1)
    assert (jobs.nag_updates(), jobs.nag_updates()) == (1, 0)
    world.clock.advance(minutes=10)
    assert jobs.nag_updates() == 1
    rows = db.session.execute(sa.select(Notice.user_id, Notice.title).where(Notice.event == "update_due"))
    assert {tuple(row) for row in rows} == {
        (ben.id, "Update due at 04:40 CET")
    }  # in Stockholm; Ada commands and hears nothing
    sent(world)
    assert jobs.nag_updates() == 0


def test_S47_the_commander_is_reminded_while_nobody_has_communications_and_nobody_once_it_is_over(
    world: World,
) -> None:
    world.clock.advance(minutes=31)
    assert jobs.nag_updates() == 1
    with transaction():
        status.resolve(incident(), by=world.cast.ada, at=world.now)
    world.clock.advance(minutes=31)
    assert jobs.nag_updates() == 0


def test_S48_a_round_that_ended_without_an_update_says_so_and_one_with_does_not(world: World) -> None:
    ada = world.cast.ada

    def one_round(words: str) -> None:
        world.clock.advance(minutes=1)
        with transaction():
            wanted = decide.Proposal(words, Risk.LOW, "It began then", FixKind.MITIGATION)
            option = decide.propose(incident(), wanted, by=ada, at=world.now)
            decide.approve(incident(), option, by=ada, at=world.now)
            decide.begin(incident(), option, by=ada, at=world.now)
            decide.finish(incident(), option, Outcome.HELPED, result="12 %", by=ada, at=world.now)

    one_round("Restart")
    one_round("Roll back")
    world.clock.advance(minutes=1)
    sent(world)
    one_round("Fail over")
    silent = sa.select(Event.data).where(Event.kind == Kind.ROUND_WITHOUT_UPDATE)
    assert [data["round"] for data in db.session.scalars(silent)] == [1]
    told_last = db.session.scalars(sa.select(IncidentUpdate)).one()
    assert told_last.steps == "Restart helped: 12 %.\nRoll back helped: 12 %."
