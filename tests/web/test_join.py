"""Inviting people, and the invited person's way in."""

import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.notices.models import Mail
from app.people import invitations, queries, sessions
from app.people.models import User
from app.people.ways_in import Invitation
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post, sign_in, visit
from tests.support.cast import Cast
from tests.support.clock import TestClock

GOOD = "brass kettle orbit plum"
ANSWERS = {"name": "Gus Grind", "time_zone": "Europe/Riga", "password": GOOD}


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


@pytest.fixture
def link(cast: Cast, clock: TestClock) -> str:
    """Mara invites Gus into Payments."""
    with transaction():
        summary = invitations.invite(
            ["gus@nightbell.example"], role="responder", by=cast.mara, at=clock(), team=cast.payments
        )
    return f"/join/{summary.invited[0].token}"


def test_L_USR_02_several_are_invited_and_each_link_is_shown_once(
    cast: Cast, client: FlaskClient, app: APIFlask
) -> None:
    sign_in(client, cast.cleo)
    fields = {"emails": "gus@x.example, Hal@x.example\nben@nightbell.example", "role": "responder"}
    answer = post(client, "/invitations", fields, page="/invitations")
    assert answer.status_code == 200
    links = re.findall(r"http://[^<\s]+/join/([\w-]{43})", answer.text)
    assert len(links) == 2
    assert "Here already" in answer.text
    assert "ben@nightbell.example" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    listed = client.get("/invitations").text
    assert "gus@x.example" in listed
    assert "/join/" not in listed
    again = post(client, "/invitations", fields, page="/invitations").text
    assert "Invited before" in again
    assert "/join/" not in again
    assert app.test_client().get(f"/join/{links[0]}").status_code == 200


def test_L_USR_02_send_again_shows_a_new_link_and_take_back_ends_it(
    cast: Cast, link: str, client: FlaskClient, app: APIFlask
) -> None:
    sign_in(client, cast.mara)
    answer = post(client, "/invitations/1/renewal", {}, page="/invitations")
    [token] = re.findall(r"/join/([\w-]{43})", answer.text)
    stranger = app.test_client()
    assert stranger.get(link).status_code == 404
    assert stranger.get(f"/join/{token}").status_code == 200
    assert post(client, "/invitations/1/removal", {}, page="/invitations").status_code == 303
    assert stranger.get(f"/join/{token}").status_code == 410
    assert post(client, "/invitations/1/removal", {}, page="/invitations").status_code == 404


def test_L_USR_01_a_forged_role_is_refused_and_the_form_keeps_what_was_typed(
    cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.ada)
    page = client.get("/invitations").text
    assert "Responder" in page
    assert "Administrator" not in page
    fields = {"emails": "gus@x.example", "role": "administrator"}
    answer = post(client, "/invitations", fields, page="/invitations")
    assert answer.status_code == 422
    assert "up to your own role" in answer.text
    assert "gus@x.example" in answer.text
    assert db.session.scalars(db.select(Invitation)).all() == []
    forged = {"emails": "gus@x.example", "role": "responder", "team_id": str(cast.search.id)}
    assert post(client, "/invitations", forged, page="/invitations").status_code == 403
    assert post(client, "/invitations", forged | {"team_id": "9e9"}, page="/invitations").status_code == 422


def test_SEC16_an_invitation_above_ones_role_cannot_be_sent_again_or_taken_back(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        invitations.invite(["boss@x.example"], role="administrator", by=cast.root, at=clock())
    sign_in(client, cast.ada)
    for act in ("renewal", "removal"):
        assert post(client, f"/invitations/1/{act}", {}, page="/invitations").status_code == 404
    assert client.get("/invitations").text.count("boss@x.example") == 0


def test_SEC16_another_responders_invitation_is_seen_and_left_alone(
    cast: Cast, app: APIFlask, clock: TestClock
) -> None:
    with transaction():
        invitations.invite(["gus@x.example"], role="responder", by=cast.ada, at=clock())
    before = db.session.scalars(db.select(Invitation.token_hash)).one()
    ada, ben, cleo = app.test_client(), app.test_client(), app.test_client()
    for client, user in ((ada, cast.ada), (ben, cast.ben), (cleo, cast.cleo)):
        sign_in(client, user)
    listed = ben.get("/invitations").text
    assert "gus@x.example" in listed
    assert "Take back" not in listed
    program = Api(app.test_client(), cast.ben)
    for act in ("renewal", "removal"):
        assert post(ben, f"/invitations/1/{act}", {}, page="/invitations").status_code == 403
    assert_problem(program.post("/invitations/1/renewal"), 403)
    assert_problem(program.delete("/invitations/1"), 403)
    db.session.rollback()
    assert db.session.scalars(db.select(Invitation.token_hash)).one() == before
    for client, act in ((ada, "renewal"), (cleo, "removal")):  # who sent it; a manager
        assert post(client, f"/invitations/1/{act}", {}, page="/invitations").status_code < 400


def test_an_invited_person_joins_with_a_password_and_comes_to_make_the_device_ring(
    cast: Cast, link: str, client: FlaskClient
) -> None:
    page = client.get(link).text
    for words in ("Join Example", "Mara invites you as a responder into Payments", "gus@nightbell.example"):
        assert words in page
    answer = post(client, link, ANSWERS, page=link)
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    gus = queries.user_by_email("gus@nightbell.example")
    assert gus is not None
    assert [team.name for team in queries.teams_of(gus)] == ["Payments"]
    assert "Make this device ring" in client.get("/me/devices").text
    assert client.get("/me").text.count("gus@nightbell.example") == 1


def test_a_second_click_and_a_second_person_make_nobody(
    cast: Cast, link: str, client: FlaskClient, app: APIFlask
) -> None:
    other = app.test_client()
    token = form_token(other, link)
    assert post(client, link, ANSWERS, page=link).status_code == 303
    answer = other.post(link, data=ANSWERS | {"csrf_token": token, "name": "Mallory"})
    assert answer.status_code == 410
    assert len(db.session.scalars(db.select(User).where(User.email.like("gus%"))).all()) == 1
    assert queries.user_by_email("gus@nightbell.example").name == "Gus Grind"  # type: ignore[union-attr]


def test_wrong_answers_are_named_and_use_nothing_up(cast: Cast, link: str, client: FlaskClient) -> None:
    answer = post(client, link, {"name": " ", "time_zone": "Mars", "password": "short"}, page=link)
    assert answer.status_code == 422
    assert "3 things to put right" in answer.text
    assert 'value="short"' not in answer.text
    assert post(client, link, ANSWERS, page=link).status_code == 303


def test_SEC15_a_link_that_opens_nothing_says_so_and_names_nobody(
    cast: Cast, link: str, app: APIFlask, client: FlaskClient, clock: TestClock
) -> None:
    unknown = client.get("/join/guessed")
    clock.advance(days=7)
    late = client.get(link)
    assert (unknown.status_code, late.status_code) == (404, 410)
    bodies = {re.sub(r'data-now="[^"]*"', "", answer.text) for answer in (unknown, late)}
    assert len(bodies) == 1
    for word in ("gus", "Mara", "Payments", "Example"):
        assert word not in late.text
    token = form_token(client, "/login")
    assert client.post(link, data=ANSWERS | {"csrf_token": token}).status_code == 410
    assert queries.user_by_email("gus@nightbell.example") is None


def test_whoever_was_signed_in_in_this_browser_is_not_any_more(
    cast: Cast, link: str, client: FlaskClient, clock: TestClock
) -> None:
    sign_in(client, cast.eli)
    post(client, link, ANSWERS, page=link)
    assert sessions.of(db.session.merge(cast.eli), at=clock()) == []
    assert "Gus Grind" in client.get("/me").text


def test_a_stranger_invites_nobody(app: APIFlask, cast: Cast) -> None:
    assert visit(app, None, "/invitations").location == "/login?next=/invitations"


def form_token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found.group(1)


class TestWithMail:
    @pytest.fixture
    def setting_changes(self) -> dict[str, object]:
        return {"smtp_url": "smtp://127.0.0.1:2525"}

    def test_L_USR_02_the_link_goes_by_mail_to_the_invited_address_alone(
        self, cast: Cast, client: FlaskClient
    ) -> None:
        sign_in(client, cast.mara)
        fields = {"emails": "gus@x.example ben@nightbell.example", "role": "responder"}
        page = post(client, "/invitations", fields, page="/invitations").text
        assert "on its way by mail" in page
        [mail] = db.session.scalars(db.select(Mail)).all()
        assert mail.to_address == "gus@x.example"
        assert "Mara invites you to Example" in mail.text
        [link] = re.findall(r"/join/[\w-]{43}", mail.text)
        assert client.get(link).status_code == 200
        post(client, "/invitations/1/renewal", {}, page="/invitations")
        assert len(db.session.scalars(db.select(Mail)).all()) == 2
