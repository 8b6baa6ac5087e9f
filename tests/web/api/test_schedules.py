"""/api/v1/schedules, overrides and time off: written, changed, asked for shifts."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.api import Api, assert_problem
from tests.support.cast import Cast
from tests.support.clock import TestClock

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.fixture
def draft(cast: Cast) -> dict[str, Any]:
    """Ada and Ben take turns, handing over on Mondays at nine in London."""
    return {
        "name": "Payments primary",
        "team_id": str(cast.payments.id),
        "time_zone": "Europe/London",
        "layers": [
            {
                "name": "Weekly",
                "priority": 1,
                "rotation": {
                    "unit": "week",
                    "length": 1,
                    "start": "2026-11-02T09:00",
                    "participants": [[str(cast.ada.id), str(cast.ben.id)], [str(cast.ben.id)]],
                },
                "restrictions": [{"weekdays": ["mon", "tue"], "start": "18:00", "end": "09:00"}],
            }
        ],
    }


@pytest.fixture
def always(draft: dict[str, Any]) -> dict[str, Any]:
    """The same without restrictions: somebody is on call at every hour."""
    return draft | {"layers": [draft["layers"][0] | {"restrictions": []}]}


def test_a_schedule_reads_as_it_was_written(root: Api, draft: dict[str, Any]) -> None:
    made = root.make("/schedules", draft)
    assert {name: made[name] for name in draft} == draft
    assert root.get(f"/schedules/{made['id']}").get_json() == made
    assert [each["id"] for each in root.get("/schedules", name="Payments primary").get_json()["items"]] == [
        made["id"]
    ]
    assert root.get("/schedules", team_id="999").get_json()["items"] == []
    assert root.delete(f"/schedules/{made['id']}").status_code == 204
    assert_problem(root.get(f"/schedules/{made['id']}"), 404)


def test_what_a_layer_leaves_out_is_filled_in(root: Api, draft: dict[str, Any], cast: Cast) -> None:
    rotation = {"unit": "day", "start": "2026-11-02T09:00", "participants": [[str(cast.ada.id)]]}
    made = root.make("/schedules", draft | {"layers": [{"rotation": rotation}]})
    assert made["layers"] == [
        {"name": "Layer 1", "priority": 0, "rotation": rotation | {"length": 1}, "restrictions": []}
    ]


def test_a_lost_update_is_refused(root: Api, draft: dict[str, Any]) -> None:
    made = root.post("/schedules", draft)
    path, first = f"/schedules/{made.get_json()['id']}", made.headers["ETag"]
    assert root.get(path).headers["ETag"] == first
    second = root.put(path, draft | {"name": "Renamed"}, headers={"If-Match": first})
    assert second.status_code == 200
    assert second.headers["ETag"] != first
    assert_problem(root.put(path, draft | {"name": "Lost"}, headers={"If-Match": first}), 412)
    assert root.get(path).get_json() == second.get_json()
    assert root.put(path, draft, headers={"If-Match": "*"}).status_code == 200
    assert root.put(path, draft).status_code == 200


def test_every_fault_is_named_by_its_pointer(root: Api, draft: dict[str, Any]) -> None:
    layer = draft["layers"][0]

    def with_rotation(**changes: Any) -> dict[str, Any]:
        return draft | {"layers": [layer | {"rotation": layer["rotation"] | changes}]}

    at = "#/layers/0/rotation"
    for body, pointer in [
        (with_rotation(length=0), f"{at}/length"),
        (with_rotation(length="1"), f"{at}/length"),
        (with_rotation(unit="fortnight"), f"{at}/unit"),
        (with_rotation(start="2026-11-02T09:00Z"), f"{at}/start"),
        (with_rotation(participants=[["999"]]), f"{at}/participants/0/0"),
        (with_rotation(participants=[[]]), f"{at}/participants/0"),
        (with_rotation(colour="red"), f"{at}/colour"),
        (draft | {"team_id": "999"}, "#/team_id"),
        (draft | {"time_zone": "Mars/Olympus"}, "#/time_zone"),
        (draft | {"layers": {}}, "#/layers"),
    ]:
        assert_problem(root.post("/schedules", body), 422, pointer)


def test_only_those_who_edit_on_call_do(client: FlaskClient, cast: Cast, draft: dict[str, Any]) -> None:
    ada, mara, eli = (Api(client, user) for user in (cast.ada, cast.mara, cast.eli))
    made = mara.make("/schedules", draft)
    assert_problem(ada.post("/schedules", draft | {"name": "Mine"}), 403)
    assert_problem(ada.put(f"/schedules/{made['id']}", draft), 403)
    assert_problem(ada.delete(f"/schedules/{made['id']}"), 403)
    assert ada.get(f"/schedules/{made['id']}").status_code == 200
    assert_problem(eli.get("/schedules"), 403)
    assert_problem(eli.get(f"/schedules/{made['id']}"), 403)


def test_R6_shifts_and_gaps_are_together_the_span_that_was_asked_for(
    root: Api, cast: Cast, draft: dict[str, Any]
) -> None:
    made = root.make("/schedules", draft)
    span = {"from": "2026-11-09T00:00:00Z", "to": "2026-11-11T12:00:00+00:00"}
    answer = root.get(f"/schedules/{made['id']}/shifts", **span).get_json()
    pieces = sorted([(each["start"], each["end"]) for each in answer["items"] + answer["gaps"]])
    assert pieces == [
        ("2026-11-09T00:00:00Z", "2026-11-09T18:00:00Z"),
        ("2026-11-09T18:00:00Z", "2026-11-10T09:00:00Z"),
        ("2026-11-10T09:00:00Z", "2026-11-10T18:00:00Z"),
        ("2026-11-10T18:00:00Z", "2026-11-11T09:00:00Z"),
        ("2026-11-11T09:00:00Z", "2026-11-11T12:00:00Z"),
    ]
    assert answer["items"][0]["users"] == [{"id": str(cast.ben.id), "name": "Ben", "role": "primary"}]
    assert "Ben" in answer["items"][0]["reason"][0]
    assert len(root.get(f"/schedules/{made['id']}/shifts").get_json()["items"]) > 2
    for wrong in (
        {"to": "2020-01-01T00:00:00Z"},
        {"from": "2026-01-01T00:00:00Z", "to": "2028-01-01T00:00:00Z"},
    ):
        assert_problem(root.get(f"/schedules/{made['id']}/shifts", **wrong), 422, "?to")
    assert_problem(root.get(f"/schedules/{made['id']}/shifts", **{"from": "2026-11-09"}), 422, "?from")


def test_an_override_puts_somebody_else_on_call_and_can_be_undone(
    root: Api, cast: Cast, always: dict[str, Any], clock: TestClock
) -> None:
    schedule = root.make("/schedules", always)
    made = root.make(
        "/overrides",
        {
            "schedule_id": schedule["id"], "start": "2026-11-12T03:00:00Z", "end": "2026-11-12T05:00:00Z",
            "user_id": str(cast.cleo.id), "replaces_user_id": str(cast.ben.id),
        },
    )  # fmt: skip
    assert root.get(f"/overrides/{made['id']}").get_json() == made
    assert made["created_by"] == {"id": str(cast.root.id), "name": "Root"}
    assert root.get("/overrides", user_id=str(cast.ben.id)).get_json()["items"] == [made]
    on_call = root.get("/oncall", schedule="Payments primary").get_json()["items"][0]
    assert [(each["name"], each["role"]) for each in on_call["users"]] == [("Cleo", "primary")]
    assert any("Cleo covers for Ben" in words for words in on_call["users"][0]["reason"])
    clock.advance(minutes=20)
    assert root.delete(f"/overrides/{made['id']}").status_code == 204
    assert root.get(f"/overrides/{made['id']}").get_json()["end"] == "2026-11-12T03:31:00Z"
    clock.advance(minutes=20)
    assert_problem(root.delete(f"/overrides/{made['id']}"), 409)


def test_people_change_their_own_hours_and_not_those_of_others(
    client: FlaskClient, root: Api, cast: Cast, always: dict[str, Any]
) -> None:
    schedule, ada = root.make("/schedules", always), Api(client, cast.ada)
    span = {"schedule_id": schedule["id"], "start": "2026-11-13T03:00:00Z", "end": "2026-11-13T05:00:00Z"}
    me, ben = str(cast.ada.id), str(cast.ben.id)
    assert ada.post("/overrides", span | {"user_id": me, "replaces_user_id": ben}).status_code == 201
    assert ada.post("/overrides", span | {"replaces_user_id": me}).status_code == 201
    assert_problem(ada.post("/overrides", span | {"user_id": ben, "replaces_user_id": me}), 403)
    assert_problem(ada.post("/overrides", span | {"replaces_user_id": ben}), 403)
    away = {"start": "2026-11-13T03:00:00Z", "end": "2026-11-14T05:00:00Z", "note": "dentist"}
    mine = ada.make("/time-off", away | {"user_id": me})
    assert_problem(ada.post("/time-off", away | {"user_id": ben}), 403)
    assert ada.get("/time-off", user_id=me).get_json()["items"] == [mine]
    others = root.make("/time-off", away | {"user_id": ben})
    assert_problem(ada.delete(f"/time-off/{others['id']}"), 403)
    assert ada.delete(f"/time-off/{mine['id']}").status_code == 204
    assert_problem(ada.get(f"/time-off/{mine['id']}"), 404)


def test_exceptions_that_do_not_fit_are_refused(root: Api, cast: Cast, draft: dict[str, Any]) -> None:
    schedule = root.make("/schedules", draft)
    good = {
        "schedule_id": schedule["id"], "start": "2026-11-13T03:00:00Z", "end": "2026-11-13T05:00:00Z",
        "user_id": str(cast.ada.id),
    }  # fmt: skip
    for change, pointer in [
        ({"schedule_id": "999"}, "#/schedule_id"),
        ({"user_id": "999"}, "#/user_id"),
        ({"user_id": None}, "#/user_id"),
        ({"end": good["start"]}, "#/end"),
        ({"start": "2026-11-13T03:00:00"}, "#/start"),
        ({"start": 1700000000}, "#/start"),
        ({"start": "9999-12-31T23:59:59-23:59"}, "#/start"),
        ({"start": "0001-01-01T00:00:00+23:59"}, "#/start"),
        ({"reason": "holiday"}, "#/reason"),
    ]:
        assert_problem(root.post("/overrides", good | change), 422, pointer)
    assert_problem(root.post("/time-off", {"user_id": "999", "start": "x", "end": 5}), 422, "#/start")


def test_who_is_on_call_is_answered_for_a_moment_with_every_reason(
    root: Api, cast: Cast, always: dict[str, Any], draft: dict[str, Any]
) -> None:
    root.make("/schedules", always)
    root.make("/schedules", draft | {"name": "Nights"})
    answer = root.get("/oncall", at="2026-11-13T12:00:00Z").get_json()
    assert answer["at"] == "2026-11-13T12:00:00Z"
    assert [(row["schedule"]["name"], [each["name"] for each in row["users"]]) for row in answer["items"]] == [
        ("Nights", []),
        ("Payments primary", ["Ben"]),
    ]
    ben = answer["items"][1]["users"][0]
    assert ben["reason"]
    assert answer["items"][1]["until"] == "2026-11-16T09:00:00Z"
    assert root.get("/oncall", schedule="nothing").get_json()["items"] == []


def test_D5_a_draft_is_checked_without_being_saved(root: Api, always: dict[str, Any], cast: Cast) -> None:
    made = root.make("/schedules", always)
    restricted = always | {
        "layers": [
            always["layers"][0] | {"restrictions": [{"weekdays": EVERY_DAY, "start": "22:00", "end": "21:00"}]}
        ],
        "requirements": {"hours": "always"},
    }
    for path in (f"/schedules/{made['id']}/check", "/schedules/check"):
        answer = root.post(path, restricted)
        assert answer.status_code == 200
        first = answer.get_json()["items"][0]
        assert (first["claim"], first["level"], first["times"]) == ("covered", "error", 800)
        assert first["sentence"].startswith("Nobody 21:00 – 22:00 every day, first on ")
        span = first["intervals"][0]
        assert (span["start"], span["local_end"]) == ("2026-11-12T21:00:00Z", "Thu 12 Nov, 22:00 GMT")
    assert root.get(f"/schedules/{made['id']}").get_json() == made
    saved = root.get(f"/schedules/{made['id']}/check").get_json()["items"]
    assert [each["level"] for each in saved if each["claim"] == "covered"] == ["proven"]


def test_D5_saving_over_an_error_needs_a_reason(root: Api, always: dict[str, Any], cast: Cast) -> None:
    draft = always | {"requirements": {"people": 3}}
    refused = root.post("/schedules", draft)
    assert_problem(refused, 422, "#/override_reason")
    details = [error["detail"] for error in refused.get_json()["errors"]]
    assert any(detail.startswith("Fewer than 3 different people are on call") for detail in details)
    assert root.get("/schedules").get_json()["items"] == []
    made = root.make("/schedules", draft | {"override_reason": "Cy joins in December"})
    assert made["requirements"]["people"] == 3
    assert "override_reason" not in made
    assert_problem(root.put(f"/schedules/{made['id']}", draft), 422, "#/override_reason")
    assert_problem(
        root.post("/schedules", draft | {"requirements": {"people": "3"}}), 422, "#/requirements/people"
    )
    assert_problem(root.post("/schedules/check", draft | {"layers": {}}), 422, "#/layers")


def test_D5_whoever_may_not_edit_reads_the_check_and_proves_no_drafts(
    client: FlaskClient, cast: Cast, always: dict[str, Any]
) -> None:
    ada, mara, eli = (Api(client, user) for user in (cast.ada, cast.mara, cast.eli))
    path = f"/schedules/{mara.make('/schedules', always)['id']}/check"
    assert ada.get(path).status_code == 200
    assert_problem(ada.post(path, always), 403)
    assert_problem(ada.post("/schedules/check", always), 403)
    assert_problem(eli.get(path), 403)
    assert_problem(mara.get("/schedules/999/check"), 404)


def test_a_layer_may_keep_another_clock_than_its_schedule(root: Api, always: dict[str, Any]) -> None:
    abroad = always["layers"][0] | {"time_zone": "America/Chicago"}
    made = root.make("/schedules", always | {"layers": [abroad]})
    assert made["layers"] == [abroad]
    assert_problem(
        root.post("/schedules", always | {"name": "X", "layers": [abroad | {"time_zone": "Mars/Olympus"}]}),
        422, "#/layers/0/time_zone",
    )  # fmt: skip


def test_fairness_is_answered_with_its_rules_and_can_be_weighed_otherwise(
    root: Api, always: dict[str, Any], cast: Cast, clock: TestClock
) -> None:
    made = root.make("/schedules", always)
    path = f"/schedules/{made['id']}/fairness"
    clock.advance(days=4)
    window = {"from": "2026-11-12T12:00:00Z", "to": "2026-11-13T12:00:00Z"}
    answer = root.get(path, **window).get_json()
    ben, ada = answer["items"]
    assert (ben["user"]["name"], ben["total_hours"], ben["hours"]["night"]) == ("Ben", 24.0, 10.0)
    assert (ada["total_hours"], ada["backup_hours"], answer["gini"]) == (0.0, 0.0, 0.5)
    rules = {"weights": {"night": 0}, "holidays": ["2026-11-13"]}
    assert root.put(f"{path}-rules", rules).get_json()["weights"]["day"] == 1
    assert root.get(path, **window).get_json()["items"][0]["weighted_hours"] == 6 + 4 * 1.5 + 12 * 3
    assert_problem(root.put(f"{path}-rules", {"weights": {"night": 99}}), 422)
    assert_problem(root.get(path, **{"from": "2026-11-12T12:00:00Z", "to": "2026-11-12T12:00:00Z"}), 422)
    assert root.get(path).status_code == 200


def test_R4_a_temporary_schedule_is_kept_with_the_schedule(
    root: Api, always: dict[str, Any], cast: Cast
) -> None:
    christmas = {
        "name": "Christmas", "start": "2026-12-24T09:00", "end": "2026-12-27T09:00",
        "holes_are_intended": False,
        "layers": [
            always["layers"][0]
            | {"rotation": always["layers"][0]["rotation"] | {"participants": [[str(cast.cleo.id)]]}}
        ],
    }  # fmt: skip
    made = root.make("/schedules", always | {"temporary": [christmas]})
    assert made["temporary"] == [christmas]
    path = f"/schedules/{made['id']}"
    assert root.put(path, always).get_json()["temporary"] == [christmas]  # unless others are sent
    shifts = root.get(
        f"{path}/shifts", **{"from": "2026-12-23T09:00:00Z", "to": "2026-12-28T09:00:00Z"}
    ).get_json()
    assert [
        (each["start"], each["end"]) for each in shifts["items"] if each["users"][0]["id"] == str(cast.cleo.id)
    ] == [("2026-12-24T09:00:00Z", "2026-12-27T09:00:00Z")]
    assert root.put(path, always | {"temporary": []}).get_json()["temporary"] == []
    wrong = christmas | {"end": "2026-12-24T08:00"}
    assert_problem(root.put(path, always | {"temporary": [wrong]}), 422, "#/temporary/0/end")
    twice = [christmas, christmas | {"name": "Again"}]
    assert_problem(root.put(path, always | {"temporary": twice}), 422, "#/temporary/1/start")
    nobody = christmas | {
        "layers": [{"rotation": christmas["layers"][0]["rotation"] | {"participants": [["999"]]}}]
    }
    assert_problem(
        root.put(path, always | {"temporary": [nobody]}),
        422,
        "#/temporary/0/layers/0/rotation/participants/0/0",
    )


def test_a_template_goes_into_a_draft_as_it_is(root: Api, always: dict[str, Any], cast: Cast) -> None:
    people = [str(cast.ada.id), str(cast.ben.id)]
    found = root.get("/schedules/templates", user_id=people, start="2026-11-09T09:00").get_json()["items"]
    assert [each["key"] for each in found] == ["weekly", "follow_the_sun", "week_and_weekend", "off_hours"]
    for each in found:
        draft = always | {"name": each["title"], "layers": each["layers"], "requirements": each["requirements"]}
        made = root.make("/schedules", draft | {"override_reason": "A template to start from"})
        assert made["layers"] == each["layers"]
    assert_problem(root.get("/schedules/templates", zone="Mars/Olympus"), 422)
    assert_problem(root.get("/schedules/templates", start="2026-11-09T09:00Z"), 422)
