"""People and teams are made with an event, and refused with a sentence for each field."""

import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.domain.words import Role, TeamRole
from app.people import queries, teams, users
from app.people.models import Membership, Team, User
from app.people.taken import refused_if_taken
from app.timeline.queries import events_about
from tests.support.cast import make_user
from tests.support.clock import TestClock


def test_a_person_is_made_with_a_lower_case_address_and_an_event(app: APIFlask, clock: TestClock) -> None:
    root = make_user("Root", Role.ADMINISTRATOR)
    ada = users.create_user(
        email=" Ada@Nightbell.Example ",
        name=" Ada ",
        role="responder",
        time_zone="Europe/Riga",
        by=root,
        at=clock(),
    )
    assert (ada.email, ada.name, ada.role) == ("ada@nightbell.example", "Ada", Role.RESPONDER)
    assert queries.user_by_email("ADA@nightbell.example") is ada
    (event,) = events_about(Subject.USER, ada.id)
    assert (event.kind, event.actor_id, event.data) == (
        Kind.CREATED,
        root.id,
        {"role": "responder"},
    )


def test_each_wrong_field_is_named_at_once(app: APIFlask, clock: TestClock) -> None:
    make_user("Ada")
    with pytest.raises(InvalidField) as refused:
        users.create_user(email="ada@nightbell.example", name=" ", role="boss", time_zone="Riga", at=clock())
    assert {pointer for pointer, _ in refused.value.errors} == {"/email", "/name", "/role", "/time_zone"}
    assert "already" in dict(refused.value.errors)["/email"]


def test_two_people_who_take_one_address_at_the_same_moment_are_told_and_the_rest_goes_on(
    app: APIFlask, clock: TestClock
) -> None:
    with transaction():
        make_user("Ada")
        with pytest.raises(InvalidField, match="taken"), refused_if_taken(email="taken"):
            db.session.add(User(email="ada@nightbell.example", name="B", role=Role.RESPONDER, time_zone="UTC",
                                created_at=clock()))  # fmt: skip
        make_user("Ben")
    assert [user.name for user in queries.active_users()] == ["Ada", "Ben"]


def test_a_team_has_a_name_of_its_own(app: APIFlask, clock: TestClock) -> None:
    mara = make_user("Mara", Role.MANAGER)
    team = teams.create_team(" Payments ", by=mara, at=clock(), manager=mara)
    assert (team.name, team.manager_id) == ("Payments", mara.id)
    for name in ("payments", "", "x" * 101):
        with pytest.raises(InvalidField) as refused:
            teams.create_team(name, by=mara, at=clock())
        assert {pointer for pointer, _ in refused.value.errors} == {"/name"}
    assert [event.kind for event in events_about(Subject.TEAM, team.id)] == [Kind.CREATED]


def test_joining_twice_is_joining_once(app: APIFlask, clock: TestClock) -> None:
    ada, mara = make_user("Ada"), make_user("Mara", Role.MANAGER)
    team = teams.create_team("Payments", by=mara, at=clock())
    for _ in range(2):
        teams.add_member(team, ada, by=mara, at=clock())
    teams.add_member(team, ada, by=mara, at=clock(), role=TeamRole.MANAGER)
    (membership,) = db.session.scalars(db.select(Membership)).all()
    assert membership.role == TeamRole.MANAGER
    for _ in range(2):
        teams.remove_member(team, ada, by=mara, at=clock())
    assert [event.kind for event in events_about(Subject.TEAM, team.id)] == [Kind.CREATED] + [Kind.CHANGED] * 3


def test_my_teams_are_those_i_belong_to_or_manage(app: APIFlask, clock: TestClock) -> None:
    ada, mara = make_user("Ada"), make_user("Mara", Role.MANAGER)
    payments = teams.create_team("Payments", by=mara, at=clock(), manager=mara)
    search = teams.create_team("Search", by=mara, at=clock())
    teams.add_member(search, ada, by=mara, at=clock())
    assert queries.teams_of(ada) == [search]
    assert queries.teams_of(mara) == [payments]
    assert [team.name for team in queries.teams()] == ["Payments", "Search"]
    assert db.session.get(Team, payments.id) is payments
