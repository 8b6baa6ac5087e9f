"""Gaps: what nobody has prepared, tried or finished, each with a door."""

from datetime import timedelta

import pytest

from app.alerts.models import Service
from app.database import db, transaction
from app.domain.words import ActionKind
from app.incidents import playbooks
from app.learning import actions, gaps
from app.oncall.models import Drill
from tests.learning.conftest import incident, who
from tests.support.world import World


def names(world: World, name: str, person: str = "mara") -> list[tuple[str, str]]:
    found = {each.name: each for each in gaps.of(who(getattr(world.cast, person)), at=world.now)}
    return [(lack.name, lack.door) for lack in found[name].lacks]


def test_S83_a_service_lacks_an_owner_a_playbook_and_a_schedule_until_it_has_them(over: World) -> None:
    service = db.session.get_one(Service, 1)
    for kind in ("owner", "playbook", "schedule"):
        assert service.name in dict(names(over, kind)), kind
    with transaction():
        db.session.get_one(Service, 1).owner = who(over.cast.ada)
        playbooks.create(
            name="Roll back", body="- [ ] Look", severities=[], rules=[],
            services=[db.session.get_one(Service, 1)], by=who(over.cast.mara), at=over.now,
        )  # fmt: skip
    assert service.name not in dict(names(over, "owner"))
    assert service.name not in dict(names(over, "playbook"))
    assert service.name not in dict(names(over, "alert"))
    assert all(door.startswith("/") for kind in ("owner", "schedule") for _, door in names(over, kind))


def test_S83_people_are_undrilled_until_they_tap_and_only_their_manager_sees_it(over: World) -> None:
    assert {"Ada", "Ben"} <= set(dict(names(over, "person")))
    assert set(dict(names(over, "person", "ada"))) == {"Ada"}
    with transaction():
        drill = Drill(user_id=over.cast.ada.id, due_at=over.now, asked_at=over.now, passed_at=over.now)
        db.session.add(drill)
    assert "Ada" not in dict(names(over, "person"))
    over.clock.moment += timedelta(days=91)
    assert "Ada" in dict(names(over, "person"))


def test_S83_a_policy_is_exercised_by_an_alert_and_an_action_is_never_done_after_four_weeks(
    over: World,
) -> None:
    policy = db.session.get_one(Service, 1).escalation_policy
    assert policy is not None
    assert policy.name not in dict(names(over, "policy"))
    with transaction():
        due = over.now + timedelta(days=1)
        actions.promise(
            incident(),
            actions.Promise("Test it", ActionKind.PREVENT, due_at=due),
            by=who(over.cast.ada),
            at=over.now,
        )
    over.clock.moment += timedelta(days=20)
    assert names(over, "action") == []
    over.clock.moment += timedelta(days=80)
    assert names(over, "action") == [("Test it", "/action-items/1")]
    assert policy.name in dict(names(over, "policy"))


@pytest.mark.parametrize("is_heeded", [False, True])
def test_S83_alerts_that_nobody_acts_on_are_a_gap(over: World, is_heeded: bool) -> None:
    over.clock.moment += timedelta(days=30)
    for number in range(5):
        received = over.fire(key=f"n{number}")
        assert received is not None
    if is_heeded:
        over.acknowledge(over.cast.ada, 2)
    assert bool(names(over, "noise")) is not is_heeded
