"""SEC-10: administrative acts want a recent proof; sessions and devices end together; pages outlive both."""

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import config
from app.database import db, transaction
from app.domain.words import AlertStatus, Role, SecondFactorFor
from app.paging import vapid
from app.paging.models import Delivery, PushSubscription
from app.paging.page import token_for
from app.people import change_user, passwords, sessions
from app.people.models import Organisation, Session, User
from tests.support.browser_forms import post, sign_in
from tests.support.cast import Cast, make_user
from tests.support.clock import TestClock
from tests.support.world import World

GOOD = "brass kettle orbit plum"
POLICY = "/organisation/sign-in"
OURS = {"Sec-Fetch-Site": "same-origin"}
LINE = {
    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/one",
    "keys": {"p256dh": vapid.public_key_of(config.new_vapid_key()), "auth": "k8JV6sjdbhAi1n3_LDBLvA"},
    "asked": True,
}


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        cast = Cast()
        cast.root.password_hash = passwords.hashed(GOOD)
        return cast


def device_of(user: User) -> PushSubscription:
    return db.session.scalars(db.select(PushSubscription).where(PushSubscription.user_id == user.id)).one()


def test_SEC10_an_administrative_page_wants_a_proof_of_the_last_twelve_hours_and_comes_back(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    sign_in(client, cast.root)
    clock.advance(hours=11, minutes=59)
    assert client.get(POLICY).status_code == 200
    clock.advance(minutes=1)
    answer = client.get(POLICY)
    assert (answer.status_code, answer.location) == (303, f"/login?again=yes&next={POLICY}")
    assert client.get("/me").status_code == 200  # the rest goes on
    page = client.get(answer.location).text
    assert "wants a recent proof" in page
    assert 'value="root@nightbell.example"' in page
    before = client.get_cookie("__Host-nightbell")
    fields = {"email": "root@nightbell.example", "password": GOOD, "next": POLICY}
    assert post(client, "/login", fields, page=answer.location).location == POLICY
    after = client.get_cookie("__Host-nightbell")
    assert before
    assert after
    assert before.value != after.value
    assert client.get(POLICY).status_code == 200
    assert len(db.session.scalars(db.select(Session)).all()) == 1


def test_SEC10_what_was_posted_too_late_is_not_done_and_the_page_says_so(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    sign_in(client, cast.root)
    clock.advance(hours=12)
    answer = post(client, POLICY, {"ways": ["passwords"], "second_factor_for": "everybody"}, page="/me")
    assert answer.location == f"/login?again=yes&lost=yes&next={POLICY}"
    assert "What you sent was not kept" in client.get(answer.location).text
    assert cast.root.role == Role.ADMINISTRATOR
    assert client.get("/api/v1/users/me").status_code == 200
    told = client.patch("/api/v1/users/1", json={"role": "manager"}, headers=OURS)
    assert told.status_code == 403
    assert "over 12 hours ago" in told.get_json()["detail"]


def test_feature_73_a_lost_phone_is_signed_out_and_paged_no_more_in_one_tap(
    cast: Cast, client: FlaskClient, app: APIFlask
) -> None:
    phone = app.test_client()
    sign_in(phone, cast.eli)
    assert phone.post("/push-subscriptions", json=LINE, headers=OURS).status_code == 200
    device = db.session.scalars(
        db.select(PushSubscription).where(PushSubscription.user_id == cast.eli.id)
    ).one()
    lost = db.session.scalars(db.select(Session)).one().id
    sign_in(client, cast.eli)
    page = client.get("/me/security").text
    assert "is paged" in page
    assert "I lost it" in page
    post(client, f"/me/security/sessions/{lost}/removal", {"lost": "yes"}, page="/me/security")
    assert "signed out and paged no more" in client.get("/me/security").text
    db.session.expire_all()
    assert device.removed_because == "lost"
    assert phone.get("/me").status_code == 303
    assert client.get("/me").status_code == 200
    assert post(client, f"/me/security/sessions/{lost}/removal", {"lost": "yes"}, page="/me").status_code == 404


def test_ending_a_sign_in_alone_leaves_the_device_ringing(
    cast: Cast, client: FlaskClient, app: APIFlask
) -> None:
    phone = app.test_client()
    sign_in(phone, cast.eli)
    phone.post("/push-subscriptions", json=LINE, headers=OURS)
    sign_in(client, cast.eli)
    post(client, "/me/security/sessions/1/removal", {}, page="/me/security")
    device = db.session.scalars(
        db.select(PushSubscription).where(PushSubscription.user_id == cast.eli.id)
    ).one()
    assert device.removed_at is None


def test_feature_73_a_phone_that_signed_in_again_is_still_found(
    cast: Cast, client: FlaskClient, app: APIFlask, clock: TestClock
) -> None:
    phone = app.test_client()
    sign_in(phone, cast.root)
    phone.post("/push-subscriptions", json=LINE | {"endpoint": LINE["endpoint"] + "/2"}, headers=OURS)
    post(phone, "/login", {"email": "root@nightbell.example", "password": GOOD}, page="/login?again=yes")
    [session] = db.session.scalars(db.select(Session)).all()
    device = db.session.scalars(
        db.select(PushSubscription).where(PushSubscription.endpoint == LINE["endpoint"] + "/2")
    ).one()
    assert device.session_hash == session.token_hash


def test_SEC10_somebody_elses_session_cannot_be_ended(cast: Cast, client: FlaskClient, app: APIFlask) -> None:
    sign_in(app.test_client(), cast.root)
    sign_in(client, cast.eli)
    assert post(client, "/me/security/sessions/1/removal", {"lost": "yes"}, page="/me").status_code == 404
    assert len(db.session.scalars(db.select(Session)).all()) == 2


@pytest.mark.parametrize("act", [change_user.let_go, change_user.lock_out])
def test_SEC10_every_sign_in_ends_with_the_persons_leaving_or_lock(
    act: object, cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    sign_in(client, cast.ada)
    with transaction():
        act(db.session.merge(cast.ada), by=cast.root, at=clock())  # type: ignore[operator]
    assert client.get("/me").location == "/login?next=/me"
    assert db.session.scalars(db.select(Session)).all() == []


def test_L_USR_05_a_locked_out_person_cannot_sign_in_until_unlocked(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        gus = make_user("Gus", password_hash=passwords.hashed(GOOD))
        for _ in range(2):
            change_user.lock_out(gus, by=cast.root, at=clock())
    fields = {"email": "gus@nightbell.example", "password": GOOD}
    assert post(client, "/login", fields, page="/login").status_code == 422
    with transaction():
        for _ in range(2):
            change_user.unlock(db.session.merge(gus), by=cast.root, at=clock())
    assert post(client, "/login", fields, page="/login").status_code == 303


def test_L_USR_05_the_last_administrator_is_not_locked_out(cast: Cast, clock: TestClock) -> None:
    with pytest.raises(ValueError, match="last administrator"), transaction():
        change_user.lock_out(db.session.merge(cast.root), by=cast.root, at=clock())
    with transaction():
        other = make_user("Other", Role.ADMINISTRATOR)
        change_user.lock_out(db.session.merge(cast.root), by=other, at=clock())
    with pytest.raises(ValueError, match="last administrator"), transaction():
        change_user.let_go(db.session.merge(other), by=other, at=clock())


def test_SEC33_signing_out_is_a_form_that_clears_the_devices_store(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.eli)
    assert "data-sign-out" in client.get("/me").text


@pytest.mark.parametrize("what", ["over", "ended", "wants a second factor", "locked out"])
def test_SEC11_a_session_that_is_over_still_gets_the_page_and_acknowledges_it(
    what: str, app: APIFlask, client: FlaskClient, clock: TestClock
) -> None:
    world = World(clock)
    ada = world.cast.ada
    sign_in(client, ada)
    with transaction():
        if what == "ended":
            sessions.end_all(db.session.merge(ada))
        elif what == "locked out":
            change_user.lock_out(db.session.merge(ada), by=world.cast.root, at=clock())
        elif what == "wants a second factor":
            db.session.get_one(Organisation, 1).second_factor_for = SecondFactorFor.EVERYBODY
    clock.advance(days=31 if what == "over" else 0)
    assert client.get("/me").status_code == 303
    world.fire()
    world.tick()
    assert world.paged() == ["Ada"]
    delivery = db.session.scalars(db.select(Delivery)).one()
    assert delivery.subscription_id is not None
    token = token_for(delivery.page.page_key, delivery.address_key)
    assert client.get("/alerts/1").status_code == 200  # the page that draws it from the token in its address
    answer = client.post(f"/r/{token}", json={"stage": "acked"})
    assert answer.status_code == 200
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
