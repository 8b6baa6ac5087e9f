"""Search through a browser and the API: doors, finds that can be opened, and nothing for whoever may not."""

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app.database import db, transaction
from app.incidents import queries, restrict
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"


@pytest.fixture
def noted(world: World, seen_by: SeenBy) -> World:
    """Incident 1, with a note of Ada's."""
    world.fire()
    world.tick()
    world.promote(world.cast.ada)
    post(
        seen_by(world.cast.ada),
        f"{SCREEN}/notes",
        {"text": "A <b>walrus</b> ate db-7.example.org"},
        page=SCREEN,
    )
    return world


def test_what_is_found_is_shown_with_its_words_and_can_be_opened(noted: World, seen_by: SeenBy) -> None:
    ada = seen_by(noted.cast.ada)
    for page in ("/", "/me", "/incidents"):
        assert 'href="/search"' in ada.get(page).text, page
    found = ada.get("/search?q=walr+example").text
    assert "A &lt;b&gt;<mark>walrus</mark>&lt;/b&gt; ate db-7.<mark>example</mark>.org" in found
    assert "1 find." in found
    door = re.search(r'class="name" href="([^"]+)', found)
    assert door is not None
    assert "walrus" in ada.get(door[1]).text
    eli = seen_by(noted.cast.eli).get("/search?q=checkout").text
    assert 'href="/incidents/1/live"' in eli
    assert "Playbooks" not in eli


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hostile_words_are_answered_in_words(noted: World, seen_by: SeenBy) -> None:
    ada = seen_by(noted.cast.ada)
    for typed in ('"', "NEAR(", "*", "\x00walrus", "x" * 7_000, "%%%", "<script>"):
        answer = ada.get(f"/search?q={quote(typed)}&kind=nonsense")
        assert answer.status_code == 200, typed[:20]
    assert "Type a word: signs alone find nothing." in ada.get('/search?q="').text
    assert "Nothing that you may read has all of these words." in ada.get("/search?q=narwhal").text
    assert "<script>alert" not in ada.get("/search?q=<script>alert").text


def test_S82_a_program_finds_what_its_person_may_read(noted: World, client: FlaskClient) -> None:
    ada, mara = Api(client, noted.cast.ada), Api(client, noted.cast.mara)
    (found,) = mara.get("/search", q="walrus", kind="note").get_json()["items"]
    assert (found["kind"], found["id"], found["title"]) == ("note", "1", "Checkout errors at 14 %")
    assert "ate db-7.example.org" in found["excerpt"]
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        restrict.restrict(incident, by=db.session.merge(noted.cast.ada), at=noted.now)
    assert mara.get("/search", q="walrus").get_json()["items"] == []
    assert len(ada.get("/search", q="walrus").get_json()["items"]) == 1
