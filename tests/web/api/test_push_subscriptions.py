"""/api/v1/push-subscriptions: the caller's own devices."""

from flask.testing import FlaskClient

from app.paging import vapid
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast

DEVICE = {
    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/one",
    "keys": {
        "p256dh": "BPtQOI8pSY0Kk60l7Ew0A3udPMPMpHh-tv7aviswA-rIn3dlyp1iiOb_c09c0I86WSHPVLIbs5i1CsDSV3-gdHI",
        "auth": "k8JV6sjdbhAi1n3_LDBLvA",
    },
    "expirationTime": None,
    "device": "Eli's laptop",
}


def test_a_device_comes_and_goes(client: FlaskClient, cast: Cast) -> None:
    eli = Api(client, cast.eli, "read")
    assert_problem(eli.post("/push-subscriptions", DEVICE), 403)
    dan = Api(client, cast.dan)
    made = dan.make("/push-subscriptions", DEVICE)
    assert (made["endpoint"], made["device"]) == (DEVICE["endpoint"], "Eli's laptop")
    assert "keys" not in made
    assert dan.get(f"/push-subscriptions/{made['id']}").get_json() == made
    assert dan.make("/push-subscriptions", DEVICE)["id"] == made["id"]
    assert len(dan.get("/push-subscriptions").get_json()["items"]) == 2
    assert dan.patch(f"/push-subscriptions/{made['id']}", {"device": "Mine"}).get_json()["device"] == "Mine"
    assert dan.delete(f"/push-subscriptions/{made['id']}").status_code == 204
    assert_problem(dan.get(f"/push-subscriptions/{made['id']}"), 404)
    assert_problem(dan.delete(f"/push-subscriptions/{made['id']}"), 404)


def test_SEC16_nobody_is_told_of_anybody_elses_device(root: Api, cast: Cast) -> None:
    of_ada = f"/push-subscriptions/{cast.devices['Ada'].id}"
    assert_problem(root.get(of_ada), 404)
    assert_problem(root.delete(of_ada), 404)
    assert_problem(root.patch(of_ada, {"device": "Mine"}), 404)
    assert_problem(root.post(f"{of_ada}/test"), 404)
    assert [each["device"] for each in root.get("/push-subscriptions").get_json()["items"]] == ["Root's phone"]


def test_SEC2_an_endpoint_that_is_no_push_service_is_refused(ada: Api) -> None:
    for endpoint in (
        "https://example.com/push", "http://169.254.169.254/latest", "file:///etc/passwd", "nothing",
        "https://updates.push.services.mozilla.com@evil.example/x", "https://fcm.googleapis.com:22/x",
    ):  # fmt: skip
        assert_problem(ada.post("/push-subscriptions", DEVICE | {"endpoint": endpoint}), 422, "#/endpoint")
    assert_problem(
        ada.post("/push-subscriptions", DEVICE | {"keys": {"p256dh": "x", "auth": "y"}}), 422, "#/keys/p256dh"
    )
    assert_problem(ada.post("/push-subscriptions", {"endpoint": "x"}), 422, "#/keys")


def test_the_key_is_what_browsers_subscribe_with(ada: Api, client: FlaskClient) -> None:
    settings = client.application.config["settings"]
    assert ada.get("/push-subscriptions/key").get_json() == {
        "key": vapid.public_key_of(settings.vapid_private_key)
    }


def test_a_test_page_is_asked_for_and_not_without_end(ada: Api, cast: Cast, clock) -> None:  # type: ignore[no-untyped-def]
    path = f"/push-subscriptions/{cast.devices['Ada'].id}/test"
    page = ada.make(path, {})
    assert (page["kind"], page["status"], page["alert"]) == ("test", "queued", None)
    assert [each["state"] for each in page["deliveries"]] == ["queued"]
    assert ada.get(f"/pages/{page['id']}").get_json() == page
    for _ in range(9):
        clock.advance(seconds=10)
        assert ada.post(path).status_code == 201
    clock.advance(seconds=10)
    answer = ada.post(path)
    assert_problem(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0
