"""Features 113, 114 on the screen and over the API: a sentence, bars, a file for pay; weights by who may."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.database import db, transaction
from app.oncall import fairness
from app.oncall.models import Schedule
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.cast import make
from tests.support.oncall import layer_json, utc
from tests.support.world import World

SeenBy = Callable[..., FlaskClient]
WEEK = "?from=2026-11-09&to=2026-11-15"


@pytest.fixture
def schedule(world: World) -> Schedule:
    """Ada always with Ben behind her, in London, since the summer."""
    with transaction():
        return make(
            Schedule, name="Payments primary", team_id=world.cast.payments.id, time_zone="Europe/London",
            layers=[layer_json("2026-01-05T09:00", [[world.cast.ada.id, world.cast.ben.id]])],
            created_at=utc("2026-06-01 09:00"), updated_at=utc("2026-06-01 09:00"),
        )  # fmt: skip


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_the_page_says_who_carries_most_with_n_and_the_zone(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    ada = seen_by(world.cast.ada)
    assert f"/schedules/{schedule.id}/fairness" in ada.get(f"/schedules/{schedule.id}").get_data(as_text=True)
    seen = text(ada, f"/schedules/{schedule.id}/fairness{WEEK}")
    assert "Mon 9 Nov to Sun 15 Nov 2026 · Europe/London" in seen
    assert "Ada had all of it." in seen
    assert "n = 1 person · Europe/London" in seen
    assert "276 weighted · 168 h" in seen


@pytest.mark.parametrize(
    "address", ["?from=x&to=y", "?from=2026-11-15&to=2026-11-09", "?from=1999-01-01&to=9999-12-31"]
)
def test_days_that_cannot_be_are_the_usual_13_weeks(
    world: World, schedule: Schedule, seen_by: SeenBy, address: str
) -> None:
    seen = text(seen_by(world.cast.ada), f"/schedules/{schedule.id}/fairness{address}")
    assert "Thu 13 Aug to Wed 11 Nov 2026" in seen


def test_the_file_for_pay_has_a_row_for_each_person_and_kind_and_no_formula(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    with transaction():
        world.cast.ada.name = "=cmd|' /C calc'!A0"
    answer = seen_by(world.cast.ben).get(f"/schedules/{schedule.id}/fairness.csv{WEEK}")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [(row["kind_of_hour"], row["hours"], row["weight"], row["weighted_hours"]) for row in rows] == [
        ("weekend", "48.0", "2", "96.0"), ("night", "50.0", "2", "100.0"), ("evening", "20.0", "1.5", "30.0"),
        ("day", "50.0", "1", "50.0"), ("backup", "168.0", "0", "0"),
    ]  # fmt: skip
    assert rows[0]["person"].startswith("'=")
    assert {row["time_zone"] for row in rows} == {"Europe/London"}


def test_weights_are_changed_by_who_may_edit_rotations(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    address = f"/schedules/{schedule.id}/fairness"
    mara, ada = seen_by(world.cast.mara), seen_by(world.cast.ada)
    typed = {
        "day": "1",
        "evening": "1,5",
        "night": "3",
        "weekend": "2",
        "holiday": "4",
        "holidays": "2026-11-10",
    }
    assert post(mara, address, typed, page=address).status_code == 303
    rules = fairness.rules_of(schedule.id)
    assert (rules.weights["night"], rules.weights["evening"], len(rules.holidays)) == (3, 1.5, 1)
    wrong = post(mara, address, typed | {"night": "heavy", "holidays": "25 Dec"}, page=address)
    assert wrong.status_code == 422
    assert "must be a number from 0 to 10" in wrong.get_data(as_text=True)
    assert "“25” is no day" in wrong.get_data(as_text=True)
    assert "What an hour weighs" in text(ada, address)
    assert 'name="night"' not in ada.get(address).get_data(as_text=True)
    assert fairness.rules_of(schedule.id) == rules


def test_a_schedule_that_is_not_there_is_not_found(world: World, seen_by: SeenBy) -> None:
    assert seen_by(world.cast.ada).get("/schedules/77/fairness").status_code == 404


def test_who_carries_most_is_said_against_an_equal_share(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    with transaction():
        cast = world.cast
        layer = layer_json("2026-01-05T09:00", [[cast.ada.id, cast.mara.id], [cast.ben.id]])
        db.session.merge(schedule).layers = [layer]
    seen = text(seen_by(world.cast.ada), f"/schedules/{schedule.id}/fairness{WEEK}")
    assert "carries most: " in seen
    assert "times an equal share." in seen
    assert "n = 2 people" in seen  # Mara only backs up


def test_an_administrator_weighs_hours_for_the_whole_organisation(
    world: World, schedule: Schedule, seen_by: SeenBy
) -> None:
    address = "/organisation/fairness"
    root, mara = seen_by(world.cast.root), seen_by(world.cast.mara)
    typed = {"day": "1", "evening": "1.5", "night": "2,5", "weekend": "2", "holiday": "3"}
    assert post(mara, address, typed, page="/me").status_code == 403
    wrong = post(root, address, typed | {"night": "-1"}, page=address)
    assert (wrong.status_code, "must be a number from 0 to 10" in wrong.text) == (422, True)
    assert post(root, address, typed, page=address).status_code == 303
    assert fairness.rules_of(schedule.id).weights["night"] == 2.5
    assert 'placeholder="2.5"' in mara.get(f"/schedules/{schedule.id}/fairness").text


def test_a_program_weighs_hours_for_the_whole_organisation(client: FlaskClient, world: World) -> None:
    root, ada = Api(client, world.cast.root), Api(client, world.cast.ada)
    assert_problem(ada.put("/fairness-weights", {"night": 3}), 403)
    assert_problem(root.put("/fairness-weights", {"night": 11}), 422, "#/weights/night")
    assert root.put("/fairness-weights", {"night": 3}).get_json()["night"] == 3
    assert ada.get("/fairness-weights").get_json() == {
        "holiday": 3, "weekend": 2, "night": 3, "evening": 1.5, "day": 1,
    }  # fmt: skip
