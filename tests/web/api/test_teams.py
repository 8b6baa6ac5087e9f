"""/api/v1/teams."""

from flask.testing import FlaskClient

from tests.support.api import Api, assert_problem
from tests.support.cast import Cast


def test_a_team_lives_from_post_to_delete(root: Api, cast: Cast) -> None:
    made = root.make("/teams", {"name": "Storage", "manager_id": str(cast.cleo.id)})
    assert made == {
        "id": made["id"], "name": "Storage", "manager_id": str(cast.cleo.id), "members": [],
        "description": "", "tags": [],
        "created_at": "2026-11-12T03:10:00Z",
    }  # fmt: skip
    assert root.get(f"/teams/{made['id']}").get_json() == made
    changed = root.patch(f"/teams/{made['id']}", {"manager_id": None})
    assert changed.get_json() == made | {"manager_id": None}
    assert root.delete(f"/teams/{made['id']}").status_code == 204
    assert_problem(root.get(f"/teams/{made['id']}"), 404)
    assert_problem(root.delete(f"/teams/{made['id']}"), 404)


def test_L_ROL_04_a_responder_manages_the_team_they_made_and_no_other(client: FlaskClient, cast: Cast) -> None:
    dan = Api(client, cast.dan)
    made = dan.make("/teams", {"name": "Vault"})
    assert [(member["user"]["id"], member["role"]) for member in made["members"]] == [
        (str(cast.dan.id), "manager")
    ]
    assert dan.patch(f"/teams/{made['id']}", {"description": "Keeps it."}).status_code == 200
    assert_problem(dan.patch(f"/teams/{cast.payments.id}", {"description": "x"}), 403)
    assert_problem(Api(client, cast.eli).post("/teams", {"name": "Cellar"}), 403)


def test_a_team_is_found_by_its_exact_name_and_a_repeated_name_means_either(root: Api, cast: Cast) -> None:
    names = lambda answer: [team["name"] for team in answer.get_json()["items"]]  # noqa: E731
    assert names(root.get("/teams")) == ["Payments", "Search"]
    assert names(root.get("/teams", name="Search")) == ["Search"]
    assert names(root.get("/teams", name="search")) == []
    assert names(root.get("/teams", name=["Search", "Payments"])) == ["Payments", "Search"]


def test_members_come_and_go(root: Api, cast: Cast) -> None:
    place = f"/teams/{cast.search.id}/members/{cast.ben.id}"
    answer = root.put(place, {"role": "manager"})
    assert {"user": {"id": str(cast.ben.id), "name": "Ben"}, "role": "manager"} in answer.get_json()["members"]
    assert root.put(place, {}).get_json()["members"][-1]["role"] == "member"
    assert root.delete(place).status_code == 204
    assert root.delete(place).status_code == 204
    members = root.get(f"/teams/{cast.search.id}").get_json()["members"]
    assert [member["user"]["name"] for member in members] == ["Dan"]


def test_L_ROL_05_a_stakeholder_comes_into_no_team(root: Api, cast: Cast) -> None:
    refused = root.put(f"/teams/{cast.search.id}/members/{cast.eli.id}", {"role": "member"})
    assert_problem(refused, 422, "#/user_id")
    assert "Eli only looks on" in refused.text


def test_what_does_not_fit_is_named_by_its_pointer(root: Api, cast: Cast) -> None:
    assert_problem(root.post("/teams", {"name": 7}), 422, "#/name")
    assert_problem(root.post("/teams", {}), 422, "#/name")
    assert_problem(root.post("/teams", {"name": "X", "colour": "red"}), 422, "#/colour")
    assert_problem(root.post("/teams", {"name": "X", "manager_id": "999"}), 422, "#/manager_id")
    assert_problem(root.post("/teams", {"name": "payments"}), 422, "#/name")
    assert_problem(root.patch(f"/teams/{cast.search.id}", {"name": None}), 422, "#/name")
    assert_problem(root.patch(f"/teams/{cast.search.id}", {"name": "Payments"}), 422, "#/name")
    assert_problem(root.get("/teams", colour="red"), 422, "?colour")


def test_a_team_that_owns_services_is_not_deleted(root: Api, cast: Cast) -> None:
    assert_problem(root.delete(f"/teams/{cast.payments.id}"), 409)
    assert len(root.get(f"/teams/{cast.payments.id}").get_json()["members"]) == 4


def test_only_those_who_manage_a_team_change_it(client: FlaskClient, cast: Cast) -> None:
    dan, mara, eli = (Api(client, user) for user in (cast.dan, cast.mara, cast.eli))
    assert_problem(dan.patch(f"/teams/{cast.payments.id}", {"name": "Mine"}), 403)
    assert_problem(dan.put(f"/teams/{cast.payments.id}/members/{cast.dan.id}", {}), 403)
    assert mara.patch(f"/teams/{cast.payments.id}", {"name": "Pay"}).status_code == 200
    assert eli.get("/teams").status_code == 200
    assert_problem(eli.post("/teams", {"name": "Mine"}), 403)
