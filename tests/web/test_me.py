"""Me: my devices and whether they ring, where I am signed in, my password."""

import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.config import new_vapid_key
from app.database import db, transaction
from app.paging import vapid
from app.paging.methods import devices_of
from app.paging.models import Delivery, Page, PushSubscription
from app.people import passwords, sessions
from app.people.models import User
from tests.support.browser_forms import post, sign_in
from tests.support.cast import Cast, make_user
from tests.support.clock import TestClock

GOOD = "brass kettle orbit plum"
BODY = {
    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/one",
    "keys": {"p256dh": vapid.public_key_of(new_vapid_key()), "auth": "k8JV6sjdbhAi1n3_LDBLvA"},
    "asked": True,
}
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


def test_a_browser_registers_itself_and_the_page_knows_it_from_then_on(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.eli)
    assert "Nobody can be paged on a device they do not have" in client.get("/me/devices").text
    answer = client.post("/push-subscriptions", json=BODY, headers=OURS | {"User-Agent": "Firefox/153.0 Linux"})
    assert answer.status_code == 200
    said = answer.get_json()
    assert said["device"] == "Firefox on Linux"
    page = client.get("/me/devices").text
    assert "Can this device be paged?" in page
    assert "Nobody knows yet" in page
    assert client.post("/push-subscriptions", json=BODY, headers=OURS).get_json() == said


def test_a_browser_that_only_looks_is_noted_when_known_and_told_when_not(
    cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.eli)
    looking = BODY | {"asked": False}
    assert client.post("/push-subscriptions", json=looking, headers=OURS).status_code == 404
    client.post("/push-subscriptions", json=BODY, headers=OURS)
    assert client.post("/push-subscriptions", json=looking, headers=OURS).status_code == 200


def test_SEC2_a_foreign_endpoint_is_a_problem_with_a_pointer(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.eli)
    answer = client.post(
        "/push-subscriptions", json=BODY | {"endpoint": "https://evil.example/x"}, headers=OURS
    )
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [error["pointer"] for error in answer.get_json()["errors"]] == ["#/endpoint"]
    assert (
        client.post("/push-subscriptions", data="{", headers=OURS, content_type="application/json").status_code
        == 422
    )
    assert client.post("/push-subscriptions", json=["x"], headers=OURS).status_code == 422


def test_nobody_registers_a_device_without_a_login_but_its_worker_renews_it(
    cast: Cast, client: FlaskClient, app: APIFlask
) -> None:
    assert client.post("/push-subscriptions", json=BODY, headers=OURS).status_code == 401
    sign_in(client, cast.eli)
    secret = "5f" * 32
    client.post("/push-subscriptions", json=BODY | {"secret": secret}, headers=OURS)
    stranger = app.test_client()
    line = {"endpoint": f"{BODY['endpoint']}/new", "keys": BODY["keys"]}
    moved = {"secret": secret, "old_endpoint": BODY["endpoint"], "subscription": line}  # as sw.js says it
    assert stranger.post("/push-subscriptions/renewal", json=moved).status_code == 200
    assert stranger.post("/push-subscriptions/renewal", json=moved | {"secret": "guessed"}).status_code == 404
    assert stranger.post("/push-subscriptions/renewal", json=moved | {"subscription": {}}).status_code == 422
    assert stranger.post("/push-subscriptions/renewal", json={"secret": secret}).status_code == 422
    (device,) = devices_of(cast.eli.id)
    assert device.endpoint.endswith("/new")


def test_a_test_page_is_asked_for_by_a_plain_form_and_its_ladder_is_drawn(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    sign_in(client, cast.ada)
    phone = cast.devices["Ada"]
    path = f"/push-subscriptions/{phone.id}/test"
    answer = post(client, path, {}, page="/me/devices")
    assert (answer.status_code, answer.location) == (303, f"/me/devices?device={phone.id}")
    post(client, path, {}, page="/me/devices")  # a second click is harmless
    assert db.session.scalar(db.select(db.func.count()).select_from(Page)) == 1
    page = client.get(answer.location).text
    assert "On its way to the push service." in page
    assert "<device-test" in page
    with transaction():
        delivery = db.session.scalars(db.select(Delivery)).one()
        delivery.sent_at = delivery.accepted_at = clock()
        delivery.shown_at, delivery.clicked_at = clock.advance(seconds=1.9), clock.advance(seconds=2.2)
    page = client.get(answer.location).text
    assert "Yes, it rang: shown after 1.9 s, you tapped after 4.1 s." in page
    assert "<device-test" not in page


def test_SEC38_too_many_tests_are_refused_in_words(cast: Cast, client: FlaskClient, clock: TestClock) -> None:
    sign_in(client, cast.ada)
    for _ in range(11):
        clock.advance(seconds=5)
        post(client, f"/push-subscriptions/{cast.devices['Ada'].id}/test", {}, page="/me/devices")
    assert "10 test pages in 10 minutes are enough" in client.get("/me/devices").text


@pytest.mark.parametrize("act", ["test", "name", "removal"])
def test_SEC16_another_persons_device_is_not_there(cast: Cast, client: FlaskClient, act: str) -> None:
    sign_in(client, cast.ada)
    bens = cast.devices["Ben"]
    answer = post(client, f"/push-subscriptions/{bens.id}/{act}", {"device": "mine"}, page="/me/devices")
    assert answer.status_code == 404
    assert devices_of(cast.ben.id) == [bens]
    assert client.delete(f"/push-subscriptions/{bens.id}", json={}, headers=OURS).status_code == 404


def test_a_device_is_renamed_and_removed_and_the_second_click_is_harmless(
    cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.ada)
    phone = cast.devices["Ada"]
    there = f"/me/devices?device={phone.id}"
    post(client, f"/push-subscriptions/{phone.id}/name", {"device": "Pixel 8"}, page=there)
    assert "Pixel 8" in client.get("/me/devices").text
    post(client, f"/push-subscriptions/{phone.id}/name", {"device": " "}, page=there)
    assert "A name, of at most 60 characters." in client.get("/me/devices").text
    for _ in range(2):
        assert post(client, f"/push-subscriptions/{phone.id}/removal", {}, page="/me").status_code == 303
    assert devices_of(cast.ada.id) == []
    assert client.delete(f"/push-subscriptions/{phone.id}", json={}, headers=OURS).status_code == 204


def test_a_lost_phone_is_signed_out_with_every_other_browser(
    cast: Cast, client: FlaskClient, app: APIFlask
) -> None:
    sign_in(client, cast.ada)
    phone = app.test_client()
    sign_in(phone, cast.ada)
    post(client, f"/push-subscriptions/{cast.devices['Ada'].id}/removal", {"lost": "yes"}, page="/me")
    assert phone.get("/me").status_code == 303
    assert client.get("/me").status_code == 200


def test_SEC10_sessions_are_listed_and_ended(
    cast: Cast, client: FlaskClient, app: APIFlask, clock: TestClock
) -> None:
    sign_in(client, cast.ada)
    phone = app.test_client()
    with transaction():
        row, token = sessions.start(cast.ada, device="Safari on iPhone", at=clock())
        bens, _ = sessions.start(cast.ben, device="Ben's", at=clock())
    phone.set_cookie("__Host-nightbell", token)
    page = client.get("/me/security").text
    assert "Safari on iPhone" in page
    assert "Ben&#39;s" not in page
    assert post(client, f"/me/security/sessions/{bens.id}/removal", {}, page="/me").status_code == 404
    assert post(client, f"/me/security/sessions/{row.id}/removal", {}, page="/me").status_code == 303
    assert phone.get("/me").status_code == 303
    post(client, "/me/security/others/removal", {}, page="/me")
    assert client.get("/me").status_code == 200


def test_a_new_password_needs_the_old_one_and_ends_every_other_sign_in(
    app: APIFlask, client: FlaskClient
) -> None:
    with transaction():
        ada: User = make_user("Ada", password_hash=passwords.hashed(GOOD))
    sign_in(client, ada)
    phone = app.test_client()
    sign_in(phone, ada)
    wanted = "four other words entirely"
    wrong = post(client, "/me/security/password", {"current": "no", "password": wanted}, page="/me/security")
    assert wrong.status_code == 422
    assert 'id="current-problem"' in wrong.text
    short = post(client, "/me/security/password", {"current": GOOD, "password": "short"}, page="/me/security")
    assert 'id="password-problem"' in short.text
    done = post(client, "/me/security/password", {"current": GOOD, "password": wanted}, page="/me/security")
    assert done.status_code == 303
    assert passwords.matches(wanted, ada.password_hash)
    assert phone.get("/me").status_code == 303
    assert client.get("/me").status_code == 200


def test_my_name_zone_and_lock_screen_are_mine_to_change(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ada)
    wrong = post(client, "/me", {"name": "", "time_zone": "Riga"}, page="/me")
    assert wrong.status_code == 422
    assert 'value="Riga"' in wrong.text
    answer = post(
        client, "/me", {"name": "Ada L", "time_zone": "Europe/Riga", "hide": "yes", "theme": "dark"}, page="/me"
    )
    assert answer.status_code == 303
    assert (cast.ada.name, cast.ada.time_zone, cast.ada.hide_lock_screen_text) == ("Ada L", "Europe/Riga", True)
    page = client.get("/me/devices").text
    assert re.search(r'<html lang="en" data-theme="dark" data-zone="Europe/Riga"', page)


def test_a_stakeholder_sees_only_what_is_theirs(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.eli)
    for path in ("/me", "/me/devices", "/me/security"):
        assert client.get(path).status_code == 200
    assert "/services" not in client.get("/me").text
    for path in ("/services", "/teams", "/setup"):
        assert client.get(path).status_code == 403


def test_every_page_of_mine_needs_a_login(app: APIFlask, client: FlaskClient) -> None:
    for path in ("/me", "/me/devices", "/me/security", "/services", "/teams", "/setup", "/setup/device"):
        assert client.get(path).location == f"/login?next={path}"
    assert db.session.scalars(db.select(PushSubscription)).all() == []


def test_D2_i_can_ask_for_a_drill_and_see_how_it_went(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    sign_in(client, cast.ada)
    assert "One comes in the first day of a shift" in client.get("/me").text
    post(client, "/me/drill", {}, page="/me")
    assert "One is on its way" in client.get("/me").text
    clock.advance(minutes=6)
    assert "Missed Thu 12 Nov, 03:10" in client.get("/me").text
    sign_in(client, cast.eli)
    assert post(client, "/me/drill", {}, page="/me").status_code == 403
