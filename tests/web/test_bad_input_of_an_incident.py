"""Bad input, line by line as it was promised for an incident: what each answers, and that nothing is lost."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.update import NAMES
from app.incidents.models import Incident, IncidentUpdate
from app.people.models import User
from app.timeline.models import Event
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN, WRITE = "/incidents/1", "/incidents/1/updates/new"
OPTION = {"what": "Roll back", "risk": "low", "rationale": "It began then", "kind": "mitigation"}
HOSTILE = (
    '<script>alert(1)</script> <img src=x onerror=alert(1)> [go](javascript:alert(1)) '
    '![](//evil.example/x.png) <a href="data:text/html,x">x</a>'
)  # fmt: skip
HARMFUL = ("<script>alert", "<img src=x", 'href="javascript', 'href="data:', 'src="//evil')


@pytest.fixture
def at_once(app: APIFlask, seen_by: SeenBy) -> Callable[..., list[int]]:
    """Each of these people posts to the same instant; answers the statuses."""

    def all_of_them(*acts: tuple[User, str, dict[str, Any]]) -> list[int]:
        start = Barrier(len(acts))
        browsers = []
        for person, path, fields in acts:
            client = seen_by(person)
            page = client.get(SCREEN).text.partition('name="csrf_token" value="')[2]
            browsers.append((client, path, {"csrf_token": page.partition('"')[0], **fields}))
        db.session.remove()

        def send(what: tuple[FlaskClient, str, dict[str, Any]]) -> int:
            client, path, fields = what
            start.wait(timeout=30)
            return client.post(f"{SCREEN}/{path}", data=fields).status_code

        with ThreadPoolExecutor(len(acts)) as people:
            answers = list(people.map(send, browsers))
        db.session.remove()
        return sorted(answers)

    return all_of_them


def happened(kind: str) -> list[dict[str, Any]]:
    return list(db.session.scalars(sa.select(Event.data).where(Event.kind == kind).order_by(Event.id)))


def fields(**changes: str) -> dict[str, str]:
    said = dict.fromkeys(NAMES, "as it was") | {"audience": "responders", "after": "0", "next": "60"}
    return said | changes


def test_two_who_take_command_at_once_are_one_commander_and_the_other_is_told(
    declared: World, at_once: Callable[..., list[int]]
) -> None:
    with transaction():
        incident = db.session.get_one(Incident, 1)
        incident.commander_id = incident.commander_since = None
    cast = declared.cast
    assert at_once((cast.ben, "command", {}), (cast.cleo, "command", {})) == [303, 409]
    taken = happened("commander_changed")
    assert len(taken) == 1
    assert db.session.get_one(Incident, 1).commander_id == taken[-1]["to_user_id"]


def test_two_who_hand_command_over_at_once_make_one_handover(
    declared: World, at_once: Callable[..., list[int]]
) -> None:
    cast = declared.cast
    seen = str(cast.ada.id)
    assert at_once(
        (cast.ada, "commander", {"user_id": cast.ben.id, "instead_of": seen}),
        (cast.ben, "commander", {"user_id": cast.cleo.id, "instead_of": seen}),
    ) == [303, 409]
    taken = happened("commander_changed")
    assert len(taken) == 1
    assert db.session.get_one(Incident, 1).commander_id == taken[-1]["to_user_id"]


def test_approving_what_was_withdrawn_is_refused_in_words_also_at_the_same_instant(
    declared: World, seen_by: SeenBy, at_once: Callable[..., list[int]]
) -> None:
    cast = declared.cast
    ada, ben = seen_by(cast.ada), seen_by(cast.ben)
    for what in ("Roll back", "Restart"):
        post(ben, f"{SCREEN}/options", OPTION | {"what": what}, page=SCREEN)
    post(ben, f"{SCREEN}/options/1/withdrawal", {}, page=SCREEN)
    refused = post(ada, f"{SCREEN}/options/1/approval", {}, page=SCREEN)
    assert (refused.status_code, "withdrawn" in refused.text) == (409, True)
    approves, withdraws = (cast.ada, "options/2/approval", {}), (cast.ben, "options/2/withdrawal", {})
    assert at_once(approves, withdraws) in ([303, 303], [303, 409])  # approved, then withdrawn, is allowed
    states = [len(happened(kind)) for kind in ("option_approved", "option_withdrawn")]
    assert states in ([1, 1], [0, 2], [1, 2])


def test_two_updates_at_once_are_one_sent_and_one_that_is_kept_and_offered_to_merge(
    declared: World, seen_by: SeenBy, at_once: Callable[..., list[int]]
) -> None:
    cast = declared.cast
    mine, theirs = fields(steps="Rolled back."), fields(steps="Called the bank.")
    assert at_once((cast.ada, "updates", mine), (cast.ben, "updates", theirs)) == [303, 409]
    sent = db.session.scalars(sa.select(IncidentUpdate)).one()
    other = mine if sent.steps == theirs["steps"] else theirs
    again = post(seen_by(cast.ben), f"{SCREEN}/updates", other, page=WRITE)
    for words in ("while you were writing", "Rolled back.", "Called the bank.", "Put both together"):
        assert words in again.text, words
    both = post(seen_by(cast.ben), f"{SCREEN}/updates", other | {"act": "merge", "after": "1"}, page=WRITE).text
    assert all(words in both for words in ("Rolled back.", "Called the bank."))


def test_a_stale_form_changes_nothing_and_says_what_changed(declared: World, seen_by: SeenBy) -> None:
    ada = seen_by(declared.cast.ada)
    post(ada, f"{SCREEN}/impact", {"impact": "Some", "seen": ""}, page=SCREEN)
    stale = post(ada, f"{SCREEN}/impact", {"impact": "Nobody can pay", "seen": "another"}, page=SCREEN)
    assert stale.status_code == 409
    assert "Nobody can pay" in stale.text  # what was typed


def test_a_phone_that_was_offline_for_an_hour_sends_eleven_entries_in_any_order_after_it_was_closed(
    declared: World, seen_by: SeenBy
) -> None:
    ada = seen_by(declared.cast.ada)
    post(ada, f"{SCREEN}/resolution", {"resolution": "Over"}, page=SCREEN)
    post(ada, f"{SCREEN}/closure", {}, page=SCREEN)
    began = declared.now
    declared.clock.advance(hours=1)
    for n in (3, 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 10):
        late = {"text": f"Late {n}", "written_at": (began + timedelta(minutes=n)).isoformat(), "key": f"k{n}"}
        assert post(ada, f"{SCREEN}/notes", late, page=SCREEN).status_code == 303
    told = json.loads(ada.get(f"{SCREEN}/export?as=json").text)["entries"]
    kept = [each for each in told if each["kind"] == "noted"]
    assert [each["text"] for each in kept] == [f"Late {n}" for n in (3, 0, 1, 2, *range(4, 11))]
    assert all("offline at" in each["says"] for each in kept)
    assert [each["happened_at"] for each in kept[:2]] == [
        (began + timedelta(minutes=n)).isoformat() for n in (3, 0)
    ]


@pytest.mark.parametrize("path", ["notes", "symptoms", "tasks"])
def test_a_hundred_kilobytes_are_refused_in_words_and_nothing_of_them_is_kept(
    declared: World, seen_by: SeenBy, path: str
) -> None:
    ada = seen_by(declared.cast.ada)
    before = happened("noted")
    refused = post(ada, f"{SCREEN}/{path}", {"text": "*a " * 33_334}, page=SCREEN)
    assert refused.status_code == 409
    assert "100,001 characters, and 10,000 fit" in refused.text
    assert happened("noted") == before
    assert post(ada, f"{SCREEN}/{path}", {"text": "é" * 10_000}, page=SCREEN).status_code == 303


def test_an_update_of_a_hundred_kilobytes_is_refused_and_none_of_its_words_lost(
    declared: World, seen_by: SeenBy
) -> None:
    ada = seen_by(declared.cast.ada)
    words = "Rolled back. " * 8_000
    refused = post(ada, f"{SCREEN}/updates", fields(steps=words), page=WRITE)
    assert refused.status_code == 422
    assert words.strip() in refused.text
    assert "Steps taken and results has 103,999 characters, and 10,000 fit" in refused.text
    assert not db.session.scalars(sa.select(IncidentUpdate)).all()


def test_hostile_markdown_is_words_on_every_screen_of_the_incident(declared: World, seen_by: SeenBy) -> None:
    ada = seen_by(declared.cast.ada)
    post(ada, f"{SCREEN}/notes", {"text": HOSTILE, "to_all": "yes"}, page=SCREEN)
    post(ada, f"{SCREEN}/symptoms", {"text": HOSTILE}, page=SCREEN)
    post(ada, f"{SCREEN}/options", OPTION | {"what": HOSTILE, "rationale": HOSTILE}, page=SCREEN)
    post(ada, f"{SCREEN}/tasks", {"text": HOSTILE}, page=SCREEN)
    post(ada, f"{SCREEN}/updates", fields(issue=HOSTILE, steps=HOSTILE), page=WRITE)
    post(ada, f"{SCREEN}/resolution", {"resolution": HOSTILE}, page=SCREEN)
    for path in ("", "/live", "/timeline", "/updates/new"):
        page = ada.get(f"{SCREEN}{path}").text
        assert "alert(1)" in page or path == "/updates/new", path
        assert [bad for bad in HARMFUL if bad in page] == [], path


def test_closing_with_open_tasks_asks_first_and_keeps_them(declared: World, seen_by: SeenBy) -> None:
    ada = seen_by(declared.cast.ada)
    for text in ("Write to the bank", "Raise the limit"):
        post(ada, f"{SCREEN}/tasks", {"text": text}, page=SCREEN)
    post(ada, f"{SCREEN}/resolution", {}, page=SCREEN)
    refused = post(ada, f"{SCREEN}/closure", {}, page=SCREEN)
    assert (refused.status_code, "2 tasks are still open" in refused.text) == (409, True)
    assert post(ada, f"{SCREEN}/closure", {"keep_tasks": "yes"}, page=SCREEN).status_code == 303
    page = ada.get(SCREEN).text
    assert "closed it with 2 tasks still open" in page
    assert all(words in page for words in ("Write to the bank", "Raise the limit"))
