"""Two people change the same thing of an incident: the second is told what changed, and loses no word."""

from datetime import timedelta

from flask.testing import FlaskClient

from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"


def test_a_stale_form_saves_nothing_shows_what_changed_and_keeps_what_was_typed(
    declared: World, seen_by: SeenBy
) -> None:
    ada, ben = seen_by(declared.cast.ada), seen_by(declared.cast.ben)
    post(ben, f"{SCREEN}/impact", {"impact": "Half of <Sweden>", "seen": ""}, page=SCREEN)
    mine = {"impact": "A third\r\nof Norway", "seen": ""}
    refused = post(ada, f"{SCREEN}/impact", mine, page=SCREEN)
    assert refused.status_code == 409
    for words in ("Ben changed it meanwhile", "Half of &lt;Sweden&gt;", "of Norway</textarea>"):
        assert words in refused.text, words
    assert "Half of &lt;Sweden&gt;" in ada.get(SCREEN).text
    again = mine | {"seen": "Half of <Sweden>"}
    assert post(ada, f"{SCREEN}/impact", again, page=SCREEN).status_code == 303
    assert "of Norway" in ada.get(SCREEN).text
    # a second tap of the same words is no change
    assert post(ada, f"{SCREEN}/impact", again, page=SCREEN).status_code == 303


def test_severity_and_detection_are_held_to_what_the_form_had_seen(declared: World, seen_by: SeenBy) -> None:
    ada, ben = seen_by(declared.cast.ada), seen_by(declared.cast.ben)
    assert 'name="seen" value="sev1"' in ada.get(SCREEN).text
    assert post(ben, f"{SCREEN}/severity", {"severity": "sev3", "seen": "sev1"}, page=SCREEN).status_code == 303
    refused = post(ada, f"{SCREEN}/severity", {"severity": "sev2", "seen": "sev1"}, page=SCREEN)
    assert refused.status_code == 409
    assert '<dd class="steps">SEV3</dd>' in refused.text
    assert 'name="severity" value="sev2"' in refused.text
    earlier = (declared.now - timedelta(minutes=9)).strftime("%Y-%m-%dT%H:%M")
    said = {"detected_at": earlier, "because": "the graph & me", "seen": "2020-01-01T00:00"}
    refused = post(ada, f"{SCREEN}/detection", said, page=SCREEN)
    assert refused.status_code == 409
    assert 'name="because" value="the graph &amp; me"' in refused.text


def test_a_task_that_changed_meanwhile_is_not_written_over(declared: World, seen_by: SeenBy) -> None:
    ada, ben = seen_by(declared.cast.ada), seen_by(declared.cast.ben)
    post(ada, f"{SCREEN}/tasks", {"text": "Call the bank"}, page=SCREEN)
    page = ada.get(f"{SCREEN}/tasks/1").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    for person, words, status in ((ben, "Write to the bank", 303), (ada, "Visit the bank", 409)):
        answer = post(person, f"{SCREEN}/tasks/1", {"text": words, "seen": seen}, page=SCREEN)
        assert answer.status_code == status
    assert "Write to the bank" in answer.text
    assert 'value="Visit the bank"' in answer.text


def test_a_program_that_read_an_older_task_is_told_so(declared: World, client: FlaskClient) -> None:
    ada = Api(client, declared.cast.ada)
    path = f"/incidents/1/tasks/{ada.make('/incidents/1/tasks', {'text': 'Call the bank'})['id']}"
    first = {"If-Match": ada.get(path).headers["ETag"]}
    changed = ada.patch(path, {"text": "Write to the bank"}, headers=first)
    assert changed.status_code == 200
    assert_problem(ada.patch(path, {"text": "Visit the bank"}, headers=first), 412)
    assert ada.get(path).get_json()["text"] == "Write to the bank"
    assert changed.headers["ETag"] == ada.get(path).headers["ETag"] != first["If-Match"]
    assert_problem(ada.get("/incidents/1/tasks/9"), 404)


def test_a_program_that_read_an_older_incident_is_told_so(declared: World, client: FlaskClient) -> None:
    ada = Api(client, declared.cast.ada)
    first = ada.get("/incidents/1").headers["ETag"]
    changed = ada.patch("/incidents/1", {"impact": "Many"}, headers={"If-Match": first})
    assert changed.status_code == 200
    assert_problem(ada.patch("/incidents/1", {"severity": "sev2"}, headers={"If-Match": first}), 412)
    assert ada.get("/incidents/1").get_json()["severity"] == "sev1"
    now = changed.headers["ETag"]
    assert now == ada.get("/incidents/1").headers["ETag"] != first
    assert ada.patch("/incidents/1", {"severity": "sev2"}, headers={"If-Match": now}).status_code == 200
    assert ada.patch("/incidents/1", {"severity": "sev3"}).status_code == 200
