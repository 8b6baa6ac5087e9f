"""An action is promised, reminded of, carried out with what changed, and shows where it improves something."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.alerts.models import Service
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import ActionKind, Improves, Role
from app.engine.learning import remind_of_actions
from app.incidents.models import Incident
from app.learning import action_queries, actions, improve
from app.learning.models import ActionItem
from app.leaving.change_role import change_role
from app.leaving.hand_over import StillHolds, leave
from app.notices.models import Notice
from app.people.models import Team
from tests.learning.conftest import incident, who
from tests.support.world import World


def promised(world: World, *, days: int | None = 10, text: str = "Test the units", **more: object) -> int:
    with transaction():
        due = None if days is None else world.now + timedelta(days=days)
        wanted = actions.Promise(text, ActionKind.PREVENT, owner=who(world.cast.ben), due_at=due, **more)  # type: ignore[arg-type]
        return actions.promise(incident(), wanted, by=who(world.cast.ada), at=world.now).id


def the(number: int) -> ActionItem:
    found = actions.locked(number)
    assert found is not None
    return found


def told(world: World, name: str) -> list[str]:
    rows = sa.select(Notice.title).where(Notice.user_id == getattr(world.cast, name).id)
    return [title for title in db.session.scalars(rows.order_by(Notice.id)) if "Test the units" in title]


def test_S58_an_action_has_an_owner_who_is_told_a_day_a_kind_and_a_link(over: World) -> None:
    number = promised(over, link="https://tracker.example/NB-12")
    item = the(number)
    assert (item.owner and item.owner.name, item.kind, item.link) == (
        "Ben", ActionKind.PREVENT, "https://tracker.example/NB-12",
    )  # fmt: skip
    assert told(over, "ben") == ["Your action: Test the units"]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://x.example/1", "//x.example", "https://a:b@x.example"]
)
def test_S58_a_link_that_is_no_web_address_is_refused_by_its_field(over: World, link: str) -> None:
    with pytest.raises(InvalidField) as refused:
        promised(over, link=link)
    assert refused.value.errors == [("/link", "The tracker link has to begin with https:// or http://.")]


def test_S59_the_owner_is_reminded_and_the_manager_hears_of_what_is_late(over: World) -> None:
    with transaction():
        team = db.session.get_one(Team, incident().team_id)
        team.manager_id = over.cast.mara.id
    number = promised(over)
    assert remind_of_actions() == 0
    over.clock.moment += timedelta(days=8)
    assert remind_of_actions() == 1
    assert remind_of_actions() == 0
    assert len(told(over, "ben")) == 2
    assert told(over, "mara") == []
    over.clock.moment += timedelta(days=3)
    assert remind_of_actions() == 1
    assert told(over, "mara")[0].startswith("Late since ")
    assert [each.id for each in action_queries.open_ones(who(over.cast.mara), managed=True)] == [number]
    assert action_queries.open_ones(who(over.cast.ada), managed=True) == []


def test_S59_it_is_carried_out_with_what_changed_once_and_can_be_opened_again(over: World) -> None:
    number = promised(over)
    with pytest.raises(InvalidField, match="what changed"), transaction():
        actions.carry_out(the(number), " ", by=who(over.cast.ben), at=over.now)
    with transaction():
        actions.carry_out(the(number), "Units are tested in CI", by=who(over.cast.ben), at=over.now)
        actions.carry_out(the(number), "Another word", by=who(over.cast.ada), at=over.now)
    item = the(number)
    assert (item.changed, item.done_by and item.done_by.name) == ("Units are tested in CI", "Ben")
    over.clock.moment += timedelta(days=30)
    assert remind_of_actions() == 0
    assert [each.id for each in action_queries.carried_out(who(over.cast.ada))] == [number]
    with transaction():
        actions.reopen(the(number), by=who(over.cast.ben), at=over.now)
    assert remind_of_actions() == 1


def test_S02_S83_it_shows_where_it_improves_something_and_only_to_who_sees_the_incident(over: World) -> None:
    service = db.session.scalars(sa.select(Service)).first()
    assert service is not None
    number = promised(over, improves=Improves.SERVICE, improves_id=service.id)
    there = improve.improving(Improves.SERVICE, service.id, who(over.cast.cleo))
    assert [each.id for each in there] == [number]
    with transaction():
        db.session.get_one(Incident, 1).is_restricted = True
    assert improve.improving(Improves.SERVICE, service.id, who(over.cast.cleo)) == []
    assert improve.improving(Improves.SERVICE, service.id, who(over.cast.eli)) == []
    with pytest.raises(InvalidField) as refused:
        promised(over, improves=Improves.SCHEDULE, improves_id=999)
    assert refused.value.errors[0][0] == "/improves"


def test_an_owner_who_leaves_hands_their_actions_over_and_nobody_is_named_late_for_them(over: World) -> None:
    number = promised(over)
    with pytest.raises(InvalidField, match="Promised after incident 1"), transaction():
        change_role(who(over.cast.ben), Role.STAKEHOLDER, by=who(over.cast.root), at=over.now)
    with pytest.raises(StillHolds) as refused, transaction():
        leave(who(over.cast.ben), {}, by=who(over.cast.root), at=over.now)
    chosen: dict[str, int | None] = {duty.key: None for duty in refused.value.duties if duty.may_end}
    chosen |= {duty.key: over.cast.ada.id for duty in refused.value.duties if not duty.may_end}
    with transaction():
        leave(
            who(over.cast.ben),
            chosen | {f"action:{number}": over.cast.ada.id},
            by=who(over.cast.root),
            at=over.now,
        )
    owner = the(number).owner
    assert owner is not None
    assert owner.name == "Ada"
    wanted = actions.Promise("Another", ActionKind.DETECT, owner=who(over.cast.ben))
    with pytest.raises(InvalidField, match="does not respond"), transaction():
        actions.promise(incident(), wanted, by=who(over.cast.ada), at=over.now)
