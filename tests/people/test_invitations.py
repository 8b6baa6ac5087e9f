"""Who may ask whom in, and what becomes of an invitation."""

import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.invitation import roles_to_give, usual_role
from app.domain.words import Role, TeamRole
from app.people import change_user, invitations, queries, rights
from app.people.invitations import Sent, Summary
from app.people.models import User
from app.people.rights import NotAllowed
from app.people.ways_in import Invitation
from app.timeline.models import Event
from tests.support.cast import Cast, make_user
from tests.support.clock import TestClock

JOINED = {"name": "Gus Grind", "time_zone": "Europe/Riga", "password_hash": "a hash"}


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


def invited(by: User, *emails: str, at: TestClock, role: Role = Role.RESPONDER, **more: object) -> Summary:
    with transaction():
        return invitations.invite(
            emails or ("gus@nightbell.example",), role=role, by=db.session.merge(by), at=at(), **more
        )  # type: ignore[arg-type]


def accepted(sent: Sent, at: TestClock) -> User | None:
    with transaction():
        return invitations.accept(sent.token, **JOINED, at=at())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.STAKEHOLDER, ["stakeholder"]),
        (Role.RESPONDER, ["responder", "stakeholder"]),
        (Role.MANAGER, ["manager", "responder", "stakeholder"]),
        (Role.ADMINISTRATOR, ["administrator", "manager", "responder", "stakeholder"]),
    ],
)
def test_L_USR_01_nobody_invites_above_their_own_role(
    role: Role, may: list[str], cast: Cast, clock: TestClock
) -> None:
    who = {user.role: user for user in (cast.eli, cast.ada, cast.cleo, cast.root)}[role]
    assert roles_to_give(role) == may
    for wanted in Role:
        if wanted in may:
            assert len(invited(who, f"{wanted}@x.example", at=clock, role=wanted).invited) == 1
        else:
            with pytest.raises(InvalidField, match="up to your own role"):
                invited(who, f"{wanted}@x.example", at=clock, role=wanted)


def test_L_USR_01_the_form_offers_a_responder_first_where_it_may() -> None:
    assert [usual_role(role) for role in Role] == [Role.RESPONDER] * 3 + [Role.STAKEHOLDER]


def test_L_USR_02_many_at_once_are_told_apart(cast: Cast, clock: TestClock) -> None:
    invited(cast.cleo, "waits@x.example", at=clock, role=Role.MANAGER)
    summary = invited(
        cast.cleo, " NEW@x.example", "new@x.example", "waits@x.example", "ben@nightbell.example", at=clock
    )
    assert [sent.invitation.email for sent in summary.invited] == ["new@x.example"]
    assert [row.email for row in summary.waiting] == ["waits@x.example"]
    assert summary.waiting[0].role == Role.MANAGER  # the first invitation's, unchanged
    assert summary.joined == ["ben@nightbell.example"]


def test_L_USR_02_addresses_are_read_as_people_paste_them() -> None:
    text = "a@x.example, B@x.example;\n c@x.example\ta@x.example"
    assert invitations.addresses_in(text) == ["a@x.example", "b@x.example", "c@x.example"]


@pytest.mark.parametrize(
    "emails", [[], ["gus"], ["a@b"], [f"x{n}@y.example" for n in range(51)], ["a@x.example\u0000 b"]]
)
def test_what_is_no_address_invites_nobody(emails: list[str], cast: Cast, clock: TestClock) -> None:
    with pytest.raises(InvalidField) as refused, transaction():
        invitations.invite(
            ["good@x.example", *emails] if emails else [], role="responder", by=cast.ada, at=clock()
        )
    assert {pointer for pointer, _ in refused.value.errors} == {"/emails"}
    assert db.session.scalars(db.select(Invitation)).all() == []


def test_an_accepted_invitation_makes_the_person_with_role_and_team(cast: Cast, clock: TestClock) -> None:
    [sent] = invited(cast.mara, at=clock, team=cast.payments, team_role=TeamRole.MANAGER).invited
    gus = accepted(sent, clock)
    assert gus is not None
    assert (gus.email, gus.name, gus.role, gus.time_zone) == (
        "gus@nightbell.example", "Gus Grind", Role.RESPONDER, "Europe/Riga",
    )  # fmt: skip
    assert rights.team_role(gus, cast.payments.id) == TeamRole.MANAGER
    assert db.session.get(Invitation, sent.invitation.id).user_id == gus.id  # type: ignore[union-attr]
    kinds = db.session.execute(
        db.select(Event.kind, Event.subject_kind).where(Event.subject_kind == "invitation").order_by(Event.id)
    ).all()
    assert [kind for kind, _ in kinds] == ["created", "changed"]


def test_SEC34_the_log_of_an_invitation_holds_no_address(cast: Cast, clock: TestClock) -> None:
    [sent] = invited(cast.mara, at=clock).invited
    accepted(sent, clock)
    for event in db.session.scalars(db.select(Event).where(Event.subject_kind == "invitation")):
        assert "gus" not in str(event.data)


def test_SEC30_a_link_works_once_and_only_its_newest(cast: Cast, clock: TestClock) -> None:
    [first] = invited(cast.mara, at=clock).invited
    with transaction():
        second = invitations.send_again(db.session.merge(first.invitation), by=cast.mara, at=clock())
    assert accepted(first, clock) is None
    assert accepted(second, clock) is not None
    assert accepted(second, clock) is None
    assert db.session.scalar(db.select(Invitation.token_hash)) != second.token  # kept as its hash alone


def test_SEC30_a_link_lasts_seven_days_and_can_be_sent_again_after_them(cast: Cast, clock: TestClock) -> None:
    [sent] = invited(cast.mara, at=clock).invited
    clock.advance(days=7)
    assert accepted(sent, clock) is None
    with transaction():
        again = invitations.send_again(db.session.merge(sent.invitation), by=cast.mara, at=clock())
    clock.advance(days=6, hours=23)
    assert accepted(again, clock) is not None


def test_an_invitation_that_was_taken_back_opens_nothing_and_the_address_is_free_again(
    cast: Cast, clock: TestClock
) -> None:
    [sent] = invited(cast.mara, at=clock, role=Role.STAKEHOLDER).invited
    for _ in range(2):
        with transaction():
            invitations.take_back(db.session.merge(sent.invitation), by=cast.mara, at=clock())
    assert accepted(sent, clock) is None
    assert len(invited(cast.mara, at=clock).invited) == 1


@pytest.mark.parametrize("what", ["left", "locked", "demoted"])
def test_an_invitation_gives_what_its_giver_still_has(what: str, cast: Cast, clock: TestClock) -> None:
    [sent] = invited(cast.cleo, at=clock, role=Role.MANAGER).invited
    with transaction():
        cleo = db.session.merge(cast.cleo)
        if what == "left":
            change_user.let_go(cleo, by=cast.root, at=clock())
        elif what == "locked":
            cleo.locked_at = clock()
        else:
            change_user.change_user(cleo, by=cast.root, at=clock(), role=Role.RESPONDER)
    assert accepted(sent, clock) is None
    assert queries.user_by_email("gus@nightbell.example") is None


def test_L_USR_02_somebody_who_left_comes_back_by_a_new_way_in(cast: Cast, clock: TestClock) -> None:
    with transaction():
        gus = make_user("Gus", Role.MANAGER, password_hash="the old one", is_active=False)
    [sent] = invited(cast.mara, at=clock).invited
    back = accepted(sent, clock)
    assert back is not None
    assert back.id == gus.id
    assert (back.is_active, back.role, back.password_hash) == (True, Role.RESPONDER, "a hash")


def test_a_link_never_takes_over_somebody_who_was_added_meanwhile(cast: Cast, clock: TestClock) -> None:
    [sent] = invited(cast.mara, at=clock).invited
    with transaction():
        make_user("Gus", password_hash="their own")
    assert accepted(sent, clock) is None
    assert queries.user_by_email("gus@nightbell.example").password_hash == "their own"  # type: ignore[union-attr]


def test_only_who_chooses_a_teams_members_invites_into_it(cast: Cast, clock: TestClock) -> None:
    with pytest.raises(NotAllowed):
        invited(cast.dan, at=clock, team=cast.payments)
    with pytest.raises(InvalidField, match="belongs to no team"):
        invited(cast.mara, at=clock, role=Role.STAKEHOLDER, team=cast.payments)


def test_invitations_above_ones_role_are_out_of_sight(cast: Cast, clock: TestClock) -> None:
    invited(cast.root, "boss@x.example", at=clock, role=Role.ADMINISTRATOR)
    invited(cast.root, "guest@x.example", at=clock, role=Role.STAKEHOLDER)
    seen = {
        user.name: sorted(row.email for row in db.session.scalars(invitations.waiting_for(user)))
        for user in (cast.eli, cast.root)
    }
    assert seen == {"Eli": ["guest@x.example"], "Root": ["boss@x.example", "guest@x.example"]}
