"""The live page of an incident: for anybody, read in ten seconds, followed by whoever wants."""

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import clock
from app.database import db, transaction
from app.domain.timeline import Kind, Subject
from app.incidents import queries, status
from app.notices.models import Notice
from app.people.models import User
from app.timeline.record import record
from app.web.incident_watch import HELD_FOR
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN, LIVE, VERSION = "/incidents/1", "/incidents/1/live", "/incidents/1/version"
PART = f"{LIVE}/part"


@pytest.fixture
def declared(declared: World) -> World:
    """Ada has commanded incident 1 for twelve minutes."""
    declared.clock.advance(minutes=12)
    return declared


def told(user: User) -> list[str]:
    return list(
        db.session.scalars(sa.select(Notice.event).where(Notice.user_id == user.id).order_by(Notice.id))
    )


def mitigate(world: World) -> None:
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        status.mitigate(incident, by=db.session.merge(world.cast.ada), at=clock.now())


def later(world: World) -> None:
    """By more than an answer is held."""
    world.clock.advance(seconds=2 * HELD_FOR)


def test_S30_S34_S39_anybody_reads_what_who_since_when_what_is_done_and_the_next_word(
    declared: World, seen_by: SeenBy
) -> None:
    eli = seen_by(declared.cast.eli)
    assert 'href="/incidents/1/live"' in eli.get("/incidents").text
    page = eli.get(LIVE).text
    for words in ("SEV1", "Checkout errors at 14 %", "Most people cannot use it", "In charge", "Ada", "12 min",
                  "checkout-api", "Nothing tried yet.", "Next word", "by Thu 12 Nov, 03:40 GMT",
                  "Tell me when it changes"):  # fmt: skip
        assert words in page, words
    assert "/alerts/1" not in page
    assert "Work on it" not in page
    assert "Work on it" in seen_by(declared.cast.ada).get(LIVE).text
    assert eli.get("/incidents/9/live").status_code == 404


def test_58_a_stakeholder_follows_is_told_once_and_leaves_alone(declared: World, seen_by: SeenBy) -> None:
    eli, ada = seen_by(declared.cast.eli), seen_by(declared.cast.ada)
    for _ in range(2):
        assert post(eli, f"{SCREEN}/subscription", {"watch": "yes"}, page=LIVE).status_code == 303
    assert "Tell me no longer" in eli.get(LIVE).text
    mitigate(declared)
    post(ada, f"{SCREEN}/notes", {"text": "All is calm."}, page=SCREEN)
    post(ada, f"{SCREEN}/notes", {"text": "Cards work.", "to_all": "yes"}, page=SCREEN)
    assert told(declared.cast.eli) == ["incident_status", "incident_comment"]
    assert "incident_comment" not in told(declared.cast.ada)  # who wrote it is not told (L-NOT-07)
    post(eli, f"{SCREEN}/subscription", {"watch": "no"}, page=LIVE)
    post(ada, f"{SCREEN}/notes", {"text": "More.", "to_all": "yes"}, page=SCREEN)
    assert len(told(declared.cast.eli)) == 2
    assert not declared.paged()


def test_an_open_screen_hears_of_a_change_by_one_small_question(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.eli)
    first = client.get(VERSION)
    assert (first.status_code, first.data) == (204, b"")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(VERSION, headers=tag).status_code == 304
    mitigate(declared)
    later(declared)
    assert client.get(VERSION, headers=tag).status_code == 204
    tag = {"If-None-Match": client.get(VERSION).headers["ETag"]}
    with transaction():
        record(Kind.NOTED, Subject.ALERT, 1, at=clock.now(), text="The bank is down.")  # on an alert of it
    later(declared)
    assert client.get(VERSION, headers=tag).status_code == 204
    assert 'watch="/incidents/1/live/part"' in client.get(LIVE).text
    assert 'watch="/incidents/1/version"' in seen_by(declared.cast.ada).get(SCREEN).text
    assert client.get("/incidents/9/version").status_code == 404


def test_an_open_live_page_gets_what_changed_drawn_once_for_all_who_see_as_much(
    declared: World, seen_by: SeenBy, app: APIFlask
) -> None:
    cast = declared.cast
    eli, dan, ada = seen_by(cast.eli), seen_by(cast.dan), seen_by(cast.ada)

    def part(client: FlaskClient, path: str = PART) -> str:
        page = client.get(path).text
        return page[page.index('<div class="stack" id="live"') :].partition("\n</div>")[0]

    with transaction():
        db.session.get_one(User, cast.dan.id).time_zone = "Asia/Tokyo"
    for client, zone in ((eli, "GMT"), (dan, "JST")):
        assert part(client) == part(client, LIVE)  # word for word what the whole page says
        assert zone in part(client)
    first = eli.get(PART)
    fresh, tag = first.text, {"If-None-Match": first.headers["ETag"]}
    assert "data-now" in fresh
    assert (eli.get(PART, headers=tag).status_code, eli.get(PART, headers=tag).data) == (304, b"")
    for own in ("csrf_token", "Eli", 'id="dock"'):
        assert own not in fresh, own
    assert part(ada) == part(ada, LIVE)  # sees the alerts, so it is drawn apart
    mitigate(declared)
    later(declared)
    assert eli.get(PART, headers=tag).status_code == 200
    assert "Mitigated" in part(eli)
    assert "Mitigated" in part(dan)
    declared.clock.advance(minutes=1)
    assert "13 min" in part(eli)
    assert eli.get("/incidents/9/live/part").status_code == 404
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        incident.is_restricted = True
    later(declared)
    assert eli.get(PART).status_code == 404


def test_programs_read_the_brief_and_follow(declared: World, client: FlaskClient) -> None:
    ada = Api(client, declared.cast.ada)
    brief = ada.get("/incidents/1/brief").get_json()
    assert (brief["who"], brief["steps"], brief["pinned"]) == ("Ada leads", "Nothing tried yet.", [])
    assert ada.put("/incidents/1/subscription", {}).get_json() == {"is_following": True}
    assert ada.delete("/incidents/1/subscription").get_json() == {"is_following": False}
    assert ada.get("/incidents/9/brief").status_code == 404


def test_L_NOT_06_whoever_a_note_names_is_told_once_and_never_the_writer(
    declared: World, seen_by: SeenBy
) -> None:
    cast = declared.cast
    ada, eli = seen_by(cast.ada), seen_by(cast.eli)
    post(eli, f"{SCREEN}/subscription", {"watch": "yes"}, page=LIVE)
    post(ada, f"{SCREEN}/notes", {"text": "@ben and @Ada, look. Not @zoe, not eli@eli."}, page=SCREEN)
    assert (told(cast.ben)[-1:], told(cast.eli)) == (["mentioned"], [])
    assert "mentioned" not in told(cast.ada)
    post(ada, f"{SCREEN}/notes", {"text": "@Eli: cards work.", "to_all": "yes"}, page=SCREEN)
    assert told(cast.eli) == ["mentioned"]  # a follower, told once
    assert not declared.paged()


def test_L_NOT_05_while_nobody_leads_a_comment_reaches_the_team(declared: World, seen_by: SeenBy) -> None:
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        incident.commander_id = None
    post(seen_by(declared.cast.ada), f"{SCREEN}/notes", {"text": "Hello.", "to_all": "yes"}, page=SCREEN)
    assert "incident_comment" in told(declared.cast.ben)
    assert "incident_comment" not in told(declared.cast.dan)  # of another team
