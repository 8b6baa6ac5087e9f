"""Tasks inside an incident: added, given away, done, and kept when it closes."""

from datetime import timedelta

import sqlalchemy as sa
from flask.testing import FlaskClient

from app.database import db, transaction
from app.incidents import queries
from app.people.models import Team
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"


def test_a_task_is_added_with_owner_and_hour_done_once_and_opened_again(
    declared: World, seen_by: SeenBy
) -> None:
    ada, ben = seen_by(declared.cast.ada), seen_by(declared.cast.ben)
    due = (declared.now + timedelta(minutes=30)).isoformat()
    said = {"text": "Call <the> bank", "owner_id": str(declared.cast.ben.id), "due_at": due}
    assert post(ada, f"{SCREEN}/tasks", said, page=SCREEN).status_code == 303
    page = ada.get(SCREEN).text
    for words in ("Call &lt;the&gt; bank", "1 open", "Ben · due", "Ada added a task for Ben"):
        assert words in page, words
    assert "Your task: Call" in ben.get("/me/notices").text
    declared.clock.moment += timedelta(hours=1)
    assert "Ben · 30 min late" in ada.get(SCREEN).text
    for _ in range(2):
        assert post(ben, f"{SCREEN}/tasks/1/completion", {}, page=SCREEN).status_code == 303
    page = ada.get(SCREEN).text
    assert page.count("Ben did a task") == 1
    assert "Done by Ben" in page
    assert "0 open" in page
    post(ada, f"{SCREEN}/tasks/1/completion", {"done": "no"}, page=SCREEN)
    assert "Ada opened a task again" in ada.get(SCREEN).text
    said = {"text": "Call the bank", "owner_id": "", "due_at": ""}
    assert post(ada, f"{SCREEN}/tasks/1", said, page=f"{SCREEN}/tasks/1").status_code == 303
    assert "nobody has it yet" in ada.get(SCREEN).text


def test_a_task_is_given_to_a_team_and_who_is_on_call_there_is_told(declared: World, seen_by: SeenBy) -> None:
    cast = declared.cast
    ada, dan = seen_by(cast.ada), seen_by(cast.dan)
    search = {"text": "Warm the index", "owner_id": f"team-{cast.search.id}"}
    assert f'value="team-{cast.search.id}">Team Search' in ada.get(SCREEN).text
    assert post(dan, f"{SCREEN}/notes", {"text": "x"}, page="/me/security").status_code == 403
    assert post(ada, f"{SCREEN}/tasks", search, page=SCREEN).status_code == 303
    page = ada.get(SCREEN).text
    for words in ("Warm the index", "Team Search", "Ada added a task for Search"):
        assert words in page, words
    told = dan.get("/me/notices").text
    assert "A task of Search: Warm the index" in told
    assert "A task of Search" not in seen_by(cast.ben).get("/me/notices").text
    # it is theirs to work on now; who takes it alone has it instead of the team
    form = dan.get(f"{SCREEN}/tasks/1").text
    assert f'value="team-{cast.search.id}" selected' in form
    taken = {"text": "Warm the index", "owner_id": str(cast.dan.id)}
    assert post(dan, f"{SCREEN}/tasks/1", taken, page=f"{SCREEN}/tasks/1").status_code == 303
    assert "Team Search" not in ada.get(f"{SCREEN}/tasks/1").text.partition("<select")[0]
    for wrong in ("team-999", "team-", "team-x", f"{cast.search.id}-team"):
        refused = post(ada, f"{SCREEN}/tasks", search | {"owner_id": wrong}, page=SCREEN)
        assert (refused.status_code, "Choose somebody of this list." in refused.text) == (422, True), wrong


def test_a_supporting_team_finds_its_own_tasks_in_its_part(declared: World, seen_by: SeenBy) -> None:
    cast = declared.cast
    ada = seen_by(cast.ada)
    post(ada, f"{SCREEN}/people", {"team": cast.search.id}, page=SCREEN)
    post(ada, f"{SCREEN}/tasks", {"text": "Warm it", "owner_id": f"team-{cast.search.id}"}, page=SCREEN)
    part = seen_by(cast.dan).get(SCREEN).text.partition('id="teams"')[2][:3000]
    assert "Warm it" in part


def test_a_team_that_has_a_task_cannot_be_removed_and_it_says_why(declared: World, seen_by: SeenBy) -> None:
    root = seen_by(declared.cast.root)
    post(root, "/teams", {"name": "Fleeting"}, page="/teams")
    team = db.session.scalars(sa.select(Team).where(Team.name == "Fleeting")).one().id
    given = {"text": "Look", "owner_id": f"team-{team}"}
    post(seen_by(declared.cast.ada), f"{SCREEN}/tasks", given, page=SCREEN)
    refused = post(root, f"/teams/{team}/removal", {}, page="/me/security")
    assert (refused.status_code, "Fleeting stands in incidents, tasks" in refused.text) == (409, True)


def test_of_a_restricted_incident_a_team_outside_is_told_nothing(declared: World, seen_by: SeenBy) -> None:
    ada = seen_by(declared.cast.ada)
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        incident.is_restricted = True
    given = {"text": "Hush", "owner_id": f"team-{declared.cast.search.id}"}
    assert post(ada, f"{SCREEN}/tasks", given, page=SCREEN).status_code == 303
    dan = seen_by(declared.cast.dan)
    assert "Hush" not in dan.get("/me/notices").text
    assert dan.get(SCREEN).status_code == 404


def test_programs_give_a_task_to_a_team_or_a_person_not_both(declared: World, client: FlaskClient) -> None:
    ada, cast = Api(client, declared.cast.ada), declared.cast
    path, team, ben = "/incidents/1/tasks", str(declared.cast.search.id), str(declared.cast.ben.id)
    made = ada.make(path, {"text": "Look", "team_id": team})
    assert (made["owner"], made["team"]) == (None, {"id": team, "name": "Search"})
    one = f"{path}/{made['id']}"
    assert ada.patch(one, {"text": "Look twice"}).get_json()["team"]["id"] == team
    assert ada.patch(one, {"owner_id": None}).get_json()["team"]["id"] == team  # no person had it
    changed = ada.patch(one, {"owner_id": ben}).get_json()
    assert (changed["owner"]["name"], changed["team"]) == (cast.ben.name, None)
    assert ada.patch(one, {"team_id": team}).get_json()["owner"] is None
    assert ada.patch(one, {"team_id": None}).get_json()["team"] is None
    assert_problem(ada.patch(one, {"owner_id": ben, "team_id": team}), 422)
    assert_problem(ada.post(path, {"text": "x", "owner_id": ben, "team_id": team}), 422)
    assert_problem(ada.post(path, {"text": "x", "team_id": "999"}), 422)


def test_bad_tasks_and_the_wrong_person(declared: World, seen_by: SeenBy) -> None:
    ada, cast = seen_by(declared.cast.ada), declared.cast
    wrong: list[tuple[dict[str, str], str]] = [
        ({"text": " "}, "Say what is to be done."),
        ({"text": "Keep me", "owner_id": str(cast.eli.id)}, "only looks on"),
        ({"text": "Keep me", "owner_id": "999"}, "Choose somebody of this list."),
        ({"text": "Keep me", "due_at": "soon"}, "Give a day and an hour"),
    ]
    for said, sentence in wrong:
        refused = post(ada, f"{SCREEN}/tasks", said, page=SCREEN)
        assert refused.status_code == 422
        assert sentence in refused.text
        assert said["text"].strip() in refused.text
    assert ada.get(f"{SCREEN}/tasks/9").status_code == 404
    assert post(ada, f"{SCREEN}/tasks/9/completion", {}, page=SCREEN).status_code == 404
    for person in (cast.dan, cast.eli):  # of another team; who only looks on
        other = seen_by(person)
        assert post(other, f"{SCREEN}/tasks", {"text": "x"}, page="/me/security").status_code == 403


def test_closing_with_open_tasks_names_them_and_keeps_them_as_follow_ups_when_one_says_so(
    declared: World, seen_by: SeenBy
) -> None:
    ada = seen_by(declared.cast.ada)
    post(ada, f"{SCREEN}/tasks", {"text": "Write to the bank"}, page=SCREEN)
    post(ada, f"{SCREEN}/resolution", {}, page=SCREEN)
    assert "They stay open as follow-ups" in ada.get(SCREEN).text
    refused = post(ada, f"{SCREEN}/closure", {}, page=SCREEN)
    assert refused.status_code == 409
    assert "1 task is still open: Write to the bank" in refused.text
    assert post(ada, f"{SCREEN}/closure", {"keep_tasks": "yes"}, page=SCREEN).status_code == 303
    page = ada.get(SCREEN).text
    assert "Ada closed it with 1 task still open" in page
    assert post(ada, f"{SCREEN}/tasks/1/completion", {}, page=SCREEN).status_code == 303
    assert "Done by Ada" in ada.get(SCREEN).text


def test_programs_hand_out_tasks(declared: World, client: FlaskClient) -> None:
    ada, dan = Api(client, declared.cast.ada), Api(client, declared.cast.dan)
    path = "/incidents/1/tasks"
    made = ada.make(path, {"text": "Look", "owner_id": str(declared.cast.ben.id)})
    assert made["owner"]["name"] == "Ben"
    changed = ada.patch(f"{path}/{made['id']}", {"owner_id": None}).get_json()
    assert (changed["text"], changed["owner"]) == ("Look", None)
    assert_problem(ada.post(path, {"text": ""}), 422)
    assert_problem(ada.post(path, {"text": "x", "owner_id": str(declared.cast.eli.id)}), 422)
    assert_problem(dan.post(path, {"text": "x"}), 403)
    assert_problem(ada.post(f"{path}/9/completion"), 404)
    ada.post("/incidents/1/resolution", {})
    assert_problem(ada.post("/incidents/1/closure"), 409)
    assert ada.post("/incidents/1/closure", {"keep_tasks": True}).get_json()["status"] == "closed"
    done = ada.post(f"{path}/{made['id']}/completion").get_json()
    assert done["done_by"]["name"] == "Ada"
    assert ada.delete(f"{path}/{made['id']}/completion").get_json()["done_at"] is None
    assert [each["text"] for each in ada.get(path).get_json()["items"]] == ["Look"]
