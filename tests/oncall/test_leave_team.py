"""L-TEAM-06: nobody is taken out of a team who still has its shifts."""

from datetime import timedelta

import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.oncall import leave_team, override, schedules
from app.oncall.leave_team import StillInShifts
from app.oncall.models import Schedule
from app.people import teams
from app.people.models import Membership, User
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post, sign_in
from tests.support.clock import TestClock
from tests.support.oncall import layer_json
from tests.support.rota import Rota


@pytest.fixture
def has_pages() -> bool:
    return True


def in_team(user: User) -> bool:
    db.session.rollback()
    return db.session.scalar(db.select(Membership.id).where(Membership.user_id == user.id)) is not None


def let_out(rota: Rota, user: User) -> None:
    with transaction():
        leave_team.remove_member(
            db.session.merge(rota.team), db.session.merge(user), by=db.session.merge(rota.mara), at=rota.clock()
        )


def turns_of(rota: Rota, *people: User) -> None:
    with transaction():
        row = db.session.get_one(Schedule, rota.schedule.id)
        weekly = layer_json("2026-10-26T09:00", [[user.id] for user in people])
        schedules.replace(
            row, version=row.version, name=row.name, team_id=row.team_id, time_zone=row.time_zone,
            layers=[weekly], by=rota.mara, at=rota.clock(),
        )  # fmt: skip


def test_L_TEAM_06_whoever_takes_turns_stays_until_another_has_them(app: APIFlask, clock: TestClock) -> None:
    rota = Rota(clock)
    web, api = app.test_client(), Api(app.test_client(), rota.mara)
    sign_in(web, rota.mara)
    page, cy = f"/teams/{rota.team.id}?tab=members", rota.cy  # whose first turn is two weeks away
    refused = post(web, f"/teams/{rota.team.id}/members/{cy.id}/removal", {}, page=page)
    assert refused.status_code == 409
    assert "Cy still has shifts here" in refused.text
    assert f'<a href="/schedules/{rota.schedule.id}">Payments primary</a>' in refused.text
    problem = assert_problem(api.delete(f"/teams/{rota.team.id}/members/{cy.id}"), 409)
    assert problem["detail"] == (
        "Cy still has shifts of Payments, on Payments primary. Give those to somebody else first."
    )
    assert in_team(cy)
    assert rota.told(cy) == []
    turns_of(rota, rota.ana, rota.bo)
    for _ in range(2):
        assert post(web, f"/teams/{rota.team.id}/members/{cy.id}/removal", {}, page=page).status_code == 303
    assert api.delete(f"/teams/{rota.team.id}/members/{cy.id}").status_code == 204
    assert not in_team(cy)


def test_L_TEAM_06_a_cover_and_a_temporary_turn_count_until_they_are_over(
    app: APIFlask, clock: TestClock
) -> None:
    rota = Rota(clock)
    with transaction():
        teams.add_member(db.session.merge(rota.team), db.session.merge(rota.dan), by=rota.mara, at=clock())
        override.add(
            schedule_id=rota.schedule.id, start=clock() + timedelta(days=1), end=clock() + timedelta(days=2),
            user_id=rota.dan.id, replaces_user_id=None, by=rota.mara, at=clock(),
        )  # fmt: skip
        row = db.session.get_one(Schedule, rota.schedule.id)
        row.temporary = [
            {
                "name": "Feast", "start": "2026-11-02T09:00", "end": "2026-11-03T09:00",
                "holes_are_intended": False, "layers": [layer_json("2026-11-02T09:00", [[rota.dan.id]])],
            }
        ]  # fmt: skip
    for days in (0, 3):  # the cover is ahead; then only the temporary turn is
        clock.advance(days=days)
        with pytest.raises(StillInShifts, match="on Payments primary"):
            let_out(rota, rota.dan)
    clock.advance(days=4)
    let_out(rota, rota.dan)
    assert not in_team(rota.dan)


def test_L_TEAM_06_shifts_of_another_team_hold_nobody(app: APIFlask, clock: TestClock) -> None:
    rota = Rota(clock)
    with transaction():
        other = teams.create_team("Search", by=rota.mara, at=clock())
        teams.add_member(other, db.session.merge(rota.cy), by=rota.mara, at=clock())
        leave_team.remove_member(other, db.session.merge(rota.cy), by=rota.mara, at=clock())
    assert in_team(rota.cy)  # of Payments, still
