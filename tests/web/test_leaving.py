"""Letting somebody go: by the guided page, by a program and at the command line, each saying the same."""

import json
import threading

import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.words import Role
from app.people.models import User
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post, visit
from tests.support.world import World
from tests.web.conftest import SeenBy

PAGE = "/people/1/departure"
PLACES = ("steps:1", "service:1")


@pytest.fixture
def held(world: World) -> World:
    """Ada is asked by the first step, and owns the service."""
    with transaction():
        db.session.merge(world.cast.checkout).owner_id = world.cast.ada.id
    return world


def ada(world: World) -> User:
    db.session.rollback()
    return db.session.get_one(User, world.cast.ada.id)


def test_the_page_lists_every_place_and_refuses_until_each_has_a_choice(held: World, seen_by: SeenBy) -> None:
    root = seen_by(held.cast.root)
    page = root.get(PAGE).text
    assert "Is paged by Payments critical, step 1" in page
    assert "Owns checkout-api" in page
    half = post(root, PAGE, {"to.steps:1": held.cast.ben.id, "to.service:1": ""}, page=PAGE)
    assert half.status_code == 409
    assert "Choose who takes it over." in half.text
    assert ada(held).is_active


def test_handed_over_by_the_page(held: World, seen_by: SeenBy) -> None:
    root = seen_by(held.cast.root)
    answer = post(root, PAGE, {"to.steps:1": held.cast.ben.id, "to.service:1": "ends"}, page=PAGE)
    assert answer.status_code == 303
    assert not ada(held).is_active
    page = root.get(answer.location).text
    assert "Ada has left. 2 places were handed over." in page
    again = post(root, PAGE, {}, page=answer.location)
    assert again.status_code == 303
    assert "has left already" in root.get(PAGE).text


def test_one_choice_fills_in_all(held: World, seen_by: SeenBy) -> None:
    page = seen_by(held.cast.root).get(f"{PAGE}?to={held.cast.ben.id}").text
    assert page.count(f'<option value="{held.cast.ben.id}" selected>') == 3


@pytest.mark.parametrize("said", ["x", "-1", "99999999999", "7777", "ends "])
def test_nonsense_is_no_choice(held: World, seen_by: SeenBy, said: str) -> None:
    answer = post(seen_by(held.cast.root), PAGE, dict.fromkeys(("to.steps:1", "to.service:1"), said), page=PAGE)
    assert answer.status_code in (409, 422)
    assert ada(held).is_active


@pytest.mark.parametrize("who", ["ada", "mara", "eli"])
def test_only_administrators_let_people_go(app: APIFlask, held: World, seen_by: SeenBy, who: str) -> None:
    client = seen_by(getattr(held.cast, who))
    assert client.get(PAGE).status_code == 403
    for address in (PAGE, "/people/1/erasure"):
        assert post(client, address, {"name": "Ada"}, page="/me").status_code == 403
    assert ada(held).is_active


def test_forgetting_asks_for_the_name_and_needs_somebody_who_has_left(held: World, seen_by: SeenBy) -> None:
    root = seen_by(held.cast.root)
    assert post(root, "/people/1/erasure", {"name": "Ada"}, page=PAGE).status_code == 409
    post(root, PAGE, {"to.steps:1": held.cast.ben.id, "to.service:1": "ends"}, page=PAGE)
    post(root, "/people/1/erasure", {"name": "Adam"}, page="/people/1")
    assert ada(held).name == "Ada"
    post(root, "/people/1/erasure", {"name": "Ada"}, page="/people/1")
    assert ada(held).name == "Former member 1"
    assert root.get("/people/1").status_code == 404
    assert root.get(PAGE).status_code == 404


def test_a_program_is_told_the_same_and_does_the_same(app: APIFlask, held: World) -> None:
    root = Api(app.test_client(), held.cast.root)
    listed = root.get("/users/1/duties").get_json()["items"]
    assert [duty["key"] for duty in listed] == list(PLACES)
    for refused in (root.delete("/users/1"), root.patch("/users/1", {"is_active": False})):
        assert_problem(refused, 409, "#/hand_over/service:1")
    assert_problem(
        root.post("/users/1/departure", {"hand_over": {"steps:1": None}}), 409, "#/hand_over/service:1"
    )
    ben = str(held.cast.ben.id)
    done = root.post("/users/1/departure", {"everything_to": ben, "hand_over": {"service:1": None}})
    assert done.status_code == 204
    assert not ada(held).is_active
    assert root.post("/users/1/erasure", {}).status_code == 204
    assert ada(held).forgotten_at is not None
    assert_problem(root.patch("/users/1", {"is_active": True}), 404)


def test_a_program_of_somebody_else_may_not(app: APIFlask, held: World) -> None:
    mara = Api(app.test_client(), held.cast.mara)
    for answer in (
        mara.get("/users/1/duties"), mara.post("/users/1/departure", {}), mara.post("/users/1/erasure", {}),
    ):  # fmt: skip
        assert answer.status_code == 403


def test_two_administrators_who_let_each_other_go_at_once_leave_one(app: APIFlask, world: World) -> None:
    with transaction():
        db.session.merge(world.cast.mara).role = Role.ADMINISTRATOR
        db.session.merge(world.cast.payments).manager_id = None
    pair = {"root": world.cast.mara.id, "mara": world.cast.root.id}
    programs = {name: Api(app.test_client(), getattr(world.cast, name)) for name in pair}
    answers: dict[str, int] = {}
    at_once = threading.Barrier(2)

    def go(name: str) -> None:
        with app.app_context():
            at_once.wait()
            answers[name] = programs[name].post(f"/users/{pair[name]}/departure", {}).status_code

    threads = [threading.Thread(target=go, args=[name]) for name in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    left = [db.session.get_one(User, number).is_active for number in pair.values()]
    assert sorted(left) == [False, True], answers


def test_ones_own_data_is_a_file_of_ones_own(app: APIFlask, world: World) -> None:
    answer = visit(app, world.cast.ada, "/me/data")
    assert "attachment" in answer.headers["Content-Disposition"]
    found = json.loads(answer.text)
    assert found["person"]["email"] == "ada@nightbell.example"
    assert "ben@" not in answer.text
    assert visit(app, None, "/me/data").status_code == 303
