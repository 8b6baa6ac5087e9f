"""/api/v1/swaps: asked, accepted by the first, approved, changed with an ETag, hidden from strangers."""

from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import transaction
from app.domain.words import Role
from tests.support.api import Api, assert_problem
from tests.support.cast import make_user
from tests.support.clock import TestClock
from tests.support.rota import Rota

NIGHT = {"start": "2026-10-31T23:00:00Z", "end": "2026-11-01T14:00:00Z"}
IN_THE_NIGHT = "2026-11-01T03:00:00Z"


class Programs:
    """A program for each of the people."""

    def __init__(self, client: FlaskClient, rota: Rota) -> None:
        self.rota = rota
        self.ana, self.bo, self.cy, self.mara, self.dan = (
            Api(client, user) for user in (rota.ana, rota.bo, rota.cy, rota.mara, rota.dan)
        )
        self.night: dict[str, Any] = {"schedule_id": str(rota.schedule.id), "mode": "all", **NIGHT}

    def on_call(self) -> list[str]:
        board = self.mara.get("/oncall", at=IN_THE_NIGHT).get_json()["items"]
        return [person["name"] for person in board[0]["users"]]


@pytest.fixture
def programs(app: APIFlask, client: FlaskClient, clock: TestClock) -> Programs:
    return Programs(client, Rota(clock))


def test_a_swap_is_asked_accepted_and_approved_over_http(programs: Programs) -> None:
    rules = f"/schedules/{programs.rota.schedule.id}/swap-rules"
    assert programs.mara.get(rules).get_json()["needs_approval"] is False
    assert programs.mara.put(rules, {"needs_approval": True}).get_json()["rest_hours"] == 11
    made = programs.ana.make("/swaps", programs.night | {"note": "A wedding."})
    assert (made["state"], made["hours"], made["taker"], made["note"]) == ("open", 15.0, None, "A wedding.")
    assert made["pieces"] == [NIGHT]
    path = f"/swaps/{made['id']}"
    accepted = programs.bo.post(f"{path}/acceptance")
    assert accepted.status_code == 200
    assert accepted.get_json()["state"] == "accepted"
    assert programs.on_call() == ["Ana"]
    assert_problem(programs.bo.post(f"{path}/approval"), 403)
    approved = programs.mara.post(f"{path}/approval", {})
    assert (approved.get_json()["state"], approved.get_json()["approved_by"]["name"]) == ("approved", "Mara")
    assert programs.on_call() == ["Bo"]
    overrides = programs.mara.get("/overrides").get_json()["items"]
    assert [(row["kind"], row["swap_id"]) for row in overrides] == [("swap", made["id"])]
    assert_problem(programs.mara.delete(f"/overrides/{overrides[0]['id']}"), 409)


def test_R18_the_second_to_accept_is_told_who_was_first(programs: Programs) -> None:
    path = f"/swaps/{programs.ana.make('/swaps', programs.night)['id']}"
    assert programs.bo.post(f"{path}/acceptance").status_code == 200
    assert programs.bo.post(f"{path}/acceptance").status_code == 200  # a second tap
    refused = assert_problem(programs.cy.post(f"{path}/acceptance"), 409)
    assert refused["detail"] == "Already taken by Bo, 0 s ago. You are not on call."


def test_R19_failures_are_named_in_the_problem(programs: Programs) -> None:
    path = f"/swaps/{programs.ana.make('/swaps', programs.night)['id']}"
    refused = assert_problem(programs.mara.post(f"{path}/acceptance"), 409, "#")
    assert refused["errors"][0]["detail"].startswith("not_on_roster: Mara is not on the roster")
    assert_problem(programs.mara.post(f"{path}/exemption", {"user_id": "999", "reason": "x"}), 422, "#/user_id")
    mara = str(programs.rota.mara.id)
    assert_problem(programs.bo.post(f"{path}/exemption", {"user_id": mara, "reason": "x"}), 403)
    assert programs.mara.post(f"{path}/exemption", {"user_id": mara, "reason": "No other."}).status_code == 200
    assert programs.mara.post(f"{path}/acceptance").get_json()["taker"]["name"] == "Mara"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"start": None}, "#/start"),
        ({"end": None}, "#/end"),
        ({"end": NIGHT["start"]}, "#/end"),
        ({"start": "2026-10-28T13:00:00Z"}, "#/start"),
        ({"schedule_id": "999"}, "#/schedule_id"),
        ({"mode": "one"}, "#/to"),
        ({"mode": "perhaps"}, "#/mode"),
        ({"mode": "one", "to": "999"}, "#/to"),
        ({"mode": "exchange", "to": "2"}, "#/in_return"),
        ({"on_behalf_of": "999"}, "#/on_behalf_of"),
        ({"mode": "takeover"}, "#/start"),
        ({"mode": "takeover", "start": None, "to": "2"}, "#/to"),
        ({"colour": "red"}, "#/colour"),
        ({"note": "x" * 1001}, "#/note"),
        ({"start": "2026-10-31T18:00:00"}, "#/start"),
    ],
)
def test_R17_every_fault_is_named_by_its_pointer(
    programs: Programs, changes: dict[str, Any], pointer: str
) -> None:
    assert_problem(programs.ana.post("/swaps", programs.night | changes), 422, pointer)
    assert programs.ana.get("/swaps").get_json()["items"] == []


def test_R18_an_exchange_and_a_takeover_over_http(programs: Programs) -> None:
    back = {"start": "2026-11-07T14:00:00Z", "end": "2026-11-07T20:00:00Z"}
    made = programs.ana.make(
        "/swaps", programs.night | {"mode": "exchange", "to": str(programs.rota.bo.id), "in_return": back}
    )
    assert (made["in_return"], made["asked"]) == (back, [str(programs.rota.bo.id)])
    assert_problem(programs.cy.post(f"/swaps/{made['id']}/acceptance"), 403)
    assert programs.bo.post(f"/swaps/{made['id']}/acceptance").status_code == 200
    assert_problem(programs.ana.post(f"/swaps/{made['id']}/cancellation"), 403)  # both gave hours
    assert programs.mara.post(f"/swaps/{made['id']}/cancellation").get_json()["state"] == "cancelled"
    schedule = {"schedule_id": str(programs.rota.schedule.id), "mode": "takeover"}
    taken = programs.cy.make("/swaps", schedule | {"end": "2026-10-28T20:00:00Z"})
    assert (taken["state"], taken["owner"]["name"], taken["start"]) == ("active", "Ana", "2026-10-28T14:00:00Z")
    assert_problem(programs.cy.post("/swaps", schedule), 409)


def test_R22_a_stale_etag_is_refused(programs: Programs, client: FlaskClient) -> None:
    made = programs.ana.post("/swaps", programs.night)
    path, first = f"/swaps/{made.get_json()['id']}", made.headers["ETag"]
    assert programs.ana.get(path).headers["ETag"] == first
    hours = {"start": "2026-11-01T00:00:00Z", "end": NIGHT["end"]}
    changed = programs.ana("PATCH", path, hours, headers={"If-Match": first})
    assert (changed.status_code, changed.get_json()["start"]) == (200, hours["start"])
    assert_problem(programs.ana("PATCH", path, NIGHT, headers={"If-Match": first}), 412)
    assert programs.ana.get(path).get_json() == changed.get_json()
    assert_problem(programs.bo.patch(path, NIGHT), 403)


def test_R22_undo_and_release_over_http(programs: Programs, clock: TestClock) -> None:
    path = f"/swaps/{programs.ana.make('/swaps', programs.night)['id']}"
    programs.bo.post(f"{path}/acceptance")
    assert_problem(programs.cy.post(f"{path}/undo"), 403)
    assert programs.bo.post(f"{path}/undo").get_json()["state"] == "open"
    programs.bo.post(f"{path}/acceptance")
    clock.advance(minutes=11)
    assert_problem(programs.bo.post(f"{path}/undo"), 409)
    released = programs.bo.post(f"{path}/release", {"note": "I am ill."}).get_json()
    assert (released["owner"]["name"], released["releases"], programs.on_call()) == (
        "Bo", path.rpartition("/")[2], ["Bo"],
    )  # fmt: skip


def test_R24_offers_of_a_part_over_http(programs: Programs) -> None:
    path = f"/swaps/{programs.ana.make('/swaps', programs.night)['id']}"
    part = {"start": NIGHT["start"], "end": "2026-11-01T05:00:00Z"}
    assert_problem(programs.bo.post(f"{path}/offer", part | {"end": "2026-11-01T15:00:00Z"}), 422, "#/start")
    offered = programs.bo.make(f"{path}/offer", part)
    assert_problem(programs.cy.delete(f"{path}/offer/{offered['id']}"), 403)
    assert_problem(programs.bo.post(f"{path}/offer/{offered['id']}/acceptance"), 403)
    taken = programs.ana.post(f"{path}/offer/{offered['id']}/acceptance").get_json()
    assert (taken["state"], taken["part_of"]) == ("approved", path.rpartition("/")[2])
    assert programs.ana.get(path).get_json()["start"] == part["end"]
    withdrawn = programs.bo.delete(f"{path}/offer/{offered['id']}")
    assert_problem(withdrawn, 409)
    assert_problem(programs.ana.post(f"{path}/offer/999/acceptance"), 404)


def test_R27_only_who_arranges_cover_asks_on_behalf_and_only_the_owner_objects(programs: Programs) -> None:
    ana = str(programs.rota.ana.id)
    assert_problem(programs.bo.post("/swaps", programs.night | {"on_behalf_of": ana}), 403)
    made = programs.mara.make("/swaps", programs.night | {"on_behalf_of": ana})
    assert (made["owner"]["name"], made["requester"]["name"]) == ("Ana", "Mara")
    path = f"/swaps/{made['id']}"
    assert programs.bo.post(f"{path}/acceptance").status_code == 200
    assert_problem(programs.bo.post(f"{path}/objection"), 403)
    assert programs.ana.post(f"{path}/objection").get_json()["because"] == "Ana objected."
    assert programs.on_call() == ["Ana"]


def test_swaps_of_others_are_not_there(programs: Programs, client: FlaskClient) -> None:
    """A responder of another team, who is on none of its schedules, sees none; nor does a stakeholder."""
    path = f"/swaps/{programs.ana.make('/swaps', programs.night)['id']}"
    with transaction():
        eli = make_user("Eli", Role.STAKEHOLDER)
    assert programs.dan.get("/swaps").get_json()["items"] == []
    for method, under in (
        ("GET", ""),
        ("POST", "/acceptance"),
        ("POST", "/decline"),
        ("POST", "/cancellation"),
    ):
        assert_problem(programs.dan(method, path + under), 404)
        assert_problem(Api(client, eli)(method, path + under), 403)
    programs.mara.put(
        f"/schedules/{programs.rota.schedule.id}/swap-rules", {"eligible": [str(programs.rota.dan.id)]}
    )
    assert programs.dan.post(f"{path}/acceptance").get_json()["taker"]["name"] == "Dan"


def test_swaps_are_listed_newest_first_and_filtered(programs: Programs) -> None:
    first = programs.ana.make("/swaps", programs.night)
    second = programs.ana.make("/swaps", programs.night | {"mode": "one", "to": [str(programs.rota.bo.id)]})
    programs.bo.post(f"/swaps/{second['id']}/decline")
    items = programs.mara.get("/swaps").get_json()["items"]
    assert [row["id"] for row in items] == [second["id"], first["id"]]
    assert [row["id"] for row in programs.mara.get("/swaps", state="open").get_json()["items"]] == [first["id"]]
    assert programs.mara.get("/swaps", user_id=str(programs.rota.cy.id)).get_json()["items"] == []
    assert len(programs.mara.get("/swaps", schedule_id=first["schedule"]["id"]).get_json()["items"]) == 2
    assert_problem(programs.mara.get("/swaps", state="perhaps"), 422)


def test_rules_of_swaps_are_for_those_who_edit_on_call(programs: Programs) -> None:
    path = f"/schedules/{programs.rota.schedule.id}/swap-rules"
    assert_problem(programs.ana.put(path, {"needs_approval": True}), 403)
    assert_problem(programs.mara.put(path, {"rest_hours": 25}), 422, "#/rest_hours")
    assert_problem(programs.mara.put(path, {"eligible": ["999"]}), 422, "#/eligible/0")


def test_D9_candidates_over_http(programs: Programs) -> None:
    asked = {"schedule_id": str(programs.rota.schedule.id), **NIGHT}
    found = programs.ana.get("/swaps/candidates", **asked).get_json()
    assert (found["hours"], found["weighted"]) == (15.0, 30.0)
    assert {item["user"]["name"] for item in found["items"]} == {"Bo", "Cy"}
    assert_problem(programs.bo.get("/swaps/candidates", user_id=str(programs.rota.ana.id), **asked), 403)
    assert_problem(programs.ana.get("/swaps/candidates", **asked | {"end": NIGHT["start"]}), 422, "?end")
    assert_problem(programs.ana.get("/swaps/candidates", **asked | {"schedule_id": "999"}), 422, "?schedule_id")


def test_R1_time_off_conflicts_over_http(programs: Programs) -> None:
    span = {"start": "2026-10-31T05:00:00Z", "end": "2026-11-02T18:00:00Z"}
    [found] = programs.ana.get("/time-off/conflicts", **span).get_json()["items"]
    hours = {"start": span["start"], "end": "2026-11-02T15:00:00Z"}
    assert (found["start"], found["end"], found["gaps"]) == (hours["start"], hours["end"], [hours])
    assert [each["name"] for each in found["suggested"]] == ["Cy", "Bo"]
    assert_problem(programs.bo.get("/time-off/conflicts", user_id=str(programs.rota.ana.id), **span), 403)
    assert_problem(programs.ana.get("/time-off/conflicts", **span | {"end": span["start"]}), 422, "?end")
    assert programs.mara.get("/time-off/conflicts", **span).get_json()["items"] == []
