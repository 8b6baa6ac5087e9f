"""The set-up walk: each step done once, skipped, taken up again, and honest about what is missing."""

import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.alerts import integrations
from app.alerts.models import Alert, Integration, Service
from app.database import db, transaction
from app.domain.words import Role
from app.oncall import queries as oncall
from app.oncall.models import EscalationPolicy, Schedule
from app.paging.models import PushSubscription
from app.people.models import Team, User
from tests.support.browser_forms import post, sign_in
from tests.support.cast import Cast, make_device, make_user
from tests.support.clock import TestClock


@pytest.fixture
def ada(app: APIFlask, client: FlaskClient) -> User:
    with transaction():
        ada = make_user("Ada", Role.ADMINISTRATOR, time_zone="Europe/Riga")
    sign_in(client, ada)
    return ada


def take(client: FlaskClient, step: str, **fields: str) -> TestResponse:
    return post(client, f"/setup/{step}", fields, page=f"/setup/{step}")


def test_a_person_goes_from_nothing_to_an_alert_that_pages_them(
    ada: User, client: FlaskClient, clock: TestClock
) -> None:
    page = client.get("/setup").text
    assert "Nobody would be paged: there is no service an alert could be about." in page
    assert client.get("/setup/device").status_code == 200
    assert take(client, "team", name="Payments").location == "/setup/on-call"
    assert (
        take(client, "on-call", name="Payments primary", time_zone="Europe/Riga").location == "/setup/service"
    )
    schedule = db.session.scalars(db.select(Schedule)).one()
    assert [holder.name for holder in oncall.on_call_at(schedule.id, clock())] == ["Ada"]
    assert take(client, "service", name="Checkout").location == "/setup/integration"
    answer = take(client, "integration", kind="events_v2")
    key = re.search(r'<pre id="key"[^>]*>([^<]+)</pre>', answer.text)
    assert key is not None
    assert "/v2/enqueue" in answer.text
    integration = integrations.find_by_key(key.group(1), at=clock())
    assert integration is not None
    assert "Nothing would ring for Checkout: Ada has no device." in client.get("/setup").text
    with transaction():
        make_device(ada, verified_at=clock())
    assert take(client, "alert").location == "/setup/alert"
    page = client.get("/setup").text
    assert "Checkout would page Ada now." in page
    assert "Go to Now" in page
    alert = db.session.scalars(db.select(Alert)).one()
    assert alert.title in client.get("/setup/alert").text
    assert client.get(f"/alerts/{alert.id}").status_code == 200


def test_every_step_done_twice_is_done_once(ada: User, client: FlaskClient) -> None:
    for _ in range(2):
        post(client, "/setup/team", {"name": "Payments"}, page="/setup/team" if not _teams() else "/me")
        post(client, "/setup/on-call", {"name": "Primary", "time_zone": "UTC"}, page="/me")
        post(client, "/setup/service", {"name": "Checkout"}, page="/me")
        post(client, "/setup/integration", {"kind": "alertmanager"}, page="/me")
        post(client, "/setup/alert", {}, page="/me")
    for model in (Team, Schedule, EscalationPolicy, Service, Integration, Alert):
        assert db.session.scalar(db.select(db.func.count()).select_from(model)) == 1
    assert db.session.scalars(db.select(Alert)).one().occurrences == 2


def _teams() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(Team)) or 0


def test_a_second_click_shows_a_key_that_works_and_only_one(
    ada: User, client: FlaskClient, clock: TestClock
) -> None:
    take(client, "team", name="Payments")
    take(client, "service", name="Checkout")
    keys = []
    for _ in range(2):
        answer = post(client, "/setup/integration", {"kind": "alertmanager"}, page="/me")
        found = re.search(r"/intake/(nbi_\w+)", answer.text)
        assert found is not None
        keys.append(found.group(1))
    assert integrations.find_by_key(keys[0], at=clock()) is None
    assert integrations.find_by_key(keys[1], at=clock()) is not None
    clock.advance(minutes=1)
    late = post(client, "/setup/integration", {"kind": "alertmanager"}, page="/me")
    assert late.status_code == 422
    assert integrations.find_by_key(keys[1], at=clock()) is not None


def test_the_lines_for_alertmanager_hold_the_address_and_the_key_is_never_shown_again(
    ada: User, client: FlaskClient
) -> None:
    take(client, "team", name="Payments")
    take(client, "service", name="Checkout")
    answer = take(client, "integration", kind="alertmanager")
    assert "no-store" in answer.headers["Cache-Control"]
    lines, otherwise = answer.text.split(
        "For senders that cannot set a header"
    )  # the header comes first (SEC-4)
    assert "webhook_configs:\n      - url: http://127.0.0.1:8000/intake\n" in lines
    assert re.search(r"authorization:\n +credentials: nbi_\w{43}<", lines)
    assert "/intake/nbi_" not in lines
    assert "http://127.0.0.1:8000/intake/nbi_" in otherwise
    assert "This is the only time the key is shown." in answer.text
    for path in ("/setup/integration", "/services/1"):
        assert not re.search(r"nbi_\w{5,}", client.get(path).text)


def test_a_step_that_builds_on_a_skipped_one_says_what_it_needs(ada: User, client: FlaskClient) -> None:
    for name, words in (
        ("on-call", "a team"),
        ("service", "a team"),
        ("integration", "a service"),
        ("alert", "a way in"),
    ):
        page = client.get(f"/setup/{name}")
        assert page.status_code == 200
        assert "first</a>" in page.text
        answer = post(client, f"/setup/{name}", {"name": "x", "kind": "generic"}, page="/me")
        assert answer.status_code == 422
        assert f"This needs {words} first." in answer.text


def test_skipping_leads_on_and_the_walk_is_taken_up_where_rows_say(ada: User, client: FlaskClient) -> None:
    assert "Begin: Make this device ring" in client.get("/setup").text
    assert 'href="/setup/team">Skip for now' in client.get("/setup/device").text
    take(client, "team", name="Payments")
    with transaction():
        make_device(ada, verified_at=db.session.scalar(db.select(User.created_at)))
    assert "Go on: Who is on call" in client.get("/setup").text


def test_a_policy_made_later_is_given_to_the_services_that_waited_for_it(
    ada: User, client: FlaskClient
) -> None:
    take(client, "team", name="Payments")
    take(client, "service", name="Checkout")
    assert "no escalation policy" in client.get("/setup").text
    take(client, "on-call", name="Primary", time_zone="UTC")
    assert db.session.scalars(db.select(Service)).one().escalation_policy_id is not None


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("team", {"name": " "}, "name"),
        ("on-call", {"name": "x" * 101, "time_zone": "UTC"}, "name"),
        ("on-call", {"name": "Primary", "time_zone": "Mars"}, "time_zone"),
        ("service", {"name": ""}, "name"),
        ("integration", {"kind": "carrier pigeon"}, "kind"),
    ],
)
def test_a_wrong_answer_names_its_field_and_changes_nothing(
    ada: User, client: FlaskClient, name: str, fields: dict[str, str], field: str
) -> None:
    if name != "team":
        take(client, "team", name="Payments")
    if name == "integration":
        take(client, "service", name="Checkout")
    answer = post(client, f"/setup/{name}", fields, page="/me")
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_SEC16_only_who_may_make_teams_walks(app: APIFlask, client: FlaskClient) -> None:
    with transaction():
        cast = Cast()
    sign_in(client, cast.ada)
    assert client.get("/setup").status_code == 403
    assert post(client, "/setup/team", {"name": "Mine"}, page="/me").status_code == 403
    assert client.get("/setup/unknown").status_code == 403
    sign_in(client, cast.mara)
    assert client.get("/setup/unknown").status_code == 404
    assert post(client, "/setup/device", {}, page="/me").status_code == 404


def test_a_device_that_never_rang_does_not_count(ada: User, client: FlaskClient, clock: TestClock) -> None:
    with transaction():
        device = make_device(ada)
    assert "Begin: Make this device ring" in client.get("/setup").text
    with transaction():
        db.session.get_one(PushSubscription, device.id).verified_at = clock()
    assert "Begin: Make this device ring" not in client.get("/setup").text
