"""/api/v1/schedules/{id}/preview: what an edit would change, before it is saved (R14, R26)."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.words import SwapMode
from app.oncall import swap as swaps
from app.oncall.models import Schedule
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.oncall import utc


def weekly(cast: Cast, *people: int) -> dict[str, Any]:
    """Hands over on Mondays at nine in London; on Thursday 12 November it is the second one's turn."""
    return {
        "name": "Payments primary",
        "team_id": str(cast.payments.id),
        "time_zone": "Europe/London",
        "layers": [
            {
                "name": "Weekly",
                "rotation": {
                    "unit": "week",
                    "start": "2026-11-02T09:00",
                    "participants": [[str(each)] for each in people],
                },
            }
        ],
    }


@pytest.fixture
def made(root: Api, cast: Cast) -> dict[str, Any]:
    return root.make("/schedules", weekly(cast, cast.ada.id, cast.ben.id))


def on_call(root: Api, made: dict[str, Any], at: str = "2026-11-12T12:00:00Z") -> list[str]:
    answer = root.get("/oncall", schedule=made["id"], at=at).get_json()
    return [user["id"] for user in answer["items"][0]["users"]]


def test_R14_a_person_put_in_moves_no_running_shift_and_the_preview_names_who_changes(
    root: Api, cast: Cast, made: dict[str, Any]
) -> None:
    edit = weekly(cast, cast.cleo.id, cast.ada.id, cast.ben.id)
    assert on_call(root, made) == [str(cast.ben.id)]
    seen = root.post(f"/schedules/{made['id']}/preview", edit)
    assert seen.status_code == 200
    answer = seen.get_json()
    assert answer["moved"] == []
    hours = {each["id"]: (each["before"], each["after"]) for each in answer["people"]}
    assert set(hours) == {str(each.id) for each in (cast.ada, cast.ben, cast.cleo)}
    assert hours[str(cast.cleo.id)][0] == {"primary_hours": 0, "backup_hours": 0, "weekends": 0}
    assert hours[str(cast.cleo.id)][1]["weekends"] > 0
    before, after = (sum(each[side]["primary_hours"] for each in hours.values()) for side in (0, 1))
    assert before == after == 90 * 24
    first = answer["changes"][0]
    assert (first["start"], first["before"][0]["id"], first["after"][0]["id"]) == (
        "2026-11-16T09:00:00Z", str(cast.ada.id), str(cast.cleo.id),
    )  # fmt: skip
    assert {each["claim"] for each in answer["findings"]} >= {"covered", "rest"}
    assert root.get(f"/schedules/{made['id']}").get_json() == made
    saved = root.put(f"/schedules/{made['id']}", edit).get_json()
    assert saved["layers"] == answer["layers"]
    assert on_call(root, made) == [str(cast.ben.id)]
    assert on_call(root, made, "2026-11-16T09:00:00Z") == [str(cast.cleo.id)]


def test_R14_a_person_taken_out_moves_no_running_shift(root: Api, cast: Cast) -> None:
    made = root.make("/schedules", weekly(cast, cast.ada.id, cast.ben.id, cast.cleo.id))
    assert on_call(root, made) == [str(cast.ben.id)]
    root.put(f"/schedules/{made['id']}", weekly(cast, cast.ben.id, cast.cleo.id))
    assert on_call(root, made) == [str(cast.ben.id)]
    assert on_call(root, made, "2026-11-16T09:00:00Z") == [str(cast.cleo.id)]


def test_whose_running_shift_moves_is_told(root: Api, cast: Cast, made: dict[str, Any]) -> None:
    edit = weekly(cast, cast.ben.id, cast.ada.id)
    [moved] = root.post(f"/schedules/{made['id']}/preview", edit).get_json()["moved"]
    assert (moved["id"], moved["until_before"], moved["until_after"]) == (
        str(cast.ben.id), "2026-11-16T09:00:00Z", None,
    )  # fmt: skip


def test_R26_the_preview_lists_the_swaps_that_an_edit_touches(
    root: Api, cast: Cast, made: dict[str, Any], clock: TestClock
) -> None:
    with transaction():
        schedule = db.session.get_one(Schedule, int(made["id"]))
        swaps.ask(
            schedule, owner=cast.ada, mode=SwapMode.ALL, start=utc("2026-11-17 09:00"),
            end=utc("2026-11-18 09:00"), by=cast.ada, at=clock(),
        )  # fmt: skip
    edit = weekly(cast, cast.cleo.id, cast.ada.id, cast.ben.id)
    [touched] = root.post(f"/schedules/{made['id']}/preview", edit).get_json()["swaps"]
    assert (touched["owner"]["name"], touched["taker"], touched["fate"]) == ("Ada", None, "move")
    assert touched["moved"] == {"start": "2026-11-24T09:00:00Z", "end": "2026-11-25T09:00:00Z"}
    path = f"/schedules/{made['id']}"
    assert_problem(root.put(path, edit | {"swaps": {touched["id"]: "forget"}}), 422)
    assert root.put(path, edit | {"swaps": {touched["id"]: "cancel"}}).status_code == 200
    assert root.get(f"/swaps/{touched['id']}").get_json()["state"] == "cancelled"


def test_only_those_who_may_edit_preview_and_faults_are_named(
    client: FlaskClient, cast: Cast, made: dict[str, Any]
) -> None:
    ada, mara = Api(client, cast.ada), Api(client, cast.mara)
    path = f"/schedules/{made['id']}/preview"
    assert_problem(ada.post(path, weekly(cast, cast.ada.id)), 403)
    assert_problem(mara.post(path, weekly(cast, 999)), 422, "#/layers/0/rotation/participants/0/0")
    assert_problem(mara.post("/schedules/999/preview", weekly(cast, cast.ada.id)), 404)
