"""The made-up organisation: believable, quick to make, and silent."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from click.testing import Result

from analytics import frames, response
from app.alerts.models import Alert, Escalation
from app.cli import demo
from app.cli.demo.cast import PEOPLE
from app.database import db, transaction
from app.domain.reason import OnCallRole
from app.domain.words import AlertStatus, DeliveryState, IncidentStatus, PageStatus, Role
from app.engine import Engine
from app.incidents.models import Incident
from app.oncall.queries import next_shift
from app.paging.models import Delivery, Page, PushSubscription
from app.people import passwords, queries
from app.timeline.models import Event
from tests.support.browser_forms import visit
from tests.support.clock import TestClock
from tests.support.push_service import PushService

Nightbell = Callable[..., Result]


@pytest.fixture
def loaded(app: APIFlask, clock: TestClock) -> APIFlask:
    """Four days of it, up to the moment of the test's clock."""
    demo.load(at=clock(), days=4)
    return app


def test_it_shows_one_of_everything_that_can_be_open(loaded: APIFlask) -> None:
    open_alerts = db.session.scalars(sa.select(Alert).where(Alert.status != AlertStatus.RESOLVED)).all()
    assert {alert.status for alert in open_alerts} == {AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED}
    assert any(alert.snoozed_until for alert in open_alerts)
    going_on = db.session.scalars(
        sa.select(Incident).where(Incident.status == IncidentStatus.IN_PROGRESS)
    ).one()
    assert going_on.commander is not None


def test_it_is_marked_and_three_teams_of_twelve_people_live_in_four_zones(loaded: APIFlask) -> None:
    organisation = queries.organisation()
    assert organisation is not None
    assert organisation.is_demo
    people = queries.active_users()
    assert len(people) == 12
    assert len({person.time_zone for person in people}) == 4
    assert [team.name for team in queries.teams()] == sorted(PEOPLE)


def test_its_history_happened_in_order_and_none_of_it_lies_ahead(loaded: APIFlask, clock: TestClock) -> None:
    moments = list(db.session.scalars(sa.select(Event.at).order_by(Event.id)))
    assert moments == sorted(moments)
    assert moments[-1] <= clock()


def test_nothing_in_it_waits_to_be_sent_and_every_open_alert_has_its_timer(
    loaded: APIFlask, clock: TestClock
) -> None:
    assert db.session.scalar(sa.select(sa.func.count()).where(Delivery.next_attempt_at.is_not(None))) == 0
    assert db.session.scalar(sa.select(sa.func.count()).where(Page.status == PageStatus.QUEUED)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).where(Escalation.next_due_at <= clock())) == 0


def test_its_engine_escalates_before_your_eyes_and_sends_nothing(
    app: APIFlask, tmp_path: Path, clock: TestClock
) -> None:
    """Also where the engine was there first, and devices have been added by those who look around."""
    engine = Engine(app)
    demo.load(at=clock(), days=3)
    with PushService() as service:
        with transaction():
            for device in db.session.scalars(sa.select(PushSubscription)):
                device.endpoint = f"{service.url}/wpush/v2/{device.id}"
        clock.advance(minutes=30)
        engine._round()
        engine._senders.close()
        engine._channels.close()
        engine._alarm.close()
        assert service.posts == []
    accepted = sa.select(sa.func.count()).where(Delivery.state == DeliveryState.ACCEPTED)
    assert db.session.scalar(accepted)


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_signs_in_has_the_pager_whatever_day_it_is(
    app: APIFlask, clock: TestClock, weekday: int
) -> None:
    clock.advance(days=weekday)
    demo.load(at=clock(), days=1)
    someone = queries.user_by_email(demo.sign_in().email)
    assert someone is not None
    assert someone.role is Role.ADMINISTRATOR
    assert passwords.matches(demo.sign_in().password, someone.password_hash)
    shift = next_shift(someone, clock())
    assert shift is not None
    assert shift.is_now
    assert shift.role is OnCallRole.PRIMARY


def test_every_page_says_that_it_is_made_up(loaded: APIFlask) -> None:
    someone = queries.user_by_email(demo.sign_in().email)
    for path in ("/", "/on-call", "/trends"):
        assert "Demo data, nobody is paged" in visit(loaded, someone, path).text


def test_its_figures_have_something_to_say(loaded: APIFlask, clock: TestClock) -> None:
    """The frames find what the verbs wrote: acknowledged by humans, over, still open."""
    alerts = frames.alerts(db.session.connection())
    durations = response.time_to_acknowledge(alerts, as_of=clock())
    assert set(durations["end"]) >= {"acknowledged", "self-resolved", "still open"}
    pages = frames.pages(db.session.connection())
    assert pages["delivered_at"].notna().all()
    assert pages["answered_at"].notna().any()


def test_a_database_with_people_in_it_is_left_alone(migrated: Nightbell) -> None:
    migrated("user", "create", "--email", "ada@example.org", "--name", "Ada", "--role", "responder")
    refused = migrated("demo", "load")
    assert refused.exit_code == 1
    assert "needs an empty one" in refused.output


@pytest.mark.slow
def test_ninety_days_are_made_at_the_command_line(migrated: Nightbell) -> None:
    made = migrated("demo", "load", "--json")
    assert made.exit_code == 0, made.output
    counts = json.loads(made.output)["made"]
    assert counts["people"] == 12
    again = migrated("demo", "load", "--json")
    assert again.exit_code == 0
    assert json.loads(again.output) == {"made": {}, "sign_in": json.loads(made.output)["sign_in"]}
    assert counts["alerts"] > 250
    assert counts["incidents"] > 10
