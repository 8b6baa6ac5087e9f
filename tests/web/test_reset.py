"""SEC-30: a new password by a link that works once."""

import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.notices.models import Mail
from app.people import change_user, code_app, passwords, reset, sessions
from app.people.models import SignInLink
from app.people.ways_in import CodeApp
from tests.support.browser_forms import post, sign_in
from tests.support.cast import Cast
from tests.support.clock import TestClock

GOOD, NEW = "brass kettle orbit plum", "copper window lamp tree"


@pytest.fixture
def setting_changes() -> dict[str, object]:
    return {"smtp_url": "smtp://127.0.0.1:2525"}


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        cast = Cast()
        cast.ada.password_hash = passwords.hashed(GOOD)
        return cast


def mailed(client: FlaskClient, email: str = "ada@nightbell.example") -> str | None:
    """The address in the newest mail."""
    post(client, "/forgotten", {"email": email}, page="/forgotten")
    mail = db.session.scalars(db.select(Mail).order_by(Mail.id.desc())).first()
    found = mail and re.search(r"/forgotten/[\w-]{43}", mail.text)
    return found[0] if found else None


def signs_in(client: FlaskClient, password: str) -> bool:
    fields = {"email": "ada@nightbell.example", "password": password}
    return post(client, "/login", fields, page="/login").status_code == 303


def test_SEC30_a_mailed_link_sets_a_new_password_once_and_ends_every_sign_in(
    cast: Cast, client: FlaskClient, app: APIFlask, clock: TestClock
) -> None:
    other = app.test_client()
    sign_in(other, cast.ada)
    link = mailed(client)
    assert link is not None
    token = link.rpartition("/")[2]
    assert token not in str(db.session.scalars(db.select(SignInLink.token_hash)).all())
    for _ in range(2):
        assert client.get(link).status_code == 200  # looking uses nothing up
    assert post(client, link, {"password": "short"}, page=link).status_code == 422
    second = app.test_client()
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', second.get(link).text)
    assert csrf
    assert post(client, link, {"password": NEW}, page=link).status_code == 303
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 303
    again = second.post(link, data={"csrf_token": csrf[1], "password": "another lamp tree window"})
    assert again.status_code == 410
    assert client.get(link).status_code == 410
    assert signs_in(app.test_client(), NEW)
    assert not signs_in(app.test_client(), GOOD)


def test_SEC30_only_the_newest_link_works_and_a_mailed_one_for_an_hour(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    first, second = mailed(client), mailed(client)
    assert first
    assert second
    assert client.get(first).status_code == 410
    clock.advance(minutes=59)
    assert client.get(second).status_code == 200
    clock.advance(minutes=1)
    assert client.get(second).status_code == 410
    assert client.get("/forgotten/guessed").status_code == 410


def test_SEC15_whoever_asks_is_told_the_same_for_every_address(
    cast: Cast, client: FlaskClient, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        change_user.let_go(db.session.merge(cast.dan), by=cast.root, at=clock())
    bodies = set()
    for email in ("ada@nightbell.example", "nobody@x.example", "dan@nightbell.example", "", "x" * 5000):
        answer = post(client, "/forgotten", {"email": email}, page="/forgotten")
        bodies.add((answer.status_code, re.sub(r'value="[^"]*"|data-now="[^"]*"', "", answer.text)))
    assert len(bodies) == 1
    assert [mail.to_address for mail in db.session.scalars(db.select(Mail))] == ["ada@nightbell.example"]


def test_SEC14_asking_for_links_is_limited(cast: Cast, client: FlaskClient) -> None:
    for _ in range(5):
        mailed(client)
    answer = post(client, "/forgotten", {"email": "ada@nightbell.example"}, page="/forgotten")
    assert answer.status_code == 429
    assert len(db.session.scalars(db.select(Mail)).all()) == 5


@pytest.mark.parametrize("what", ["left", "locked"])
def test_SEC30_the_link_of_somebody_who_left_or_is_locked_out_opens_nothing(
    what: str, cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    link = mailed(client)
    assert link
    with transaction():
        act = change_user.let_go if what == "left" else change_user.lock_out
        act(db.session.merge(cast.ada), by=cast.root, at=clock())
    assert client.get(link).status_code == 410


def test_an_administrator_makes_a_link_that_also_takes_the_lost_codes_away(
    cast: Cast, client: FlaskClient, app: APIFlask, clock: TestClock
) -> None:
    with transaction():
        db.session.add(CodeApp(user_id=cast.ada.id, sealed_secret="", last_step=0, created_at=clock()))
    sign_in(client, cast.root)
    shown = post(client, f"/users/{cast.ada.id}/reset", {"second_factor": "yes"}, page="/me").text
    [link] = re.findall(r"/forgotten/[\w-]{43}", shown)
    assert code_app.is_set_up(cast.ada)  # nothing changes before it is used
    ada = app.test_client()
    assert post(ada, link, {"password": NEW}, page=link).location == "/"
    assert not code_app.is_set_up(cast.ada)


def test_a_mailed_link_leaves_the_second_factor_and_asks_for_it(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        db.session.add(CodeApp(user_id=cast.ada.id, sealed_secret="", last_step=0, created_at=clock()))
        reset.make_link(cast.ada, at=clock(), forgets_second_factor=True)
    assert not db.session.scalars(db.select(SignInLink)).one().forgets_second_factor
    link = mailed(client)
    assert link
    assert post(client, link, {"password": NEW}, page=link).location == "/login/code?next=/"
    assert client.get("/me").status_code == 303


@pytest.mark.parametrize("who", ["ada", "mara", "eli"])
def test_SEC16_only_an_administrator_makes_links(who: str, cast: Cast, client: FlaskClient) -> None:
    sign_in(client, getattr(cast, who))
    assert post(client, f"/users/{cast.root.id}/reset", {}, page="/me").status_code == 403
    assert db.session.scalars(db.select(SignInLink)).all() == []


def test_no_link_is_made_for_whoever_is_not_there(cast: Cast, client: FlaskClient, clock: TestClock) -> None:
    with transaction():
        change_user.let_go(db.session.merge(cast.dan), by=cast.root, at=clock())
    sign_in(client, cast.root)
    for number in (cast.dan.id, 999):
        assert post(client, f"/users/{number}/reset", {}, page="/me").status_code == 404


def test_SEC10_deactivating_somebody_ends_every_sign_in_at_once(cast: Cast, clock: TestClock) -> None:
    with transaction():
        _, token = sessions.start(cast.ada, device="x", at=clock())
        change_user.lock_out(cast.ada, by=cast.root, at=clock())
    assert sessions.find(token, at=clock()) is None
