"""/api/v1/destinations and /api/v1/webhooks: written, read without their secrets, tried and ended."""

from dataclasses import replace

from apiflask import APIFlask

from tests.support.api import Api, assert_problem
from tests.support.cast import Cast

HOOK = "https://hooks.chat.example/services/a-secret"


def test_a_destination_lives_from_post_to_delete_and_shows_no_secret(root: Api, cast: Cast) -> None:
    draft = {
        "kind": "slack",
        "name": "#checkout",
        "team_id": str(cast.payments.id),
        "events": ["alert.resolved"],
    }
    made = root.make("/destinations", draft | {"address": HOOK})
    assert draft.items() <= made.items()
    assert (made["host"], made["disabled_at"]) == ("hooks.chat.example", None)
    here = f"/destinations/{made['id']}"
    assert root.get(here).get_json() == made
    assert root.get("/destinations", name="#checkout").get_json()["items"] == [made]
    assert root.get("/webhooks").get_json()["items"] == []
    assert root.patch(here, {"events": []}).get_json() == made | {"events": []}
    test = root.post(f"{here}/test", {})
    assert (test.status_code, test.get_json()["state"]) == (202, "queued")
    assert [each["event"] for each in root.get(f"{here}/posts").get_json()["items"]] == ["test"]
    assert "a-secret" not in root.get(here).text
    assert root.delete(here).status_code == 204
    assert_problem(root.get(here), 404)


def test_a_webhook_gives_its_secret_once_and_a_new_one_when_asked(root: Api) -> None:
    made = root.make("/webhooks", {"name": "ours", "address": HOOK, "events": ["incident.declared"]})
    here = f"/webhooks/{made['id']}"
    assert made["secret"].startswith("whsec_")
    assert "whsec_" not in root.get(here).text
    new = root.post(f"{here}/secret", {})
    assert (new.status_code, new.get_json()["previous_until"]) == (201, "2026-11-13T03:10:00Z")
    assert new.get_json()["secret"] != made["secret"]
    assert root.delete(here).status_code == 204


def test_faults_are_named_and_others_teams_are_left_alone(app: APIFlask, root: Api, cast: Cast) -> None:
    draft = {"kind": "slack", "name": "x", "address": HOOK}
    for change, pointer in [
        ({"address": "https://10.0.0.1:444/x"}, "#/address"),
        ({"team_id": "999"}, "#/team_id"),
        ({"kind": "signed_webhook"}, "#/kind"),
        ({"events": ["alert.sung"]}, "#/events/0"),
        ({"secret": "x"}, "#/secret"),
        ({"kind": "webhook", "template": "{"}, "#/template"),
    ]:
        assert_problem(root.post("/destinations", draft | change), 422, pointer)
    app.config["settings"] = replace(app.config["settings"], private_hosts=("10.0.0.1:444",))
    root.make("/destinations", draft | {"address": "https://10.0.0.1:444/x"})
