"""/api/v1/invitations."""

from flask.testing import FlaskClient

from tests.support.api import Api, assert_problem
from tests.support.cast import Cast


def test_L_USR_02_people_are_invited_sent_again_and_taken_back(
    root: Api, cast: Cast, client: FlaskClient
) -> None:
    body = {"emails": ["Gus@x.example", "ben@nightbell.example"], "role": "responder", "team_id": "1"}
    summary = root.make("/invitations", body)
    [gus] = summary["invited"]
    assert summary == {"invited": [gus], "waiting": [], "joined": ["ben@nightbell.example"]}
    url = gus.pop("url")
    assert gus == {
        "id": "1", "email": "gus@x.example", "role": "responder", "team": {"id": "1", "name": "Payments"},
        "team_role": "member", "invited_by": {"id": str(cast.root.id), "name": "Root"},
        "created_at": "2026-11-12T03:10:00Z", "sent_at": "2026-11-12T03:10:00Z",
        "expires_at": "2026-11-19T03:10:00Z",
    }  # fmt: skip
    assert client.get(url.partition("8000")[2]).status_code == 200
    assert root.get("/invitations", email="GUS@x.example").get_json()["items"] == [gus]
    assert root.make("/invitations", body)["waiting"] == [gus]
    renewed = root.post("/invitations/1/renewal").get_json()
    assert renewed.pop("url") != url
    assert client.get(url.partition("8000")[2]).status_code == 404
    assert root.delete("/invitations/1").status_code == 204
    assert_problem(root.delete("/invitations/1"), 404)
    assert root.get("/invitations").get_json()["items"] == []


def test_L_USR_01_the_ladder_holds_for_programs(client: FlaskClient, cast: Cast) -> None:
    ada = Api(client, cast.ada)
    assert_problem(ada.post("/invitations", {"emails": ["g@x.example"], "role": "manager"}), 422, "#/role")
    assert_problem(ada.post("/invitations", {"emails": ["g"], "role": "responder"}), 422, "#/emails")
    away = {"emails": ["g@x.example"], "role": "responder", "team_id": "2"}
    assert_problem(ada.post("/invitations", away), 403)
    assert_problem(ada.post("/invitations", away | {"team_id": "99"}), 422, "#/team_id")
    assert ada.get("/invitations").get_json()["items"] == []
