"""L-ROL-05: stakeholders look on, in no team, schedule or policy; who becomes one holds no place before."""

import pytest
from apiflask import APIFlask

from app import clock
from app.database import transaction
from app.domain.invalid import InvalidField
from app.domain.words import Role
from app.leaving.change_role import change_role
from app.oncall import policies
from app.oncall.leave_team import remove_member
from app.people import teams
from tests.support.cast import Cast


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


def test_L_ROL_05_nobody_becomes_a_stakeholder_who_holds_a_place(cast: Cast) -> None:
    with pytest.raises(InvalidField) as refused, transaction():
        change_role(cast.ada, Role.STAKEHOLDER, by=cast.root, at=clock.now())
    ((pointer, says),) = refused.value.errors
    assert pointer == "/role"
    assert "Ada still holds 2 places" in says
    assert "Belongs to Payments" in says
    assert cast.ada.role is Role.RESPONDER
    with transaction():
        change_role(cast.ada, Role.MANAGER, by=cast.root, at=clock.now())  # any other role may be given
        remove_member(cast.search, cast.dan, by=cast.root, at=clock.now())
        change_role(cast.dan, Role.STAKEHOLDER, by=cast.root, at=clock.now())
    assert cast.dan.role is Role.STAKEHOLDER


def test_L_ROL_05_a_stakeholder_and_somebody_who_left_come_into_no_team(cast: Cast) -> None:
    with transaction():
        cast.dan.is_active = False
    for person, why in ((cast.eli, "only looks on"), (cast.dan, "has left")):
        with pytest.raises(InvalidField, match=why), transaction():
            teams.add_member(cast.payments, person, by=cast.root, at=clock.now())


def test_L_ROL_05_a_stakeholder_and_somebody_who_left_stand_in_no_policy(cast: Cast) -> None:
    with transaction():
        cast.dan.is_active = False
    for person, why in ((cast.eli, "Eli only looks on"), (cast.dan, "has left")):
        asked = {"kind": "user", "id": str(person.id)}
        with pytest.raises(InvalidField) as refused, transaction():
            policies.create(
                name="Night", team_id=cast.payments.id, last_resort_user_id=person.id,
                steps=[{"targets": [asked], "wait_minutes": 5}], by=cast.root, at=clock.now(),
            )  # fmt: skip
        found = dict(refused.value.errors)
        assert len(found) == 2
        assert all(why in says for says in found.values())
