"""Page a person or a team by hand (feature 9): by whoever responds, once a press, and never as a weapon."""

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.alerts.models import Alert
from app.database import db, transaction
from app.domain.words import AlertStatus, Urgency
from app.people.models import User
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy
from tests.web.test_on_call import make_schedule

HERE = "/alerts/new"


def alerts() -> list[Alert]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Alert).order_by(Alert.id)))


def asked(client: FlaskClient, to: str, **changes: Any) -> Any:
    """Fill in the form as it stands, with its own key."""
    key = re.search(r'name="key" value="(\w+)"', client.get(HERE).text)
    assert key is not None
    fields = {"to": to, "title": "Lights are out", "severity": "critical", "key": key[1]} | changes
    return post(client, "/alerts", fields, page=HERE)


def test_a_person_is_paged_first_with_the_name_of_whoever_asks_then_the_policy_goes_on(
    world: World, seen_by: SeenBy
) -> None:
    client = seen_by(world.cast.ada)
    ben = world.cast.ben
    assert f'href="{HERE}?to=user:{ben.id}"' in client.get(f"/people/{ben.id}").text.replace("%3A", ":")
    assert f'href="{HERE}"' in client.get("/").text
    made = asked(client, f"user:{ben.id}", details="The whole floor.")
    assert (made.status_code, made.headers["Location"]) == (303, "/alerts/1")
    world.tick()
    assert world.paged() == ["Ben"]
    (page,) = world.pages()
    assert page.title == "Lights are out · Critical"
    assert page.body.startswith("Ada asks you. checkout-api since ")
    assert page.reason[0] == "Ada pages by hand about checkout-api"
    assert "Ada paged by hand" in client.get("/alerts/1").text
    world.acknowledge(ben)
    assert alerts()[0].status is AlertStatus.ACKNOWLEDGED
    world.forward(minutes=10)
    assert world.paged() == ["Ben"]


def test_9_whoever_is_on_call_stands_first_and_each_with_the_hour_where_they_are(
    world: World, seen_by: SeenBy
) -> None:
    with transaction():
        make_schedule(world.cast)
    shown = html.unescape(seen_by(world.cast.dan).get(HERE).text)
    choices = re.findall(r'<option value="((?:team|user):\d+)"[^>]*>([^<]+)<', shown)
    words = [said for _, said in choices]
    assert words[0] == "Payments: Ada is on call, 03:10 in London"
    assert words[1] == "Search: whoever its policy asks"
    assert words[2] == "Ada, on call, 03:10 in London"
    assert "Ben, 04:10 in Stockholm" in words
    assert not any(said.startswith("Dan") for said in words), "nobody pages themselves"


def test_9_a_team_is_paged_as_its_policy_says(world: World, seen_by: SeenBy) -> None:
    asked(seen_by(world.cast.dan), f"team:{world.cast.payments.id}")
    world.tick()
    world.forward(minutes=5)
    assert world.paged() == ["Ada", "Ben"]
    assert "Lights are out" in seen_by(world.cast.dan).get("/alerts/1").text, (
        "theirs to follow, of another team"
    )


def test_what_is_not_urgent_asks_once(world: World, seen_by: SeenBy) -> None:
    asked(seen_by(world.cast.mara), f"user:{world.cast.ada.id}", severity="warning")
    world.tick()
    world.forward(minutes=20)
    assert (world.paged(), alerts()[0].urgency) == (["Ada"], Urgency.LOW)


def test_a_second_press_of_the_same_button_pages_nobody_twice(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    for _ in range(2):
        made = asked(client, f"user:{world.cast.ben.id}", key="one-form")
        assert made.headers["Location"] == "/alerts/1"
    assert len(alerts()) == 1


def test_SEC38_ten_in_ten_minutes_are_enough(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    for _ in range(10):
        assert asked(client, f"user:{world.cast.ben.id}").status_code == 303
    refused = asked(client, f"user:{world.cast.ben.id}")
    assert refused.status_code == 429
    assert "10 pages by hand in 10 minutes are enough. The next one in 601 s." in refused.text
    program = Api(client, world.cast.ada)
    answer = program.post("/alerts", {"title": "x", "key": "x", "user_id": str(world.cast.ben.id)})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "601")
    world.clock.advance(minutes=10)
    assert asked(client, f"user:{world.cast.ben.id}").status_code == 303
    assert len(alerts()) == 11


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": " "}, "Say what is wrong"),
        ({"to": "user:" + "9" * 30}, "Choose a person or a team."),
        ({"to": ""}, "Choose a person or a team"),
        ({"to": "user:999"}, "Choose a person or a team"),
        ({"severity": "info"}, "Choose how urgent it is"),
        ({"service_id": "999"}, "Choose one of these"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(
    world: World, seen_by: SeenBy, changes: dict[str, Any], says: str
) -> None:
    answer = asked(seen_by(world.cast.ada), **({"to": f"user:{world.cast.ben.id}"} | changes))
    assert (answer.status_code, alerts()) == (422, [])
    assert says in answer.text


def test_who_only_looks_on_pages_nobody_and_is_paged_by_nobody(world: World, seen_by: SeenBy) -> None:
    eli = seen_by(world.cast.eli)
    assert eli.get(HERE).status_code == 403
    assert (
        post(eli, "/alerts", {"to": f"user:{world.cast.ada.id}", "title": "x"}, page="/me/profile").status_code
        == 403
    )
    assert "only look on" in asked(seen_by(world.cast.ada), f"user:{world.cast.eli.id}").text
    with transaction():
        db.session.get_one(User, world.cast.ben.id).is_active = False
    assert "have left" in asked(seen_by(world.cast.ada), f"user:{world.cast.ben.id}").text
    assert alerts() == []


def test_programs_page_by_hand_too(world: World, client: FlaskClient) -> None:
    program = Api(client, world.cast.ada)
    draft = {"title": "Lights are out", "key": "k-1", "team_id": str(world.cast.payments.id)}
    made = program.make("/alerts", draft)
    assert (made["raised_by"]["name"], made["integration"], made["service"]["name"]) == (
        "Ada",
        None,
        "checkout-api",
    )
    assert program.make("/alerts", draft)["id"] == made["id"]
    assert_problem(program.post("/alerts", draft | {"user_id": "1"}), 422, "#/user_id")
    assert_problem(program.post("/alerts", draft | {"key": "2", "team_id": "999"}), 422, "#/team_id")
    assert_problem(program.post("/alerts", draft | {"key": "2", "title": " "}), 422, "#/title")
