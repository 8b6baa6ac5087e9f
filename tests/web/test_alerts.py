"""One alert: what its screen says to whom, and each verb as a plain form."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.alerts import queries
from app.alerts.receive import receive
from app.alerts.resolve import resolve
from app.database import db, transaction
from app.domain.alert import IncomingAlert, Link, Said
from app.domain.words import AlertStatus, DeliveryState, Severity
from app.incidents.models import Incident
from app.notices.models import Notice
from app.paging.models import Delivery, Page
from app.people.models import User
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/alerts/1"


@pytest.fixture
def paged(world: World) -> World:
    """Ada has been paged about alert 1 and has not answered."""
    world.fire()
    world.tick()
    return world


def do(client: FlaskClient, path: str, **fields: object) -> str:
    """Send a form of the alert's screen and read what comes after."""
    answer = post(client, f"{SCREEN}/{path}", dict(fields), page=SCREEN)
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def refused(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    answer = post(client, f"{SCREEN}/{path}", dict(fields), page=SCREEN)
    assert answer.status_code == 409
    return answer


def test_the_screen_says_what_is_wrong_who_is_next_and_why_me(paged: World, seen_by: SeenBy) -> None:
    page = seen_by(paged.cast.ada).get(SCREEN).text
    assert "Critical" in page
    assert "step 1 of 2" in page
    assert "since" in page
    assert "Thu 12 Nov, 03:10 GMT" in page
    assert "Goes to <b>Ben</b> in" in page
    assert "Why you" in page
    assert "Policy Payments critical, step 1 of 2" in page
    assert "I have it. Stop paging others." in page
    assert "Why Ada" in seen_by(paged.cast.ben).get(SCREEN).text


def test_where_it_went_is_told_for_each_device_with_the_reason_when_it_failed(
    paged: World, seen_by: SeenBy
) -> None:
    client = seen_by(paged.cast.ada)
    assert "waits to be sent" in client.get(SCREEN).text
    with transaction():
        delivery = db.session.scalars(
            sa.select(Delivery).join(Page).where(Page.user_id == paged.cast.ada.id)
        ).one()
        delivery.sent_at = delivery.accepted_at = paged.now
        delivery.state = DeliveryState.ACCEPTED
    assert "accepted, not shown yet" in client.get(SCREEN).text
    paged.clock.advance(seconds=50)
    assert "accepted 50 s ago, never shown" in client.get(SCREEN).text
    with transaction():
        delivery = db.session.merge(delivery)
        delivery.shown_at, delivery.state = paged.now - timedelta(seconds=48.1), DeliveryState.SHOWN
    assert "shown after 1.9 s" in client.get(SCREEN).text
    with transaction():
        delivery = db.session.merge(delivery)
        delivery.shown_at = delivery.accepted_at = None
        delivery.state, delivery.error = DeliveryState.FAILED, "the push service answered 410"
    assert "failed: the push service answered 410" in client.get(SCREEN).text


def test_acknowledging_says_you_have_it_and_can_be_taken_back(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    page = do(client, "acknowledgement", run=1)
    assert "You have it. Nobody else is paged." in page
    assert 'action="/alerts/1/acknowledgement/removal"' in page
    assert "Resolve" in page
    assert paged.alert().acknowledged_by_id == paged.cast.ada.id
    page = do(client, "acknowledgement/removal")
    assert "Given back." in page
    assert paged.alert().status is AlertStatus.TRIGGERED


def test_acknowledging_from_now_leads_back_to_now(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    answer = post(client, f"{SCREEN}/acknowledgement", {"back": "/", "run": 1}, page="/")
    assert answer.location == "/"
    elsewhere = post(client, f"{SCREEN}/acknowledgement", {"back": "//evil.example/"}, page=SCREEN)
    assert elsewhere.location == SCREEN


def test_opening_an_alert_never_acknowledges_it(paged: World, seen_by: SeenBy) -> None:
    seen_by(paged.cast.ada).get(SCREEN)
    seen_by(paged.cast.ada).get(f"{SCREEN}/acknowledgement")
    assert paged.alert().status is AlertStatus.TRIGGERED


def test_whoever_was_beaten_reads_who_has_it_and_may_join(paged: World, seen_by: SeenBy) -> None:
    paged.acknowledge(paged.cast.ben)
    paged.clock.advance(seconds=12)
    client = seen_by(paged.cast.ada)
    page = client.get(SCREEN).text
    assert "Ben has it, 12 s ago." in page
    assert "Take it from Ben." in page
    assert "Ben has it since 03:10 GMT. You need do nothing." in do(client, "acknowledgement", run=1)
    assert "You have it. Nobody else is paged." in do(client, "acknowledgement", join="yes")
    assert "Ada took it over" in client.get(SCREEN).text


def test_INV10_a_screen_from_before_the_alert_came_back_does_not_take_it(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    do(client, "acknowledgement", run=1)
    do(client, "acknowledgement/removal")
    assert "from before the alert came back" in do(client, "acknowledgement", run=1)
    assert paged.alert().status is AlertStatus.TRIGGERED


@pytest.mark.parametrize(
    ("until", "says"),
    [
        ({"until": "60"}, "Thu 12 Nov, 04:10 GMT"),
        ({"until": "240"}, "Thu 12 Nov, 07:10 GMT"),
        ({"until": "morning"}, "Thu 12 Nov, 09:00 GMT"),
        ({"until": "chosen", "chosen": "2026-11-13T06:30"}, "Fri 13 Nov, 06:30 GMT"),
    ],
)
def test_snoozing_says_when_it_comes_back(
    paged: World, seen_by: SeenBy, until: dict[str, str], says: str
) -> None:
    page = do(seen_by(paged.cast.ada), "snooze", **until)
    assert f"Snoozed. It comes back at {says}." in page
    assert f"Snoozed by you until {says}." in page


def test_nine_in_the_morning_is_by_the_clock_of_whoever_snoozes(paged: World, seen_by: SeenBy) -> None:
    assert "Thu 12 Nov, 09:00 CET" in do(seen_by(paged.cast.ben), "snooze", until="morning")
    snoozed_until = paged.alert().snoozed_until
    assert snoozed_until is not None
    assert snoozed_until.hour == 8


def test_a_snooze_can_be_undone_and_an_unclear_one_is_refused(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    assert "Choose until when" in refused(client, "snooze", until="chosen", chosen="soon").text
    assert "seven days at most" in refused(client, "snooze", until="chosen", chosen="2027-01-01T09:00").text
    assert "/alerts/1/snooze/removal" in do(client, "snooze", until="60")
    assert "Back from snooze" in do(client, "snooze/removal")


def test_reassigning_pages_the_other_person(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    assert "Dan, 03:10 in London" in client.get(SCREEN).text
    assert "Dan is paged now." in do(client, "assignment", user_id=paged.cast.dan.id)
    paged.tick()
    assert paged.paged() == ["Ada", "Dan"]
    assert "Choose somebody" in refused(client, "assignment", user_id=999).text


def test_escalating_names_whom_it_wakes_and_what_their_clock_says(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    page = client.get(SCREEN).text
    assert "Page Ben now?" in page
    assert "It is 04:10 in Stockholm." in page
    assert "The next step is paged now." in do(client, "escalation")
    paged.tick()
    assert paged.paged() == ["Ada", "Ben"]


def test_resolving_keeps_the_reason_and_reopening_takes_it_back(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    page = do(client, "resolution", reason="Rolled back the 03:06 deploy")
    assert "Rolled back the 03:06 deploy" in page
    assert "Resolved at Thu 12 Nov, 03:10 GMT." in page
    assert "It is not over: page again." in page
    assert "Reopened. Its policy begins again now." in do(client, "reopening")
    assert paged.alert().is_open


def test_a_resolved_alert_says_that_its_source_said_so(paged: World, seen_by: SeenBy) -> None:

    paged.fire(status=Said.RESOLVED)
    page = seen_by(paged.cast.ada).get(SCREEN).text
    assert "Over at Thu 12 Nov, 03:10 GMT." in page
    assert "Back to normal, its source says so." in page


def test_L_NOT_06_whoever_a_note_names_is_told_if_they_may_read_the_alert(
    paged: World, seen_by: SeenBy, client: FlaskClient
) -> None:
    def told(user: User) -> list[tuple[str, str]]:
        rows = sa.select(Notice.event, Notice.link).where(
            Notice.user_id == user.id, Notice.event == "mentioned"
        )
        return [(event, link) for event, link in db.session.execute(rows.order_by(Notice.id))]

    cast = paged.cast
    do(seen_by(cast.ada), "notes", text="@ben and @Ada, look. @dan, not yours.")
    assert told(cast.ben) == [("mentioned", "/alerts/1")]
    assert not told(cast.ada)  # who wrote it
    assert not told(cast.dan)  # of another team: they may not read it
    Api(client, cast.ada).post("/alerts/1/notes", {"text": "@ben: again"})
    assert len(told(cast.ben)) == 2


def test_a_note_is_read_on_the_timeline(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    page = do(client, "notes", text="Deploy at 03:06, looks like it.")
    assert "Ada noted" in page
    assert "Deploy at 03:06, looks like it." in page
    assert "A note needs a word or two." in refused(client, "notes", text="  ").text


def test_promoting_acknowledges_and_makes_the_promoter_the_commander(paged: World, seen_by: SeenBy) -> None:
    client = seen_by(paged.cast.ada)
    page = do(client, "incident", title="Card payments fail", severity="sev1")
    assert "Incident declared. You are its commander." in page
    incident = db.session.scalars(sa.select(Incident)).one()
    assert (incident.title, incident.severity) == ("Card payments fail", "sev1")
    assert paged.alert().acknowledged_by_id == paged.cast.ada.id
    assert "INC-1 · SEV1 · Open" in client.get(SCREEN).text


def test_the_next_page_is_one_tap_away(paged: World, seen_by: SeenBy) -> None:
    paged.fire("Auth gateway 502", key="other", severity=Severity.ERROR)
    paged.tick()
    assert "Next page (1 more): Auth gateway 502" in seen_by(paged.cast.ada).get(SCREEN).text


def test_what_happened_is_told_newest_first_and_repeats_once(paged: World, seen_by: SeenBy) -> None:
    paged.fire()
    paged.fire()
    page = seen_by(paged.cast.ada).get(SCREEN).text
    assert "Reported again, 3 times so far" in page
    assert "Reported again, 2 times so far" not in page
    assert (
        page.index("Reported again") < page.index("Ada paged, step 1") < page.index("Began, told by events_v2")
    )


def test_an_earlier_alert_like_it_is_shown(paged: World, seen_by: SeenBy) -> None:
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        resolve(alert, by=db.session.merge(paged.cast.ada), at=paged.now)
    paged.fire()
    page = seen_by(paged.cast.ada).get("/alerts/2").text
    assert "Earlier like this" in page
    assert 'href="/alerts/1"' in page


def test_everybody_was_asked_and_nobody_answered(paged: World, seen_by: SeenBy) -> None:
    paged.forward(minutes=10)
    page = seen_by(paged.cast.ada).get(SCREEN).text
    assert "last resort" in page
    assert "Every step was tried, nobody answered" in page
    assert "Goes to <b>Mara</b> in" in page


def test_SEC20_what_a_stranger_wrote_stays_text(world: World, seen_by: SeenBy) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"
    incoming = IncomingAlert(
        dedup_key="x", title=nasty, severity=Severity.CRITICAL, description=nasty,
        labels={nasty: nasty}, annotations={"note": nasty},
        links=(Link("javascript:alert(3)", "tap"), Link("https://ok.example/", nasty)),
    )  # fmt: skip
    with transaction():
        receive(incoming, db.session.merge(world.cast.integration), at=world.now)
    world.tick()
    client = seen_by(world.cast.ada)
    for path in ("/", "/alerts", SCREEN):
        page = client.get(path).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "javascript:" not in page, path
        assert "&lt;script&gt;" in page, path
        assert "{{7*7}}" in page, path


def test_without_a_login_the_alert_tells_nothing_and_asks_for_its_token(paged: World, app: APIFlask) -> None:
    page = app.test_client().get(SCREEN).text
    assert "<token-alert>" in page
    assert "Checkout" not in page
    assert "/login?next=/alerts/1" in page
    assert app.test_client().get("/alerts/999").text.replace("999", "1") == page  # nor whether it exists


def test_what_is_not_there_is_said_in_words(paged: World, seen_by: SeenBy) -> None:
    answer = seen_by(paged.cast.ada).get("/alerts/999")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


@pytest.mark.parametrize(
    "verb", ["acknowledgement", "snooze", "assignment", "escalation", "resolution", "notes"]
)
def test_a_stakeholder_sees_no_alerts_and_may_do_nothing(paged: World, seen_by: SeenBy, verb: str) -> None:
    client = seen_by(paged.cast.eli)
    assert client.get(SCREEN).status_code == 403
    assert post(client, f"{SCREEN}/{verb}", {}, page="/me/security").status_code == 403
    assert paged.alert().status is AlertStatus.TRIGGERED


@pytest.mark.parametrize("verb", ["acknowledgement", "resolution", "incident"])
def test_SEC9_a_form_without_its_token_changes_nothing(paged: World, seen_by: SeenBy, verb: str) -> None:
    client = seen_by(paged.cast.ada)
    assert client.post(f"{SCREEN}/{verb}").status_code == 400
    assert paged.alert().status is AlertStatus.TRIGGERED
