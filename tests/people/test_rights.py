"""The one policy, as a table somebody can check by eye."""

import pytest
from apiflask import APIFlask

from app.database import db
from app.domain.words import Role
from app.people.rights import Act, NotAllowed, may, require, who_may
from tests.support.cast import Cast

#                         administrator manager responder stakeholder; member and manager of the act's own team
ANYWHERE = {
    Act.SEE_INCIDENTS: "yes yes yes yes",
    Act.INVITE: "yes yes yes yes",  # up to the own role
    Act.SEE_OPERATIONS: "yes yes yes no",
    Act.RESPOND: "yes yes yes no",
    Act.PAGE_A_PERSON: "yes yes yes no",
    Act.COVER_SELF: "yes yes yes no",
    Act.COVER_OTHERS: "yes yes no no",
    Act.EDIT_SERVICES: "yes yes no no",
    Act.EDIT_ON_CALL: "yes yes no no",
    Act.MANAGE_TEAM: "yes yes no no",
    Act.CREATE_TEAMS: "yes yes no no",
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


def test_SEC17_a_change_of_role_holds_at_once(app: APIFlask) -> None:
    cast = Cast()
    assert may(cast.ada, Act.RESPOND)
    cast.ada.role = Role.STAKEHOLDER
    db.session.flush()
    assert not may(cast.ada, Act.RESPOND)
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
