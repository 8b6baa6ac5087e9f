"""Who leads and who is in it, by form and by program."""

import pytest
from flask.testing import FlaskClient

from app.database import db, transaction
from app.incidents.models import Incident
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"


@pytest.fixture
def declared(declared: World) -> World:
    """Ada has commanded incident 1 for half a minute."""
    declared.clock.advance(seconds=30)
    return declared


def do(client: FlaskClient, path: str, *, status: int = 303, **fields: object) -> str:
    answer = post(client, f"{SCREEN}/{path}", dict(fields), page=SCREEN)
    assert answer.status_code == status, answer.text
    return client.get(answer.location).text if status == 303 else answer.text


def nobody_leads() -> None:
    with transaction():
        incident = db.session.get_one(Incident, 1)
        incident.commander_id = incident.commander_since = None


def test_S39_nobody_leads_yet_has_one_button_and_the_second_to_press_hears_who_has_it(
    declared: World, seen_by: SeenBy
) -> None:
    nobody_leads()
    ben, cleo = seen_by(declared.cast.ben), seen_by(declared.cast.cleo)
    page = cleo.get(SCREEN).text
    assert "Nobody leads yet" in page
    assert "Lead it" in page
    assert "Lead it" not in seen_by(declared.cast.eli).get(SCREEN).text
    assert "Ben took command" in do(ben, "command")
    declared.clock.advance(seconds=3)
    assert "Ben took command 3 s ago. Ask for a handover" in do(cleo, "command", status=409)
    seen = {"user_id": declared.cast.cleo.id, "instead_of": ""}
    assert "Ben took command 3 s ago. Look again" in do(cleo, "commander", status=409, **seen)
    assert "Choose who takes command." in do(cleo, "commander", status=409, user_id=999)


def test_S24_people_are_asked_in_answer_and_are_shown_with_their_local_time(
    declared: World, seen_by: SeenBy
) -> None:
    ada, ben = seen_by(declared.cast.ada), seen_by(declared.cast.ben)
    page = do(ada, "people", user_id=declared.cast.ben.id, role="scribe")
    assert "Ben is asked." in page
    assert "Scribe · asked 03:10 · 04:10 in Stockholm" in page
    assert "Ada asks you to help." in ben.get(SCREEN).text
    assert "Declined." in do(ben, "answer", answer="decline")
    assert "Ben cannot come" in do(ben, "answer", answer="join")
    assert "Responder · there since" in ada.get(SCREEN).text
    assert "Ben is communications now." in do(ada, "roles", user_id=declared.cast.ben.id, role="communications")
    assert "Search supports it. 0 people asked." in do(ada, "people", team=declared.cast.search.id)


def test_what_cannot_be_done_is_said_in_words(declared: World, seen_by: SeenBy) -> None:
    ada = seen_by(declared.cast.ada)
    for path, fields, says in (
        ("people", {}, "Choose a team or a person."), ("people", {"team": 99}, "Choose a team or a person."),
        ("people", {"user_id": declared.cast.eli.id}, "only looks on"),
        ("roles", {"user_id": declared.cast.ada.id, "role": "king"}, "Choose a role"),
        ("answer", {"answer": "perhaps"}, "Say whether you come."),
        ("answer", {"answer": "leave"}, "Hand it over"),
    ):  # fmt: skip
        assert says in do(ada, path, status=409, **fields), path
    for path in ("command", "commander", "people", "roles", "answer"):
        fields = {"user_id": 1, "answer": "join"}
        assert post(seen_by(declared.cast.dan), f"{SCREEN}/{path}", fields, page="/me").status_code == 403, path


def test_S35_programs_hand_over_from_whom_they_saw_and_ask_people_in(
    declared: World, client: FlaskClient
) -> None:
    cast, ada = declared.cast, Api(client, declared.cast.ada)
    path, ids = "/incidents/1", {name: str(getattr(cast, name).id) for name in ("ada", "ben", "cleo")}
    made = ada.put(f"{path}/commander", {"user_id": ids["cleo"], "instead_of": ids["ada"]})
    assert made.get_json()["commander"]["name"] == "Cleo"
    late = ada.put(f"{path}/commander", {"user_id": ids["ben"], "instead_of": None})
    assert (late.status_code, "Cleo took command 0 s ago" in late.get_json()["detail"]) == (409, True)
    asked = ada.post(f"{path}/people", {"user_id": ids["ben"], "role": "expert"}).get_json()
    assert [(m["name"], m["role"], m["attendance"]) for m in asked["members"]][-1] == ("Ben", "expert", "asked")
    given = ada.put(f"{path}/people/{ids['ben']}", {"role": "scribe"}).get_json()["members"]
    assert given[-1]["role"] == "scribe"
    supported = ada.post(f"{path}/teams", {"team_id": str(cast.search.id)}).get_json()
    assert [team["name"] for team in supported["supporting_teams"]] == ["Search"]
    ben = Api(client, cast.ben)
    assert ben.post(f"{path}/answer", {"answer": "asked"}).status_code == 409
    assert ben.post(f"{path}/answer", {"answer": "joined"}).get_json()["members"][-1]["attendance"] == "joined"
    assert Api(client, cast.eli).post(f"{path}/answer", {"answer": "joined"}).status_code == 403


def test_L_INC_05_a_supporting_team_finds_its_own_part_first(declared: World, seen_by: SeenBy) -> None:
    cast = declared.cast
    ada, dan = seen_by(cast.ada), seen_by(cast.dan)
    assert 'id="teams"' not in ada.get(SCREEN).text  # one team is all of it
    do(ada, "people", team=cast.search.id)
    do(ada, "people", user_id=cast.dan.id)
    do(ada, "tasks", text="Warm the index", owner_id=cast.dan.id)
    do(ada, "tasks", text="Call the bank", owner_id=cast.ben.id)
    do(dan, "answer", answer="join")

    def parts(client: FlaskClient) -> list[tuple[str, str]]:
        page = client.get(SCREEN).text
        card = page[page.index('id="teams"') :].partition("</section>")[0]
        named = [row.partition("</h3>") for row in card.split("<h3>")[1:]]
        return [(name, rest) for name, _, rest in named]

    (mine, has), (theirs, others) = parts(dan)
    assert (mine, theirs) == ("Search (your part)", "Payments")
    for words, is_there in (
        ("Dan", True),
        ("Warm the index", True),
        ("Call the bank", False),
        ("open alert", False),
    ):
        assert (words in has) is is_there, words
    for words, is_there in (("Ada", True), ("Call the bank", True), ("Warm the index", False)):
        assert (words in others) is is_there, words
    assert [name for name, _ in parts(ada)] == ["Payments (your part)", "Search"]
    assert "1 open alert" in parts(ada)[0][1]
    do(dan, "tasks/1/completion")
    assert "No open task" in parts(dan)[0][1]
