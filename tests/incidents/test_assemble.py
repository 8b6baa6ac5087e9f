"""People come into an incident: command, roles, asking, answering, supporting teams."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import clock
from app.alerts import queries as alert_queries
from app.database import db, transaction
from app.domain.assembly import CommandTaken
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.domain.words import Attendance, IncidentRole, PageStatus
from app.engine import jobs
from app.incidents import access, assemble, command, queries
from app.incidents.models import Incident, IncidentAlert, IncidentMember
from app.incidents.promote import promote
from app.paging.models import Page
from app.paging.page import token_for
from app.timeline.models import Event
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def has_pages() -> bool:
    return True


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Ada promoted the checkout alert: incident 1 is hers."""
    world = World(clock)
    world.fire()
    with transaction():
        alert = alert_queries.locked(1)
        assert alert is not None
        promote(alert, by=db.session.merge(world.cast.ada), at=world.now)
    return world


def change(act: Callable[[Incident], object]) -> None:
    with transaction():
        found = queries.locked(1)
        assert found is not None
        act(found)


def members() -> dict[str, tuple[str, str]]:
    rows = db.session.scalars(sa.select(IncidentMember).execution_options(populate_existing=True))
    return {row.user.name: (str(row.role), str(row.attendance)) for row in rows}


def happened() -> list[str]:
    about = sa.select(Event.kind).where(Event.subject_kind == Subject.INCIDENT).order_by(Event.id)
    return list(db.session.scalars(about))


def made_by_a_rule(world: World) -> None:
    """As a response rule leaves it: nobody declared it, nobody leads."""
    with transaction():
        found = queries.locked(1)
        assert found is not None
        found.declared_by_id = found.commander_id = found.commander_since = None


def test_S35_the_promoter_commands_and_is_in_the_incident(world: World) -> None:
    assert members() == {"Ada": ("responder", "joined")}


def test_S35_a_handover_names_from_whom_and_a_late_one_is_told_who_has_it(world: World) -> None:
    ada, ben, cleo = world.cast.ada, world.cast.ben, world.cast.cleo
    change(lambda i: command.hand_over(i, to=cleo, by=ada, at=world.now, instead_of=ada.id))
    world.clock.advance(seconds=4)
    with pytest.raises(CommandTaken, match="Cleo took command 4 s ago"):
        change(lambda i: command.hand_over(i, to=ben, by=ben, at=world.now, instead_of=ada.id))
    with pytest.raises(CommandTaken, match="Ask for a handover"):
        change(lambda i: command.take(i, by=ben, at=world.now))
    change(lambda i: command.hand_over(i, to=cleo, by=ada, at=world.now, instead_of=ada.id))  # the same again
    assert happened().count(Kind.COMMANDER_CHANGED) == 1
    assert members()["Cleo"] == ("responder", "joined")


def test_S39_made_by_a_rule_it_is_led_by_the_first_to_acknowledge_any_of_its_alerts(world: World) -> None:
    made_by_a_rule(world)
    assert jobs.lead_by_acknowledgement() == 1  # Ada acknowledged when she promoted
    assert db.session.get_one(Incident, 1).commander_id == world.cast.ada.id
    assert jobs.lead_by_acknowledgement() == 0


def test_S39_whoever_gave_command_up_is_not_drawn_back_in_by_an_old_acknowledgement(world: World) -> None:
    made_by_a_rule(world)
    change(lambda i: command.take(i, by=world.cast.ben, at=world.now))
    change(lambda i: command.leave_without_commander(i, by=world.cast.root, at=world.now))
    assert jobs.lead_by_acknowledgement() == 0


def test_S39_an_incident_whose_alerts_nobody_has_waits_for_a_leader(world: World) -> None:
    made_by_a_rule(world)
    world.fire(key="other")
    with transaction():
        db.session.execute(sa.update(IncidentAlert).values(alert_id=2))
    assert jobs.lead_by_acknowledgement() == 0


def test_S24_whoever_is_asked_is_paged_works_the_incident_and_says_yes(world: World) -> None:
    dan = world.cast.dan
    change(lambda i: assemble.ask(i, dan, by=world.cast.ada, at=world.now, role=IncidentRole.EXPERT))
    assert access.may_work(dan, db.session.get_one(Incident, 1))
    page = db.session.scalars(sa.select(Page).where(Page.subject_kind == Subject.INCIDENT)).one()
    assert (page.user_id, page.title) == (dan.id, "Ada asks you: Checkout errors at 14 %")
    change(lambda i: assemble.answer(i, Attendance.JOINED, by=dan, at=world.now))
    change(lambda i: assemble.answer(i, Attendance.JOINED, by=dan, at=world.now))
    assert members()["Dan"] == ("expert", "joined")
    assert happened().count(Kind.JOINED) == 1
    db.session.refresh(page)
    assert page.status is PageStatus.ACKNOWLEDGED


def test_S24_the_lock_screen_says_yes_too(world: World, client: FlaskClient) -> None:
    dan = world.cast.dan
    change(lambda i: assemble.ask(i, dan, by=world.cast.ada, at=world.now))
    page = db.session.scalars(sa.select(Page).where(Page.subject_kind == Subject.INCIDENT)).one()
    token = token_for(page.page_key, page.deliveries[0].address_key)
    answer = client.post(f"/r/{token}", json={"stage": "acked", "at": clock.now().isoformat()})
    assert (answer.status_code, answer.get_json()["sentence"]) == (200, "You are on it.")
    assert members()["Dan"] == ("responder", "joined")


def test_S24_who_declines_is_out_again_and_can_be_asked_again_with_a_new_page(world: World) -> None:
    dan, ada = world.cast.dan, world.cast.ada
    change(lambda i: assemble.ask(i, dan, by=ada, at=world.now))
    change(lambda i: assemble.answer(i, Attendance.DECLINED, by=dan, at=world.now))
    assert not access.may_work(dan, db.session.get_one(Incident, 1))
    change(lambda i: assemble.ask(i, dan, by=ada, at=world.now))
    pages = db.session.scalars(
        sa.select(Page).where(Page.subject_kind == Subject.INCIDENT, Page.kind == "page")
    )
    assert len(pages.all()) == 2


def test_L_INC_05_a_supporting_team_brings_its_primary_else_its_manager(world: World) -> None:
    cast = world.cast
    change(lambda i: assemble.ask_team(i, cast.search, by=cast.ada, at=world.now))
    assert "Dan" not in members()  # Search has neither a schedule nor a manager
    assert access.may_work(cast.dan, db.session.get_one(Incident, 1))
    change(lambda i: assemble.ask_team(i, cast.payments, by=cast.ada, at=world.now))
    assert members()["Mara"] == ("responder", "asked")


def test_S20_the_experts_offered_are_who_is_on_call_for_the_service(world: World) -> None:
    found = assemble.experts(db.session.get_one(Incident, 1), world.now)
    assert [(service, person.name) for service, person in found] == [("checkout-api", "Ada")]


def test_S24_one_scribe_at_a_time_and_the_one_before_is_a_responder_again(world: World) -> None:
    ada, ben, dan = world.cast.ada, world.cast.ben, world.cast.dan
    for person in (ben, dan):
        change(lambda i, p=person: assemble.ask(i, p, by=ada, at=world.now, role=IncidentRole.SCRIBE))
    assert (members()["Ben"][0], members()["Dan"][0]) == ("responder", "scribe")
    change(lambda i: assemble.give_role(i, ben, IncidentRole.COMMUNICATIONS, by=ada, at=world.now))
    assert members()["Ben"][0] == "communications"


def test_nobody_is_brought_in_who_cannot_come(world: World) -> None:
    cast = world.cast
    with pytest.raises(InvalidTransition, match="only looks on"):
        change(lambda i: assemble.ask(i, cast.eli, by=cast.ada, at=world.now))
    with pytest.raises(InvalidTransition, match="Ask them in first"):
        change(lambda i: assemble.give_role(i, cast.dan, IncidentRole.SCRIBE, by=cast.ada, at=world.now))
    with pytest.raises(InvalidTransition, match="Hand it over first"):
        change(lambda i: assemble.answer(i, Attendance.LEFT, by=cast.ada, at=world.now))
    with pytest.raises(InvalidTransition, match="not asked"):
        change(lambda i: assemble.answer(i, Attendance.DECLINED, by=cast.dan, at=world.now))


def test_INV_one_holder_of_a_role_is_the_databases_word(world: World) -> None:
    """Two at once cannot both be scribe, whatever each read before."""
    with transaction():
        for user in (world.cast.ben, world.cast.dan):
            row = {"role": IncidentRole.SCRIBE, "attendance": Attendance.JOINED, "asked_at": world.now}
            db.session.add(IncidentMember(incident_id=1, user_id=user.id, **row))
        with pytest.raises(sa.exc.IntegrityError):
            db.session.flush()
        db.session.rollback()
