"""The one policy, as a table somebody can check by eye."""

import pytest
from apiflask import APIFlask

from app.database import db
from app.domain.words import Role
from app.people.models import Organisation
from app.people.rights import Act, NotAllowed, may, require, teams_where, who_may
from tests.support.cast import Cast

#                         administrator manager responder stakeholder; member and manager of the act's own team
ANYWHERE = {
    Act.SEE_INCIDENTS: "yes yes yes yes",
    Act.INVITE: "yes yes yes yes",  # up to the own role
    Act.HANDLE_INVITATIONS: "yes yes no no",  # others' ones; one's own are not asked about
    Act.SEE_ON_CALL: "yes yes yes yes",
    Act.SEE_OPERATIONS: "yes yes yes no",
    Act.SEE_ALL_TEAMS: "yes yes no no",
    Act.RESPOND: "yes yes no no",
    Act.PAGE_A_PERSON: "yes yes yes no",
    Act.COVER_SELF: "yes yes yes no",
    Act.COVER_OTHERS: "yes yes no no",
    Act.APPROVE_COVER: "yes yes no no",
    Act.EDIT_SERVICES: "yes yes no no",
    Act.EDIT_ON_CALL: "yes yes no no",
    Act.MANAGE_TEAM: "yes yes no no",
    Act.CREATE_TEAMS: "yes yes yes no",
    Act.SET_UP: "yes yes no no",
    Act.DELETE_INCIDENTS: "yes no no no",
    Act.MANAGE_PEOPLE: "yes no no no",
    Act.MANAGE_ORGANISATION: "yes no no no",
}


def test_SEC16_the_table_names_every_act_and_holds(app: APIFlask) -> None:
    assert set(ANYWHERE) == set(Act)
    cast = Cast()
    people = (cast.root, cast.mara, cast.dan, cast.eli)
    assert [person.role for person in people] == list(Role)
    for act, row in ANYWHERE.items():
        assert [may(person, act) for person in people] == [word == "yes" for word in row.split()], act


def test_SEC16_a_member_edits_services_of_the_own_team_only(app: APIFlask) -> None:
    cast = Cast()
    assert may(cast.ada, Act.EDIT_SERVICES, team_id=cast.payments.id)
    assert not may(cast.ada, Act.EDIT_SERVICES, team_id=cast.search.id)
    assert not may(cast.dan, Act.EDIT_SERVICES, team_id=cast.payments.id)
    assert not may(cast.ada, Act.EDIT_ON_CALL, team_id=cast.payments.id)


def test_SEC16_a_responder_who_manages_a_team_edits_its_schedules_and_no_other(app: APIFlask) -> None:
    cast = Cast()
    cast.search.manager_id = cast.dan.id
    assert may(cast.dan, Act.EDIT_ON_CALL, team_id=cast.search.id)
    assert not may(cast.dan, Act.EDIT_ON_CALL, team_id=cast.payments.id)
    assert not may(cast.dan, Act.MANAGE_PEOPLE, team_id=cast.search.id)


def test_L_ROL_04_a_responder_responds_in_the_own_teams_and_reads_all_once_that_is_open(app: APIFlask) -> None:
    cast = Cast()
    assert not may(cast.dan, Act.RESPOND, team_id=cast.payments.id)
    assert not may(cast.dan, Act.SEE_ALL_TEAMS)
    db.session.get_one(Organisation, 1).is_reading_open = True
    assert may(cast.dan, Act.SEE_ALL_TEAMS)
    assert not may(cast.eli, Act.SEE_ALL_TEAMS)
    assert not may(cast.dan, Act.RESPOND, team_id=cast.payments.id)


def test_a_named_manager_without_a_membership_works_in_the_team_and_approves_there(app: APIFlask) -> None:
    """Edit rotations, change my own hours, cover others and approve are four acts (request 4)."""
    cast = Cast()
    cast.payments.manager_id = cast.dan.id
    db.session.flush()
    own, others = cast.search.id, cast.payments.id
    assert teams_where(cast.dan, Act.RESPOND) == {own, others}
    assert teams_where(cast.dan, Act.APPROVE_COVER) == {others}
    assert may(cast.dan, Act.COVER_SELF)
    for act in (Act.EDIT_ON_CALL, Act.COVER_OTHERS, Act.APPROVE_COVER):
        assert may(cast.dan, act, team_id=others)
        assert not may(cast.dan, act, team_id=own)


def test_SEC17_a_change_of_role_holds_at_once(app: APIFlask) -> None:
    cast = Cast()
    assert may(cast.ada, Act.RESPOND, team_id=cast.payments.id)
    assert teams_where(cast.ada, Act.RESPOND) == {cast.payments.id}
    cast.ada.role = Role.STAKEHOLDER
    db.session.flush()
    assert not may(cast.ada, Act.RESPOND, team_id=cast.payments.id)
    assert teams_where(cast.ada, Act.RESPOND) == frozenset()
    assert not may(cast.ada, Act.EDIT_SERVICES, team_id=cast.payments.id)


def test_SEC16_nobody_who_left_and_no_unknown_act_is_allowed(app: APIFlask) -> None:
    cast = Cast()
    assert not may(None, Act.SEE_INCIDENTS)
    assert not may(cast.root, "open the pod bay doors")
    cast.root.is_active = False
    assert not any(may(cast.root, act) for act in Act)


def test_a_refusal_says_who_may(app: APIFlask) -> None:
    cast = Cast()
    assert who_may(Act.MANAGE_PEOPLE) == "Only administrators may do this."
    assert who_may("open the pod bay doors") == "Nobody may do this."
    with pytest.raises(NotAllowed, match="administrators, managers and the team's managers"):
        require(cast.ada, Act.EDIT_ON_CALL, team_id=cast.payments.id)
