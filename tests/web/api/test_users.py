"""/api/v1/users."""

from flask.testing import FlaskClient

from app.database import transaction
from app.oncall import queries, schedules
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.oncall import layer_json

FINN = {"email": "Finn@Nightbell.example", "name": "Finn", "role": "responder"}


def test_a_person_comes_changes_and_goes(root: Api, cast: Cast) -> None:
    made = root.make("/users", FINN)
    assert made == {
        "id": made["id"], "email": "finn@nightbell.example", "name": "Finn", "role": "responder",
        "time_zone": "Europe/London", "is_active": True, "is_locked": False, "teams": [],
        "created_at": "2026-11-12T03:10:00Z",
    }  # fmt: skip
    assert root.get(f"/users/{made['id']}").get_json() == made
    changed = root.patch(f"/users/{made['id']}", {"role": "manager", "time_zone": "Europe/Riga"})
    assert changed.get_json() == made | {"role": "manager", "time_zone": "Europe/Riga"}
    assert root.delete(f"/users/{made['id']}").status_code == 204
    assert_problem(root.get(f"/users/{made['id']}"), 404)
    assert_problem(root.delete(f"/users/{made['id']}"), 404)
    assert [user["name"] for user in root.get("/users", is_active="false").get_json()["items"]] == ["Finn"]
    assert root.patch(f"/users/{made['id']}", {"is_active": True}).status_code == 200


def test_L_ROL_05_whoever_has_turns_to_come_is_not_made_a_stakeholder(
    root: Api, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        made = schedules.create(
            name="Nights", team_id=cast.search.id, time_zone="UTC", by=cast.root, at=clock.moment,
            layers=[layer_json("2026-11-09T09:00", [[cast.dan.id]])],
        ).id  # fmt: skip
    refused = root.patch(f"/users/{cast.dan.id}", {"role": "stakeholder"})
    assert_problem(refused, 422, "#/role")
    assert "Dan still holds 2 places" in refused.text
    assert root.get(f"/users/{cast.dan.id}").get_json()["role"] == "responder"
    assert [person.name for person in queries.on_call_at(made, clock.moment)] == ["Dan"]


def test_people_are_found_by_address_name_role_and_team(root: Api, cast: Cast) -> None:
    def names(**parameters: object) -> list[str]:
        return [user["name"] for user in root.get("/users", **parameters).get_json()["items"]]

    assert names(email="ADA@nightbell.example") == ["Ada"]
    assert names(name="Ben") == ["Ben"]
    assert names(role=["manager", "stakeholder"]) == ["Cleo", "Mara", "Eli"]
    assert names(team_id=str(cast.search.id)) == ["Dan"]
    assert_problem(root.get("/users", role="king"), 422, "?role")


def test_what_does_not_fit_is_named_by_its_pointer(root: Api, cast: Cast) -> None:
    assert_problem(root.post("/users", FINN | {"email": "finn"}), 422, "#/email")
    assert_problem(root.post("/users", FINN | {"email": "ada@nightbell.example"}), 422, "#/email")
    assert_problem(root.post("/users", FINN | {"role": "king"}), 422, "#/role")
    assert_problem(root.post("/users", FINN | {"time_zone": "Mars/Olympus"}), 422, "#/time_zone")
    assert_problem(root.post("/users", FINN | {"password": "secret"}), 422, "#/password")
    assert_problem(root.patch(f"/users/{cast.root.id}", {"role": "manager"}), 422, "#/role")
    assert_problem(root.delete(f"/users/{cast.root.id}"), 422, "#/is_active")


def test_people_are_managed_with_the_scope_admin_only(client: FlaskClient, root: Api, cast: Cast) -> None:
    narrow, mara = Api(client, cast.root, "write"), Api(client, cast.mara)
    assert_problem(narrow.post("/users", FINN), 403)
    assert_problem(mara.post("/users", FINN), 403)
    assert_problem(mara.delete(f"/users/{cast.ada.id}"), 403)


def test_anybody_changes_their_own_name_and_zone_but_not_their_role(ada: Api, cast: Cast) -> None:
    mine = f"/users/{cast.ada.id}"
    assert ada.patch(mine, {"name": "Ada L.", "time_zone": "Europe/Riga"}).get_json()["name"] == "Ada L."
    assert ada.get("/users/me").get_json()["time_zone"] == "Europe/Riga"
    assert_problem(ada.patch(mine, {"role": "administrator"}), 403)
    assert_problem(ada.patch(f"/users/{cast.ben.id}", {"name": "Benny"}), 403)


def test_L_USR_05_an_administrator_locks_a_person_out_and_unlocks_them(
    root: Api, cast: Cast, client: FlaskClient
) -> None:
    ada = Api(client, cast.ada)
    path = f"/users/{cast.ada.id}"
    assert root.patch(path, {"is_locked": True}).get_json()["is_locked"] is True
    assert_problem(ada.get("/users/me"), 401)  # nor do their programs speak for them
    assert root.patch(path, {"is_locked": True}).status_code == 200
    assert root.patch(path, {"is_locked": False}).get_json()["is_locked"] is False
    assert ada.get("/users/me").status_code == 200
    assert_problem(ada.patch(path, {"is_locked": True}), 403)
    assert_problem(root.patch(f"/users/{cast.root.id}", {"is_locked": True}), 422, "#/is_locked")
