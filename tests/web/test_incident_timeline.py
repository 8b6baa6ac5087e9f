"""The timeline of an incident: one stream, notes, pins, corrected times, and files of it."""

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.timeline import Kind, Subject
from app.paging.models import Delivery
from app.timeline.models import Event
from app.timeline.record import record
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN, LINE = "/incidents/1", "/incidents/1/timeline"


@pytest.fixture
def declared(world: World) -> World:
    """Ada commands incident 1; her phone showed the page, and something was deployed before."""
    with transaction():
        record(
            Kind.CHANGE, Subject.SERVICE, world.cast.integration.service_id, at=world.now, summary="Deploy 4711"
        )
    world.clock.advance(minutes=1)
    world.fire()
    world.tick()
    with transaction():
        delivery = db.session.scalars(sa.select(Delivery).order_by(Delivery.id)).first()
        assert delivery is not None
        delivery.shown_at = world.now
    world.promote(world.cast.ada)
    world.clock.advance(minutes=5)
    return world


def event(kind: Kind) -> Event:
    return db.session.scalars(sa.select(Event).where(Event.kind == str(kind)).order_by(Event.id.desc())).first()  # type: ignore[return-value]


def note(client: FlaskClient, **fields: object) -> int:
    return post(client, f"{SCREEN}/notes", fields, page=SCREEN).status_code


def test_S29_S68_one_stream_tells_of_notes_changes_pages_receipts_and_deploys(
    declared: World, seen_by: SeenBy
) -> None:
    client = seen_by(declared.cast.ada)
    assert note(client, text="Errors fell to 12 %.") == 303
    assert note(client, text="We look at the bank.", to_all="yes") == 303
    page = client.get(LINE).text
    for words in ("Ada noted", "Errors fell to 12 %.", "Ada wrote to all", "Deploy 4711", "Alert 1: Ada paged",
                  "Ada declared the incident", "Shown to Ada on"):  # fmt: skip
        assert words in page, words
    assert page.index("wrote to all") < page.index("Ada declared") < page.index("Deploy 4711")
    only = client.get(f"{LINE}?only=notes").text
    assert "Errors fell" in only
    assert "Deploy 4711" not in only
    eli = seen_by(declared.cast.eli).get(LINE).text
    assert "We look at the bank." in eli
    assert "Alert 1:" not in eli
    assert "Shown to" not in eli


def test_older_entries_come_on_demand(declared: World, seen_by: SeenBy) -> None:
    with transaction():
        for n in range(60):
            record(Kind.NOTED, Subject.INCIDENT, 1, at=declared.now, text=f"Line {n:02}")
    client = seen_by(declared.cast.ada)
    page = client.get(SCREEN).text
    assert "Line 59" in page
    assert "Line 30" not in page  # the first screen has the newest ones
    older = page.partition("timeline?before=")[2].partition('"')[0]
    page = client.get(f"{LINE}?before={older}").text
    assert "Line 30" in page
    assert "Line 59" not in page


def test_S68_an_entry_is_pinned_and_its_time_put_right_with_a_trace(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.ada)
    note(client, text="The bank called.")
    number = event(Kind.NOTED).id
    entry = f"{LINE}/{number}"
    assert "Pin on top" in client.get(entry).text
    for _ in range(2):
        assert post(client, f"{entry}/pin", {"pin": "yes"}, page=entry).status_code == 303
    assert "<h3>Pinned</h3>" in client.get(SCREEN).text
    assert "Take the pin away" in client.get(entry).text
    right = {"happened_at": (declared.now - timedelta(minutes=3)).isoformat(), "because": "My call log"}
    assert post(client, f"{entry}/time", right, page=entry).status_code == 303
    page = client.get(SCREEN).text
    for words in ("Ada put right when an entry happened", "My call log", ", recorded "):
        assert words in page, words
    assert event(Kind.NOTED).at == declared.now  # what was recorded stays
    post(client, f"{entry}/pin", {"pin": "no"}, page=entry)
    assert "<h3>Pinned</h3>" not in client.get(SCREEN).text
    ahead = right | {"happened_at": (declared.now + timedelta(minutes=3)).isoformat()}
    for wrong in (ahead, right | {"because": " ", "happened_at": declared.now.isoformat()}, {}):
        assert post(client, f"{entry}/time", wrong, page=entry).status_code == 409


def test_entries_of_others_cannot_be_pinned_nor_by_whoever_only_looks_on(
    declared: World, seen_by: SeenBy
) -> None:
    with transaction():
        record(Kind.NOTED, Subject.INCIDENT, 7, at=declared.now, text="Of another")
    other, own = event(Kind.NOTED).id, event(Kind.DECLARED).id
    ada, dan = seen_by(declared.cast.ada), seen_by(declared.cast.dan)
    assert post(ada, f"{LINE}/{other}/pin", {"pin": "yes"}, page=SCREEN).status_code == 404
    assert post(dan, f"{LINE}/{own}/pin", {"pin": "yes"}, page="/me/security").status_code == 403


def test_127_the_whole_of_it_is_taken_along_as_three_kinds_of_file(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.ada)
    note(client, text="=1+1 <b>\n# Not a heading")
    words = client.get(f"{SCREEN}/export?as=md").text
    assert words.startswith("# INC\\-1 Checkout" if "INC\\-" in words else "# INC-1 Checkout")
    assert "\\# Not a heading" in words
    assert "\\<b\\>" in words
    rows = list(csv.DictReader(io.StringIO(client.get(f"{SCREEN}/export?as=csv").text)))
    assert rows[-1]["text"].startswith("'=1+1")
    told = client.get(f"{SCREEN}/export?as=json").get_json()
    assert [each["says"] for each in told["entries"]] == [row["says"] for row in rows]
    assert client.get(f"{SCREEN}/export?as=pdf").status_code == 404


def test_notes_of_a_phone_that_was_offline_come_late_say_so_and_count_once(
    declared: World, client: FlaskClient, seen_by: SeenBy
) -> None:
    ada = Api(client, declared.cast.ada)
    for n in [*range(11), 10]:
        written = (declared.now - timedelta(minutes=60 - n)).isoformat()
        ada.make("/incidents/1/notes", {"text": f"Late {n}", "written_at": written, "key": f"k{n}"})
    kept = [each for each in ada.get("/incidents/1/timeline").get_json()["items"] if each["kind"] == "noted"]
    assert [each["data"]["text"] for each in kept] == [f"Late {n}" for n in range(11)]
    assert "Ada noted, offline at 02:" in seen_by(declared.cast.ada).get(SCREEN).text
    dreamt = {"text": "Dreamt", "written_at": (declared.now - timedelta(days=30)).isoformat()}
    ada.make("/incidents/1/notes", dreamt)
    assert "written_at" not in ada.get("/incidents/1/timeline").get_json()["items"][-1]["data"]


def test_programs_pin_and_put_right(declared: World, client: FlaskClient) -> None:
    ada = Api(client, declared.cast.ada)
    entry = f"/incidents/1/timeline/{event(Kind.DECLARED).id}"
    assert ada.put(f"{entry}/pin", {}).get_json()["pinned"] is True
    assert ada.delete(f"{entry}/pin").get_json()["pinned"] is False
    before = (declared.now - timedelta(minutes=6)).isoformat()
    assert ada.put(f"{entry}/time", {"happened_at": before, "because": "Log"}).get_json()["happened_at"]
    assert ada.put("/incidents/1/timeline/99999/pin", {}).status_code == 404
    assert Api(client, declared.cast.dan).put(f"{entry}/pin", {}).status_code == 403
