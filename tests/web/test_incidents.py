"""Incidents: the list, one incident, and moving it on."""

import pytest
from flask.testing import FlaskClient

from app.alerts import queries
from app.alerts.resolve import resolve
from app.database import db, transaction
from app.domain.words import AlertStatus
from app.incidents.models import Incident
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"


@pytest.fixture
def declared(world: World) -> World:
    """Ada was paged, and has commanded incident 1 for half a minute."""
    world.fire()
    world.tick()
    world.promote(world.cast.ada)
    world.clock.advance(seconds=30)
    return world


def do(client: FlaskClient, path: str, **fields: object) -> str:
    answer = post(client, f"{SCREEN}/{path}", dict(fields), page=SCREEN)
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def incident() -> Incident:
    found = db.session.get(Incident, 1, populate_existing=True)
    assert found is not None
    return found


def test_the_header_says_how_bad_how_far_who_and_how_long(declared: World, seen_by: SeenBy) -> None:
    page = seen_by(declared.cast.ada).get(SCREEN).text
    for words in (
        "SEV1",
        "Open",
        "Checkout errors at 14 %",
        "Detecting",
        "Commander since 03:10",
        "30 s",
        "1 alert, 1 open",
    ):
        assert words in page, words
    assert "Ada declared the incident, from alert 1" in page


def test_the_list_has_tabs_and_an_empty_one_says_what_that_means(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.ada)
    assert "INC-1 · Open · Ada · 30 s" in client.get("/incidents").text
    assert "INC-1" in client.get("/incidents?tab=mine").text
    assert "You command no incident." in seen_by(declared.cast.ben).get("/incidents?tab=mine").text
    do(client, "resolution", resolution="Rolled back")
    do(client, "closure")
    assert "Nothing is on fire. Last incident closed Thu 12 Nov, 03:10 GMT." in client.get("/incidents").text
    assert "INC-1" in client.get("/incidents?tab=all").text


def test_it_goes_from_open_to_closed_and_back(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.ada)
    assert "Containing" in do(client, "containment")
    assert "Recovering" in do(client, "mitigation")
    assert "Ada set it to mitigated" in client.get(SCREEN).text
    page = do(client, "resolution", resolution="Rolled back the 03:06 deploy")
    assert "Rolled back the 03:06 deploy" in page
    assert "Close" in page
    assert "Ada closed it" in do(client, "closure")
    assert "Ada reopened it" in do(client, "reopening")
    assert incident().reopen_count == 1


def test_resolving_takes_along_the_alerts_that_stay_ticked(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.ada)
    assert 'name="alert" value="1" checked' in client.get(SCREEN).text
    do(client, "resolution", resolution="", alert=[1])
    assert declared.alert().status is AlertStatus.RESOLVED


def test_an_alert_that_was_unticked_stays_open(declared: World, seen_by: SeenBy) -> None:
    do(seen_by(declared.cast.ada), "resolution", resolution="")
    assert declared.alert().is_open


def test_when_all_alerts_are_over_it_asks_and_does_not_resolve_itself(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.ada)
    assert "All alerts are over" not in client.get(SCREEN).text
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        resolve(alert, by=db.session.merge(declared.cast.ada), at=declared.now)
    assert "All alerts are over. Resolve?" in client.get(SCREEN).text
    assert incident().is_open


def test_severity_command_and_notes_are_told_on_the_timeline(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.ada)
    assert "Ada changed the severity from SEV1 to SEV3" in do(client, "severity", severity="sev3")
    assert "Ada handed command to Cleo" in do(client, "commander", user_id=declared.cast.cleo.id)
    assert "Errors fell to 12 %." in do(client, "notes", text="Errors fell to 12 %.")


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("severity", {"severity": "sev9"}, "Choose a severity from SEV1 to SEV5."),
        ("commander", {"user_id": 999}, "Choose who takes command."),
        ("notes", {"text": " "}, "A note needs a word or two."),
        ("closure", {}, "so there is nothing to close."),
        ("reopening", {}, "so there is nothing to reopen."),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    declared: World, seen_by: SeenBy, path: str, fields: dict[str, object], says: str
) -> None:
    answer = post(seen_by(declared.cast.ada), f"{SCREEN}/{path}", fields, page=SCREEN)
    assert answer.status_code == 409
    assert says in answer.text


def test_a_stakeholder_reads_it_without_alerts_and_without_buttons(declared: World, seen_by: SeenBy) -> None:
    client = seen_by(declared.cast.eli)
    page = client.get(SCREEN).text
    assert "Checkout errors at 14 %" in page
    assert "/alerts/1" not in page
    assert "<form" not in page
    assert "Alerts" not in client.get("/incidents").text
    assert post(client, f"{SCREEN}/resolution", {}, page="/me/security").status_code == 403
    assert client.get("/incidents/999").status_code == 404
