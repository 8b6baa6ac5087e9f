"""Rounds of an incident: nothing is being done without the commander's word or a reason."""

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.decide import NotTheCommander
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.domain.words import FixKind, OptionState, Outcome, Risk
from app.incidents import decide, queries
from app.incidents.decide import Proposal
from app.incidents.models import FixOption, Incident
from app.timeline.models import Event
from tests.support.clock import TestClock
from tests.support.world import World

ROLL_BACK = Proposal("Roll back", Risk.LOW, "Errors began after the deploy", FixKind.MITIGATION)


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Ada commands incident 1."""
    world = World(clock)
    world.fire()
    world.promote(world.cast.ada)
    return world


def incident() -> Incident:
    found = queries.locked(1)
    assert found is not None
    return found


def happened(kind: Kind) -> list[dict[str, object]]:
    about = sa.select(Event).where(Event.subject_kind == Subject.INCIDENT, Event.kind == kind)
    return [event.data for event in db.session.scalars(about.order_by(Event.id))]


def test_S41_S46_two_rounds_from_what_is_seen_to_what_worked(world: World) -> None:
    ada, ben = world.cast.ada, world.cast.ben
    with transaction():
        decide.see_symptom(incident(), "502 from the gateway", by=ben, at=world.now)
        for words, outcome in (("Restart one zone", Outcome.HELPED), ("Roll back", Outcome.WORKED)):
            wanted = Proposal(words, Risk.LOW, "It began after the deploy", FixKind.PERMANENT)
            option = decide.propose(incident(), wanted, by=ben, at=world.now)
            decide.approve(incident(), option, by=ada, at=world.now)
            decide.approve(incident(), option, by=ada, at=world.now)  # the second tap
            decide.begin(incident(), option, by=ben, at=world.now)
            decide.begin(incident(), option, by=ben, at=world.now)
            decide.finish(incident(), option, outcome, result="14 % to 12 %", by=ben, at=world.now)
    assert [data["round"] for data in happened(Kind.ROUND_BEGUN)] == [1, 2]
    assert [data["outcome"] for data in happened(Kind.ACTION_ENDED)] == ["helped", "worked"]
    assert len(happened(Kind.OPTION_APPROVED)) == len(happened(Kind.ACTION_BEGUN)) == 2
    assert [o.cycle.number for o in decide.options(incident())] == [1, 2]


def test_S38_nothing_begins_without_the_commanders_word_or_a_reason_in_the_timeline(world: World) -> None:
    ben = world.cast.ben
    with transaction():
        option = decide.propose(incident(), ROLL_BACK, by=ben, at=world.now)
        with pytest.raises(NotTheCommander, match="Ada decides"):
            decide.approve(incident(), option, by=ben, at=world.now)
        with pytest.raises(InvalidTransition, match="Say why it cannot wait"):
            decide.begin(incident(), option, by=ben, at=world.now, bypass="  ")
        assert option.state is OptionState.PROPOSED
        decide.begin(incident(), option, by=ben, at=world.now, bypass="Cards are lost every second")
    assert happened(Kind.ACTION_BEGUN)[0]["bypass"] == "Cards are lost every second"


def test_S38_the_rows_themselves_refuse_an_act_without_approval_or_reason(world: World) -> None:
    with transaction():
        option = decide.propose(incident(), ROLL_BACK, by=world.cast.ben, at=world.now)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(FixOption).values(state=OptionState.DOING))
    assert db.session.get_one(FixOption, option.id).state is OptionState.PROPOSED


def test_S42_approving_what_was_withdrawn_is_refused_in_words(world: World) -> None:
    with transaction():
        option = decide.propose(incident(), ROLL_BACK, by=world.cast.ben, at=world.now)
        with pytest.raises(InvalidTransition, match="Ben proposed this"):
            decide.withdraw(incident(), option, by=world.cast.cleo, at=world.now)
        decide.withdraw(incident(), option, by=world.cast.ben, at=world.now)
        with pytest.raises(InvalidTransition, match="withdrawn, so you cannot approve it"):
            decide.approve(incident(), option, by=world.cast.ada, at=world.now)


def test_S46_an_option_of_an_earlier_round_is_tried_in_the_round_that_runs(world: World) -> None:
    ada, ben = world.cast.ada, world.cast.ben
    with transaction():
        first = decide.propose(incident(), ROLL_BACK, by=ben, at=world.now)
        other = Proposal("Restart", Risk.HIGH, "Drops 300 carts", FixKind.MITIGATION)
        second = decide.propose(incident(), other, by=ben, at=world.now)
        for option in (first, second):
            decide.approve(incident(), option, by=ada, at=world.now)
            decide.begin(incident(), option, by=ada, at=world.now)
            decide.finish(incident(), option, Outcome.NO_EFFECT, result="", by=ada, at=world.now)
    assert (first.cycle.number, second.cycle.number) == (1, 2)


def test_the_same_words_twice_are_one_option_and_empty_ones_are_refused(world: World) -> None:
    ben = world.cast.ben
    with transaction():
        made = [decide.propose(incident(), ROLL_BACK, by=ben, at=world.now).id for _ in range(2)]
        assert made[0] == made[1]
        with pytest.raises(InvalidTransition, match="what you would do"):
            decide.propose(incident(), Proposal(" ", Risk.LOW, "x", FixKind.PERMANENT), by=ben, at=world.now)
        with pytest.raises(InvalidTransition, match="what you see"):
            decide.see_symptom(incident(), "\n", by=ben, at=world.now)
