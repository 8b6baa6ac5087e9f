"""Notices under Me: the list, what is read, where each leads, and the table of what one is told of."""

from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.alerts import queries
from app.alerts.note import note
from app.alerts.reassign import reassign
from app.database import db, transaction
from app.domain.notice import CATEGORIES, Channel, NoticeEvent
from app.domain.words import NoticeCategory, Role
from app.incidents import command, status
from app.incidents import queries as incident_queries
from app.incidents.promote import promote
from app.notices import listing, preferences
from app.notices.models import Notice
from app.notices.post import post
from app.oncall import shift_notices
from app.people import passwords
from app.people.models import User
from tests.support.api import Api
from tests.support.browser_forms import post as send
from tests.support.browser_forms import visit
from tests.support.world import World
from tests.web.conftest import SeenBy

TABLE = "/me/notices/preferences"


def told(user: User) -> list[str]:
    db.session.rollback()
    return [notice.title for notice in listing.of(user)]


def tell(world: World, user: User, link: str | None = "/teams/1", title: str = "You are in Payments") -> int:
    with transaction():
        (made,) = post(
            NoticeCategory.TEAMS, NoticeEvent.TEAM_JOINED, to=[db.session.merge(user)], by=None, title=title,
            body="Mara put you in.", link=link, at=world.now,
        )  # fmt: skip
        return made.id


def test_a_notice_is_listed_counted_and_read_by_following_it(app: APIFlask, world: World) -> None:
    number = tell(world, world.cast.ada)
    assert "1 notice not read" in visit(app, world.cast.ada, "/me").text
    page = visit(app, world.cast.ada, "/me/notices").text
    assert "You are in Payments" in page
    assert "Not read:" in page
    answer = visit(app, world.cast.ada, f"/me/notices/{number}")
    assert (answer.status_code, answer.location) == (303, "/teams/1")
    assert "Not read:" not in visit(app, world.cast.ada, "/me/notices").text


def test_all_are_read_at_once_and_twice_is_once(world: World, seen_by: SeenBy) -> None:
    tell(world, world.cast.ada)
    tell(world, world.cast.ada)
    client = seen_by(world.cast.ada)
    assert send(client, "/me/notices/reading", {}, page="/me/notices").status_code == 303
    db.session.rollback()
    assert listing.unread(world.cast.ada) == 0
    assert "All read" not in client.get("/me/notices").text


def test_another_persons_notice_is_none(app: APIFlask, world: World) -> None:
    number = tell(world, world.cast.ada)
    assert visit(app, world.cast.ben, f"/me/notices/{number}").status_code == 404
    assert "You are in Payments" not in visit(app, world.cast.ben, "/me/notices").text
    assert visit(app, None, f"/me/notices/{number}").location.startswith("/login")
    db.session.rollback()
    assert listing.unread(world.cast.ada) == 1


@pytest.mark.parametrize("link", ["//evil.example", "https://evil.example/", None])
def test_a_notice_leads_nowhere_but_to_us(app: APIFlask, world: World, link: str | None) -> None:
    number = tell(world, world.cast.ada, link)
    assert visit(app, world.cast.ada, f"/me/notices/{number}").location == "/me/notices"


def test_SEC20_what_a_notice_says_is_shown_literally(app: APIFlask, world: World) -> None:
    tell(world, world.cast.ada, title="<script>alert(1)</script>")
    assert "<script>alert(1)" not in visit(app, world.cast.ada, "/me/notices").text


def ticks(**changes: Any) -> dict[str, Any]:
    """The form as it stands for somebody who chose nothing yet, with changes."""
    fields: dict[str, Any] = {}
    for category, kind in CATEGORIES.items():
        fields[f"channels.{category}"] = [str(one) for one in kind.usual]
        fields[f"events.{category}"] = "yes"
        fields[f"on.{category}"] = [str(event) for event in kind.events]
    return fields | changes


def chosen(user: User, category: NoticeCategory) -> Any:
    db.session.rollback()
    return preferences.of(user, category)


def test_L_NOT_04_the_form_remembers_what_was_on_while_a_category_is_silent(
    world: World, seen_by: SeenBy
) -> None:
    client, ada = seen_by(world.cast.ada), world.cast.ada
    send(client, TABLE, ticks(**{"on.teams": ["team_joined"]}), page=TABLE)
    send(client, TABLE, ticks(**{"channels.teams": [], "on.teams": ["team_joined"]}), page=TABLE)
    assert chosen(ada, NoticeCategory.TEAMS).is_silent
    page = client.get(TABLE).text
    assert "Nothing of this is told." in page
    # the events' boxes are disabled now, so a browser sends neither them nor their mark
    without = {name: value for name, value in ticks().items() if name not in ("on.teams", "events.teams")}
    send(client, TABLE, without | {"channels.teams": ["app"]}, page=TABLE)
    back = chosen(ada, NoticeCategory.TEAMS)
    assert back.channels == {Channel.APP}
    assert NoticeEvent.TEAM_JOINED not in back.off
    assert NoticeEvent.TEAM_LEFT in back.off


def test_nonsense_in_the_form_changes_nothing_it_should_not(world: World, seen_by: SeenBy) -> None:
    client, ada = seen_by(world.cast.ada), world.cast.ada
    sent = {"channels.teams": ["pigeon"], "on.teams": ["launch"], "events.teams": "yes", "channels.account": []}
    assert send(client, TABLE, sent, page=TABLE).status_code == 303
    assert chosen(ada, NoticeCategory.TEAMS).is_silent
    assert chosen(ada, NoticeCategory.ACCOUNT).channels == {Channel.APP, Channel.EMAIL}


def test_L_NOT_09_a_stakeholder_has_nothing_to_choose(app: APIFlask, world: World, seen_by: SeenBy) -> None:
    assert "As a stakeholder" in visit(app, world.cast.eli, TABLE).text
    send(seen_by(world.cast.eli), TABLE, ticks(**{"channels.incidents": []}), page="/me")
    assert chosen(world.cast.eli, NoticeCategory.INCIDENTS).channels == frozenset(Channel)


def test_the_place_says_so_where_no_mail_leaves(app: APIFlask, world: World) -> None:
    assert "No mail leaves this installation" in visit(app, world.cast.ada, TABLE).text


# What is told, from where it happens


def test_being_put_into_a_team_given_a_role_and_taken_out_is_told(world: World, seen_by: SeenBy) -> None:
    mara, dan = seen_by(world.cast.mara), world.cast.dan
    send(mara, "/teams/1/members", {"user_id": dan.id, "role": "member"}, page="/teams/1?tab=members")
    send(mara, "/teams/1/members", {"user_id": dan.id, "role": "member"}, page="/teams/1?tab=members")
    send(mara, "/teams/1/members", {"user_id": dan.id, "role": "manager"}, page="/teams/1?tab=members")
    send(mara, f"/teams/1/members/{dan.id}/removal", {}, page="/teams/1?tab=members")
    assert told(dan) == [
        "You are no longer in Payments",
        "You are a manager of Payments",
        "You are in Payments",
    ]
    assert told(world.cast.mara) == []


def test_a_program_tells_the_same(app: APIFlask, world: World) -> None:
    root, dan = Api(app.test_client(), world.cast.root), world.cast.dan
    root.put(f"/teams/1/members/{dan.id}", {"role": "member"})
    root.patch("/teams/1", {"manager_id": str(dan.id)})
    root.delete(f"/teams/1/members/{dan.id}")
    root.patch(f"/users/{dan.id}", {"role": "manager"})
    assert told(dan) == [
        "You are a manager now", "You are no longer in Payments", "You manage Payments", "You are in Payments",
    ]  # fmt: skip


def test_an_alert_that_is_given_away_and_noted_on_tells_who_has_it(world: World) -> None:
    world.fire()
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        reassign(alert, to=db.session.merge(world.cast.dan), by=db.session.merge(world.cast.ada), at=world.now)
        db.session.refresh(alert)
        note(alert, "The disk is full.", by=db.session.merge(world.cast.ada), at=world.now)
        note(alert, "I see it.", by=db.session.merge(world.cast.dan), at=world.now)
    assert told(world.cast.dan) == [
        "Ada noted: Checkout errors at 14 %",
        "Ada gave you: Checkout errors at 14 %",
    ]
    assert told(world.cast.ada) == []


def test_an_incident_tells_its_team_and_its_new_commander_but_not_who_did_it(world: World) -> None:
    with transaction():
        db.session.merge(world.cast.eli).role = Role.STAKEHOLDER
    world.fire()
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        promote(alert, by=db.session.merge(world.cast.ada), at=world.now)
    assert told(world.cast.ada) == []
    assert told(world.cast.ben) == ["SEV1 declared: Checkout errors at 14 %"]
    assert told(world.cast.dan) == []
    with transaction():
        incident = incident_queries.locked(1)
        assert incident is not None
        ada, dan = db.session.merge(world.cast.ada), db.session.merge(world.cast.dan)
        command.hand_over(incident, to=dan, by=ada, at=world.now)
        db.session.refresh(incident)
        status.mitigate(incident, by=ada, at=world.now)
    assert told(world.cast.dan) == [
        "Now mitigated: Checkout errors at 14 %",
        "You command: Checkout errors at 14 %",
    ]
    assert told(world.cast.ada) == []


def test_a_device_that_is_removed_is_told_even_to_whoever_did_it(world: World, seen_by: SeenBy) -> None:
    """Whoever sits in a stolen session looks like its owner."""
    client = seen_by(world.cast.ada)
    number = world.cast.devices["Ada"].id
    send(client, f"/push-subscriptions/{number}/removal", {}, page="/me/devices")
    send(client, f"/push-subscriptions/{number}/removal", {}, page="/me")
    assert told(world.cast.ada) == ["Ada's phone is paged no longer"]


def test_a_changed_password_is_told_to_its_owner_also_when_they_did_it(world: World, seen_by: SeenBy) -> None:
    with transaction():
        db.session.merge(world.cast.ada).password_hash = passwords.hashed("brass kettle orbit plum")
    ada = seen_by(world.cast.ada)
    words = {"current": "brass kettle orbit plum", "password": "otter bridge lamp seven"}
    assert send(ada, "/me/security/password", words, page="/me/security").status_code == 303
    assert told(world.cast.ada) == ["Your password was changed"]


def test_L_NOT_03_an_administrator_sees_what_somebody_chose_and_cannot_change_it(
    world: World, seen_by: SeenBy
) -> None:
    path = f"/people/{world.cast.ada.id}/notices"
    page = seen_by(world.cast.root).get(path)
    assert page.status_code == 200
    assert "Only Ada can change this" in page.text
    assert "<form" not in page.text
    assert seen_by(world.cast.mara).get(path).status_code == 403
    assert seen_by(world.cast.root).get("/people/99/notices").status_code == 404


def test_notices_of_a_quarter_ago_go(world: World) -> None:
    tell(world, world.cast.ada)
    world.clock.advance(days=91)
    tell(world, world.cast.ada)
    with transaction():
        assert listing.forget_old(at=world.now) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 1


def test_feature_55_how_long_before_a_shift_is_ticked_and_none_means_never(
    world: World, seen_by: SeenBy
) -> None:
    ada, address = seen_by(world.cast.ada), "/me/notices/shift-leads"
    assert send(ada, address, {"lead": ["2880", "15", "7", "x"]}, page=TABLE).status_code == 303
    assert shift_notices.leads_of(world.cast.ada) == [2880, 15]
    assert 'value="2880" checked' in ada.get(TABLE).text
    send(ada, address, {}, page=TABLE)
    assert shift_notices.leads_of(world.cast.ada) == []
