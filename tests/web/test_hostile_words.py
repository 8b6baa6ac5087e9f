"""SEC-20, SEC-22: three hundred hostile texts through every intake, into every view. Each stays a text."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from app import clock
from app.alerts import integrations, queries
from app.alerts.models import Alert
from app.alerts.sources.kinds import Kind
from app.database import db, transaction
from app.domain.text import one_line
from app.domain.words import PageKind, Urgency
from app.incidents.promote import promote
from app.paging import payload as push
from app.paging.channels.channel import Message
from app.paging.channels.email import letter
from app.paging.models import Page
from app.smtp import MailServer, Sent
from app.web.spreadsheet import FORMULA, as_csv
from tests.support import chromium
from tests.support.api import Api
from tests.support.clock import THU_0310
from tests.support.live_app import live, sign_in
from tests.support.mail_server import mail_server
from tests.support.scripts import faults_in, payloads, words_of
from tests.support.world import World

HOSTILE = payloads()
AT_ONCE = 40  # texts in one alert, as labels and annotations


def events_v2(text: str, key: str, number: int) -> tuple[str, Any]:
    body = {
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": f"{number}:{text}"[:250],
        "client": text,
        "client_url": text,
        "links": [{"href": text, "text": text}, {"href": "https://ok.example/", "text": text}],
        "images": [{"src": text, "href": text, "alt": text}],
        "payload": {
            "summary": text, "source": text, "severity": "critical", "component": text, "group": text,
            "class": text, "custom_details": {text: text},
        },
    }  # fmt: skip
    return "/v2/enqueue", body


def alertmanager(text: str, key: str, number: int) -> tuple[str, Any]:
    alert = {
        "status": "firing",
        "fingerprint": f"{number:016x}",
        "startsAt": "2026-11-13T03:00:00Z",
        "generatorURL": text,
        "labels": {"alertname": text, "severity": text, "service": text, "x": text},
        "annotations": {"summary": text, "description": text, "runbook_url": text},
    }
    body = {"version": "4", "status": "firing", "groupKey": text, "externalURL": text, "receiver": text}
    return f"/intake/{key}", body | {"alerts": [alert], "groupLabels": {"alertname": text}}


def generic(text: str, key: str, number: int) -> tuple[str, Any]:
    body = {"title": text, "message": text, "severity": text, "service": text, "url": text, "host": text}
    return f"/intake/{key}", body | {"dedup_key": f"generic {number}"}


SENDERS = {Kind.EVENTS_V2: events_v2, Kind.ALERTMANAGER: alertmanager, Kind.GENERIC: generic}


def test_there_are_three_hundred_of_them() -> None:
    assert len(HOSTILE) >= 300


@pytest.mark.parametrize("kind", SENDERS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_SEC20_SEC22_a_hostile_text_stays_a_text_from_every_intake_in_every_view(
    app: APIFlask, world: World, kind: Kind, seen_by: Any
) -> None:
    machine, person = app.test_client(), seen_by(world.cast.mara)
    with transaction():
        _, key = integrations.create(
            service=world.cast.checkout, name=f"{kind} <b>", kind=kind, by=None, at=clock.now()
        )
    for number, text in enumerate(HOSTILE):
        path, body = SENDERS[kind](text, key, number)
        assert machine.post(path, json=body).status_code < 300, text
    alerts = db.session.scalars(sa.select(Alert.id).order_by(Alert.id)).all()
    assert len(alerts) == len(HOSTILE)
    for number in alerts:
        page = person.get(f"/alerts/{number}").text
        assert faults_in(page) == [], HOSTILE[number - 1]
        if "{{7*7}}" in HOSTILE[number - 1]:
            assert "{{7*7}}" in words_of(page)
    lists = ["/", "/services", "/services/1", "/on-call", "/trends", "/incidents"]
    lists += [f"/alerts?status={status}" for status in ("open", "triggered", "resolved")]
    for path in lists:
        assert faults_in(person.get(path).text) == [], path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_SEC20_people_and_programs_type_hostile_words_too(
    app: APIFlask, client: FlaskClient, world: World, seen_by: Any
) -> None:
    """Names of teams, services, notes, resolutions, incidents: through our own API, into every view."""
    api, person = Api(client, world.cast.root), seen_by(world.cast.root)
    world.fire()
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        promote(alert, by=db.session.merge(world.cast.root), at=clock.now())
    for number, text in enumerate(HOSTILE):
        said = f"{number} {text}"
        api("POST", "/teams", {"name": said[:100]})
        api("POST", "/services", {"name": said[:100], "team_id": "1", "description": text})
        api("POST", "/alerts/1/notes", {"text": text})
        api("POST", "/incidents/1/notes", {"text": text})
        api("PATCH", "/incidents/1", {"title": text[:200]})
        if number % 60 == 0:
            assert faults_in(person.get("/incidents/1").text) == []
    for path in (
        "/teams",
        "/teams/3",
        "/services",
        "/services/2",
        "/alerts/1",
        "/incidents/1",
        "/incidents",
        "/",
    ):
        answer = person.get(path)
        assert answer.status_code == 200, path
        assert faults_in(answer.text) == [], path


def test_SEC20_SEC8_a_push_carries_a_hostile_text_as_data_and_fits(app: APIFlask, world: World) -> None:
    for number, text in enumerate(HOSTILE[::25]):
        world.fire(text, key=str(number))
    world.tick()
    for page in db.session.scalars(sa.select(Page)):
        sent = push.build(
            Message(
                kind=page.kind, page=str(page.id), delivery="1", subject_kind=page.subject_kind,
                subject_id=page.subject_id, title=page.title, body=page.body, token="t" * 43,
                base_url="https://pager.example.org", expires_at=page.deadline_at, until=page.deadline_at,
                urgency=page.urgency, severity=page.severity, service=page.service_name,
                started_at=page.started_at,
            )
        )  # fmt: skip
        assert len(sent.body) <= 3_800
        said = json.loads(sent.body)["notification"]
        assert said["navigate"].startswith("https://pager.example.org/")
        assert all(action["navigate"].startswith("https://pager.example.org/") for action in said["actions"])


PAGE = Message(
    kind=PageKind.PAGE, page="p-1", delivery="d-1", subject_kind="alert", subject_id=1, title="", body="",
    token="t" * 43, base_url="https://pager.example.org", urgency=Urgency.HIGH,
    expires_at=THU_0310 + timedelta(hours=24), until=THU_0310 + timedelta(minutes=5), severity="critical",
    service="", started_at=THU_0310,
)  # fmt: skip


def test_SEC20_a_push_says_every_one_of_them_and_leads_only_to_us() -> None:
    for text in HOSTILE:
        sent = push.build(replace(PAGE, title=text, body=text, service=text))
        said = json.loads(sent.body)["notification"]
        assert len(sent.body) <= 3_800, text
        led = {said["navigate"], said["actions"][0]["navigate"], said["data"]["url"]}
        assert led == {f"{PAGE.base_url}/alerts/1#t={PAGE.token}"}, text
        assert said["data"]["receipt_url"] == f"{PAGE.base_url}/r/{PAGE.token}", text


def test_SEC20_a_mail_says_every_one_of_them_in_plain_text_and_gains_no_header_or_part() -> None:
    letters = [
        letter(replace(PAGE, title=one_line(text), body=text, page=f"p-{number}"), "ada@nightbell.example")
        for number, text in enumerate(HOSTILE)
    ]
    with mail_server() as box:
        outcomes = MailServer(box.url, sender="nightbell@nightbell.example").send(letters)
    assert outcomes == [Sent()] * len(HOSTILE)
    plain = box.letters[0]
    for mail, wanted in zip(box.letters, letters, strict=True):
        assert (mail.get_content_type(), mail.is_multipart()) == ("text/plain", False), wanted.subject
        assert mail.keys() == plain.keys(), wanted.subject
        assert mail["Subject"].strip() == wanted.subject  # one long word is folded after a space


def test_SEC20_SEC25_a_table_has_each_of_them_in_one_cell_that_computes_nothing() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(["text"], [[text] for text in HOSTILE]), newline="")))
    assert [len(row) for row in rows] == [1] * (len(HOSTILE) + 1)
    assert not [row for row in rows if row[0].lstrip(" ").startswith(FORMULA)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_SEC20_a_browser_runs_none_of_them(app: APIFlask, world: World, browser: Browser) -> None:
    machine = app.test_client()
    with transaction():
        _, key = integrations.create(
            service=world.cast.checkout, name="door", kind=Kind.EVENTS_V2, by=None, at=clock.now()
        )
    for number, start in enumerate(range(0, len(HOSTILE), AT_ONCE)):
        texts = HOSTILE[start : start + AT_ONCE]
        _, body = events_v2(texts[0], key, number)
        body["payload"]["custom_details"] = {text: text for text in texts}
        body["links"] = [{"href": text, "text": text} for text in texts[:20]]
        assert machine.post("/v2/enqueue", json=body).status_code == 202
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Alert))
    with live(app) as address, chromium.phone(browser) as context:
        sign_in(context, address, world.cast.ada)
        tab = context.new_page()
        opened: list[str] = []
        tab.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
        tab.on("console", lambda said: opened.append(said.text) if said.type == "error" else None)
        for path in ["/", "/alerts", *(f"/alerts/{number}" for number in range(1, (count or 0) + 1))]:
            tab.goto(address + path)
            chromium.settle(tab)
            assert tab.evaluate("window.pwned") is None, path
            foreign = (
                "[...document.scripts].filter((s) => !s.src.startsWith(location.origin + '/static/')).length"
            )
            assert tab.evaluate(foreign) == 0, path
        assert opened == []
