"""A postmortem through a browser and the API: opened, written, read, and refused to the wrong person."""

import re
from datetime import UTC

import pandas as pd
import pytest
from flask.testing import FlaskClient

from analytics import frames
from analytics.reports import one_incident
from app.database import db, transaction
from app.engine.learning import open_postmortems
from app.incidents.models import Incident
from app.learning import figures
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"
PAGE = "/postmortems/1"
CAUSE = f"{PAGE}/parts/cause"


@pytest.fixture
def over(world: World, seen_by: SeenBy) -> World:
    """Incident 1 is resolved, and its postmortem is open."""
    world.fire()
    world.tick()
    world.promote(world.cast.ada)
    world.clock.advance(minutes=58)
    post(seen_by(world.cast.ada), f"{SCREEN}/resolution", {"resolution": "Rolled back"}, page=SCREEN)
    open_postmortems()
    return world


def test_S57_S64_it_is_reached_from_its_incident_and_written_until_people_read_it(
    over: World, seen_by: SeenBy
) -> None:
    ada, eli = seen_by(over.cast.ada), seen_by(over.cast.eli)
    assert "Postmortem, draft" in ada.get(SCREEN).text
    assert "Your postmortem: Checkout" in ada.get("/me/notices").text
    page = ada.get(PAGE).text
    for words in (
        "Owns it",
        "What happened",
        "Rolled back",
        "To be written: What caused it, What will stop it",
    ):
        assert words in page, words
    assert eli.get(PAGE).status_code == 404  # whoever only looks on reads it when it is published
    refused = post(ada, f"{PAGE}/publication", {}, page=PAGE)
    assert refused.status_code == 409
    assert "Write “What caused it” and “What will stop it” first." in refused.text
    for part, text in (("cause", "A **unit** in ms."), ("prevention", "A test of units.")):
        where = f"{PAGE}/parts/{part}"
        assert post(ada, where, {"text": text, "seen": "1"}, page=where).status_code == 303
    post(ada, f"{PAGE}/review", {}, page=PAGE)
    assert post(ada, f"{PAGE}/publication", {}, page=PAGE).status_code == 303
    read = eli.get(PAGE).text
    assert "<strong>unit</strong>" in read
    assert "Ada published the postmortem" in ada.get(SCREEN).text
    assert "Checkout errors" in eli.get("/postmortems").text


def test_what_is_typed_is_saved_at_a_pause_seen_as_it_reads_and_both_words_are_kept(
    over: World, seen_by: SeenBy
) -> None:
    ada, ben = seen_by(over.cast.ada), seen_by(over.cast.ben)
    looked = post(ada, CAUSE, {"text": "*Not yet*", "seen": "1", "act": "look"}, page=CAUSE).text
    assert "<em>Not yet</em>" in looked
    assert "Not saved yet." in looked
    assert "Nothing yet." in ada.get(CAUSE).text
    paused = post(ada, CAUSE, {"text": "Ada should have known", "seen": "1", "act": "pause"}, page=CAUSE)
    assert paused.status_code == 200
    assert 'name="seen" value="2"' in paused.text
    assert "should have" in paused.text.partition("Words that look for somebody")[2]
    both = post(ben, CAUSE, {"text": "A library", "seen": "1"}, page=CAUSE)
    assert both.status_code == 409
    for words in (
        "Ada changed the same paragraph",
        "nothing of yours is lost",
        "Ada should have known\nA library",
    ):
        assert words in both.text, words
    assert post(ben, CAUSE, {"text": "A library", "seen": "2"}, page=CAUSE).status_code == 303
    versions = ben.get(f"{CAUSE}/versions").text
    assert "Ada should have known" in versions
    assert "Version 3" in versions


def test_S68_the_chronology_keeps_its_source_and_takes_other_words(over: World, seen_by: SeenBy) -> None:
    ada, where = seen_by(over.cast.ada), f"{PAGE}/chronology"
    page = ada.get(PAGE).text
    assert "Ada declared the incident" in page
    assert 'href="/incidents/1/timeline/' in page
    assert (
        post(ada, f"{PAGE}/lines/1", {"words": "Errors <rose>", "seen": ""}, page=f"{PAGE}/lines/1").status_code
        == 303
    )
    stale = post(ada, f"{PAGE}/lines/1", {"words": "Mine", "seen": ""}, page=f"{PAGE}/lines/1")
    assert stale.status_code == 409
    page = ada.get(PAGE).text
    assert "Errors &lt;rose&gt;" in page
    assert "Reworded; the source" in page
    post(ada, f"{PAGE}/lines", {"when": "2026-11-12T03:00", "words": "A customer called"}, page=PAGE)
    assert "A customer called" in ada.get(PAGE).text
    assert post(ada, f"{PAGE}/lines", {"when": "soon", "words": "x"}, page=PAGE).status_code == 409
    shown = re.findall(r'name="shown" value="(\d+)"', ada.get(where).text)
    post(ada, where, {"shown": shown, "entry": []}, page=where)
    assert "Ada declared the incident" not in ada.get(PAGE).text.partition('id="chronology"')[2]


def test_who_was_paged_and_whether_the_phone_rang_stand_there(over: World, seen_by: SeenBy) -> None:
    page = seen_by(over.cast.ada).get(PAGE).text.partition("whether it rang")[2]
    assert "Ada" in page
    assert "Reached no device" in page or "Shown on" in page or "Taken by the push service" in page


def test_S69_the_figure_is_the_notebooks_number_for_number(over: World, seen_by: SeenBy) -> None:
    page = seen_by(over.cast.ada).get(PAGE).text
    kept = figures.count(1, at=over.now)
    with transaction():
        tables = frames.everything(db.session.connection())
    scope = figures.scope_of(tables, over.now.astimezone(UTC))
    report = one_incident(tables, scope, "1")
    assert kept["rows"] == [[str(word) for word in line] for line in report["phases"].table.to_numpy()]
    assert report.answer.replace("&", "&amp;") in page.replace("\N{NO-BREAK SPACE}", " ")
    drawn = seen_by(over.cast.ada).get(f"{PAGE}/figures?theme=dark").get_json()
    assert drawn["phases"]["data"]
    assert isinstance(report["phases"].table, pd.DataFrame)


def test_an_incident_reopened_after_publishing_says_so_and_loses_nothing(over: World, seen_by: SeenBy) -> None:
    ada, eli = seen_by(over.cast.ada), seen_by(over.cast.eli)
    for part in ("cause", "prevention"):
        post(ada, f"{PAGE}/parts/{part}", {"text": "A unit.", "seen": "1"}, page=f"{PAGE}/parts/{part}")
    post(ada, f"{PAGE}/publication", {}, page=PAGE)
    over.clock.advance(minutes=5)
    post(ada, f"{SCREEN}/reopening", {}, page=SCREEN)
    for reader in (ada, eli):
        assert "was reopened and goes on" in reader.get(PAGE).text
    over.clock.advance(minutes=5)
    post(ada, f"{SCREEN}/resolution", {}, page=SCREEN)
    page = ada.get(PAGE).text
    assert "was resolved again" in page
    assert "A unit." in page
    assert "Published" in page
    post(ada, f"{PAGE}/publication", {"publish": "no"}, page=PAGE)  # revised: nobody begins anew
    assert "A unit." in ada.get(CAUSE).text
    assert eli.get(PAGE).status_code == 404
    post(ada, f"{PAGE}/publication", {}, page=PAGE)
    page = eli.get(PAGE).text
    assert "A unit." in page
    assert "was resolved again" not in page  # whoever published it has looked again


def test_bad_input_and_the_wrong_person(over: World, seen_by: SeenBy) -> None:
    ada, dan, eli = (seen_by(each) for each in (over.cast.ada, over.cast.dan, over.cast.eli))
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://evil.example/p.png)"
    post(ada, CAUSE, {"text": hostile, "seen": "1"}, page=CAUSE)
    page = ada.get(PAGE).text
    for word in ("<script>alert", 'javascript:alert(1)"', "<img"):
        assert word not in page.partition("<main")[2], word
    assert ada.get(f"{PAGE}/parts/nonsense").status_code == 404
    assert ada.get("/postmortems/9").status_code == 404
    assert ada.get(f"{PAGE}/lines/999").status_code == 404
    too_long = post(ada, CAUSE, {"text": "x" * 50_001, "seen": "2"}, page=CAUSE)
    assert too_long.status_code == 422
    assert "50,000" in too_long.text
    refused = post(ada, f"{PAGE}/owner", {"owner_id": str(over.cast.eli.id)}, page=PAGE)
    assert refused.status_code == 422
    assert post(ada, f"{PAGE}/comments", {"text": " "}, page=PAGE).status_code == 409
    for path in (CAUSE, f"{PAGE}/review", f"{PAGE}/publication", f"{PAGE}/lines", f"{PAGE}/chronology"):
        assert (
            post(
                dan, path, {"text": "x", "words": "x", "when": "2026-11-12T03:00"}, page="/me/security"
            ).status_code
            == 403
        )
        assert post(eli, path, {"text": "x"}, page="/me/security").status_code == 403
    assert eli.get("/organisation/postmortems").status_code == 403


def test_a_restricted_incidents_postmortem_is_nothing_to_whoever_is_not_in_it(
    over: World, seen_by: SeenBy
) -> None:
    with transaction():
        db.session.get_one(Incident, 1).is_restricted = True
    assert seen_by(over.cast.dan).get(PAGE).status_code == 404
    assert "Checkout" not in seen_by(over.cast.dan).get("/postmortems").text
    assert "no figure counts it" in seen_by(over.cast.ada).get(PAGE).text


def test_an_administrator_chooses_when_one_opens(over: World, seen_by: SeenBy) -> None:
    root, where = seen_by(over.cast.root), "/organisation/postmortems"
    post(root, where, {"severity": ["sev3", "nonsense"], "cause": "Why?"}, page=where)
    page = root.get(where).text
    assert 'value="sev3" checked' in page
    assert 'value="sev1" checked' not in page
    assert ">Why?</textarea>" in page


def test_programs_write_postmortems(over: World, client: FlaskClient) -> None:
    ada, dan, eli = (Api(client, each) for each in (over.cast.ada, over.cast.dan, over.cast.eli))
    assert ada.get("/postmortems?state=draft").get_json()["items"][0]["owner"]["name"] == "Ada"
    assert ada.make("/postmortems", {"incident_id": "1"})["id"] == "1"
    assert_problem(ada.post("/postmortems", {"incident_id": "9"}), 422)
    assert_problem(dan.post("/postmortems", {"incident_id": "1"}), 403)
    assert_problem(eli.get("/postmortems/1"), 404)
    written = ada.put("/postmortems/1/parts/cause", {"text": "A unit.", "seen": 1}).get_json()
    cause = next(part for part in written["parts"] if part["part"] == "cause")
    assert (cause["text"], cause["version"], cause["missing"]) == ("A unit.", 2, False)
    assert_problem(ada.put("/postmortems/1/parts/cause", {"text": "A library.", "seen": 1}), 409)
    assert_problem(ada.put("/postmortems/1/parts/nonsense", {"text": "x"}), 404)
    assert_problem(dan.put("/postmortems/1/parts/cause", {"text": "x"}), 403)
    assert_problem(ada.post("/postmortems/1/publication"), 409)
    ada.put("/postmortems/1/parts/prevention", {"text": "A test."})
    ada.post("/postmortems/1/review")
    assert ada.post("/postmortems/1/publication").get_json()["state"] == "published"
    assert eli.get("/postmortems/1").get_json()["state"] == "published"
    assert ada.get("/postmortems/1/chronology").get_json()["items"][0]["event_id"]
    assert ada.make("/postmortems/1/comments", {"text": "Thank you"})["by"]["name"] == "Ada"
    assert ada.get("/postmortems/1/comments").get_json()["items"][0]["text"] == "Thank you"
    ada.delete("/postmortems/1/publication")
    assert ada.patch("/postmortems/1", {"owner_id": str(over.cast.ben.id)}).get_json()["owner"]["name"] == "Ben"
