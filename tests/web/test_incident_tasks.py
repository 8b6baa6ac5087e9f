"""Tasks inside an incident: added, given away, done, and kept when it closes."""

from datetime import timedelta

from flask.testing import FlaskClient

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
