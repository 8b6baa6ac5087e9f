"""What our own tables say, read by plain SQL, on both databases."""

from datetime import timedelta

import pandas as pd
import pytest
import sqlalchemy as sa

import analytics
from analytics import columns, frames, response
from app.alerts.acknowledge import acknowledge
from app.alerts.models import Alert
from app.alerts.receive import receive
from app.clock import now as clock_now
from app.database import db, transaction
from app.domain.alert import IncomingAlert, Said
from app.domain.timeline import Kind, Subject
from app.domain.words import Severity
from app.incidents import promote, status
from app.incidents.models import Incident, IncidentAlert, IncidentService
from app.paging.models import Delivery, Page
from app.timeline.models import Event
from tests.support.cast import Cast, make, make_service

TABLES = ("incidents", "events", "alerts", "pages")


@pytest.fixture
def cast(app):
    with transaction():
        yield Cast()


def moment(clock, minutes: float):
    return clock() + timedelta(minutes=minutes)


def make_alert(cast: Cast, clock, **changes) -> Alert:
    facts = {
        "integration_id": cast.integration.id, "service_id": cast.checkout.id, "team_id": cast.payments.id,
        "dedup_key": f"key {changes.get('title')}", "title": "Checkout errors above 5 %",
        "severity": "critical", "urgency": "high", "status": "triggered",
        "started_at": moment(clock, -9), "created_at": clock(),
        "updated_at": clock(), "links": [], "labels": {}, "annotations": {},
    }  # fmt: skip
    return make(Alert, **(facts | changes))


def make_incident(cast: Cast, clock, **changes) -> Incident:
    facts = {
        "title": "Checkout is down", "severity": "sev1", "status": "open", "team_id": cast.payments.id,
        "detected_at": clock(), "declared_at": moment(clock, 4), "created_at": clock(), "updated_at": clock(),
    }  # fmt: skip
    return make(Incident, **(facts | changes))


def make_event(subject: Subject, subject_id: int, kind: Kind, at, by=None, **data) -> Event:
    who = by and by.id
    return make(Event, at=at, kind=kind, subject_kind=subject, subject_id=subject_id, actor_id=who, data=data)


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_database_has_the_promised_columns(app, database_url, name):
    table = getattr(frames.read(database_url), name)
    promised = getattr(columns, name.upper())
    assert list(table.columns)[: len(promised)] == list(promised)
    assert len(table) == 0
    moments = [column for column, kind in promised.items() if kind == "moment"]
    assert {str(table[column].dtype) for column in moments} == {"datetime64[us, UTC]"}


def test_an_empty_database_is_reviewed_without_fuss(app, database_url):
    tables = analytics.read(database_url)
    window = analytics.window(tables)
    found = analytics.review(tables.incidents, window.since, window.until, window.as_of, events=tables.events)
    assert found.sentence == "There were no incidents in this window, so there is nothing to measure."


def test_an_incident_is_read_with_its_milestones_to_the_microsecond(app, clock, database_url):
    with transaction():
        cast = Cast()
        later = moment(clock, 2.5) + timedelta(microseconds=1)
        incident = make_incident(
            cast, clock, acknowledged_at=later, resolved_at=moment(clock, 60), reopen_count=1
        )
        make(IncidentService, incident_id=incident.id, service_id=make_service("payments-db", cast.payments).id)
        make(IncidentService, incident_id=incident.id, service_id=cast.checkout.id)
        make_event(Subject.INCIDENT, incident.id, Kind.COMMANDER_CHANGED, clock(), cast.ada)
        number = str(incident.id)
    row = frames.read(database_url).incidents.iloc[0]
    assert row[["incident_id", "service", "team", "severity", "kind"]].tolist() == [
        number, "checkout-api", "Payments", "SEV1", "incident",
    ]  # fmt: skip
    assert row["acknowledged_at"] == pd.Timestamp(later)
    assert (row["reopen_count"], row["reassignment_count"]) == (1, 1)
    assert pd.isna(row["mitigated_at"])
    assert pd.isna(row["merged_into"])


def test_an_alert_counts_from_when_we_heard_of_it_to_the_first_human_who_had_it(app, clock, database_url):
    with transaction():
        cast = Cast()
        alert = make_alert(cast, clock, labels={"alertname": "HighErrorRate", "instance": "web-3"})
        make_event(Subject.ALERT, alert.id, Kind.ACKNOWLEDGED, moment(clock, 1))  # by its source
        make_event(Subject.ALERT, alert.id, Kind.ACKNOWLEDGED, moment(clock, 3), cast.ada)
        make_event(
            Subject.ALERT, alert.id, Kind.UNACKNOWLEDGED, moment(clock, 4), cast.ada
        )  # the row forgets it
        incident = make_incident(cast, clock)
        make(IncidentAlert, incident_id=incident.id, alert_id=alert.id)
    table = frames.read(database_url).alerts
    row = table.iloc[0]
    assert row["fired_at"] == pd.Timestamp(clock())
    assert row["acknowledged_at"] == pd.Timestamp(moment(clock, 3))
    assert row[["rule", "target", "acknowledged_by", "severity", "urgency"]].tolist() == [
        "HighErrorRate", "web-3", "human", "critical", "high",
    ]  # fmt: skip
    assert row["incident_id"] == "1"
    waited = response.time_to_acknowledge(table, as_of=moment(clock, 10))
    assert waited["minutes"].tolist() == [3.0]


def test_an_acknowledgement_by_the_source_is_not_a_humans(app, clock, database_url):
    with transaction():
        alert = make_alert(Cast(), clock, status="acknowledged", acknowledged_at=moment(clock, 1))
        make_event(Subject.ALERT, alert.id, Kind.ACKNOWLEDGED, moment(clock, 1))
    table = frames.read(database_url).alerts
    assert table["acknowledged_by"].tolist() == ["source"]
    assert not response.time_to_acknowledge(table, as_of=moment(clock, 10))["observed"].any()


def test_a_story_told_by_the_products_own_verbs_is_measured_right(app, clock, database_url):
    incoming = IncomingAlert(
        dedup_key="k", title="Checkout errors", severity=Severity.CRITICAL, status=Said.FIRING
    )
    with transaction():
        cast = Cast()
        receive(incoming, cast.integration, at=clock())
    ada = cast.ada
    clock.advance(minutes=2, seconds=40)
    tell(acknowledge, db.session.get(Alert, 1), ada)
    clock.advance(minutes=1)
    tell(promote.promote, db.session.get(Alert, 1), ada)
    for minutes, verb in ((26, status.resolve), (30, status.reopen), (40, status.resolve)):
        clock.advance(minutes=minutes)
        tell(verb, db.session.get(Incident, 1), ada)
    tables = frames.read(database_url)

    acknowledged = response.time_to_acknowledge(tables.incidents, as_of=clock(), events=tables.events)
    assert acknowledged["minutes"].tolist() == pytest.approx([2 + 40 / 60])
    minutes = {
        mode: response.time_to_resolve(tables.incidents, as_of=clock(), events=tables.events, reopened=mode)
        for mode in ("first", "final", "active")
    }
    begun = 2 + 40 / 60 + 1
    assert [table["minutes"].iloc[0] for table in minutes.values()] == pytest.approx(
        [begun + 26, begun + 96, begun + 66]
    )
    assert response.time_to_acknowledge(tables.alerts, as_of=clock())["end"].tolist() == ["acknowledged"]
    between = response.time_to_resolve(tables.incidents, as_of=moment(clock, -60), events=tables.events)
    assert between["observed"].tolist() == [True]  # resolved by then, reopened only later


def tell(verb, subject, who) -> None:
    with transaction():
        verb(db.session.merge(subject), by=db.session.merge(who), at=clock_now())


def test_events_name_their_subject_their_actor_and_what_changed(app, clock, database_url):
    with transaction():
        cast = Cast()
        alert, incident = make_alert(cast, clock), make_incident(cast, clock)
        make_event(Subject.ALERT, alert.id, Kind.TRIGGERED, clock())
        make_event(Subject.INCIDENT, incident.id, Kind.STATUS_CHANGED, moment(clock, 5), cast.ben, **CHANGED)
        make_event(Subject.SERVICE, cast.checkout.id, Kind.CHANGE, clock())
    table = frames.read(database_url).events
    assert table["kind"].tolist() == ["triggered", "status_changed"]
    assert table["alert_id"].tolist()[0] == "1"
    assert table["incident_id"].tolist()[1] == "1"
    assert table.iloc[1][["actor", "from", "to"]].tolist() == ["Ben", "open", "in_progress"]
    assert table["actor"].isna().tolist() == [True, False]


CHANGED = {"from": "open", "to": "in_progress"}


def test_a_page_is_sent_when_a_service_took_it_and_delivered_when_a_device_had_it(app, clock, database_url):
    with transaction():
        cast = Cast()
        alert = make_alert(cast, clock)
        for kind in ("page", "test"):
            page = make(
                Page, page_key=kind, kind=kind, subject_kind="alert", subject_id=alert.id, run=1, round=0,
                step=0, reminder=0, user_id=cast.ada.id, title="", body="", urgency="high", status="delivered",
                reason=[], created_at=clock(), deadline_at=moment(clock, 5),
            )  # fmt: skip
            for number, device in enumerate(("phone", "laptop")):
                make(
                    Delivery, page_id=page.id, channel="push", device=device, state="shown",
                    address_key=device,
                    token_hash=f"{kind} {device}", created_at=clock(), accepted_at=moment(clock, number + 1),
                    shown_at=moment(clock, number + 2), acked_at=moment(clock, 3) if number else None,
                )  # fmt: skip
    table = frames.read(database_url).pages
    assert table[["user", "alert_id", "channel"]].to_numpy().tolist() == [["Ada", "1", "push"]]
    times = table.iloc[0][["sent_at", "delivered_at", "answered_at"]].tolist()
    assert times == [pd.Timestamp(moment(clock, minutes)) for minutes in (1, 2, 3)]


def test_a_window_is_half_open_and_an_open_connection_will_do(app, clock):
    with transaction():
        cast = Cast()
        for minutes in (0, 10, 20):
            make_alert(cast, clock, title=str(minutes), created_at=moment(clock, minutes))
    since, until = pd.Timestamp(moment(clock, 10)), pd.Timestamp(moment(clock, 20))
    assert frames.alerts(db.session.connection(), since, until)["rule"].tolist() == ["10"]
    assert frames.alerts(db.engine, since)["rule"].tolist() == ["10", "20"]
    assert frames.alerts(db.engine, until=since)["rule"].tolist() == ["0"]


def test_a_report_can_change_nothing(app, database_url):
    with frames.connected(database_url) as connection, pytest.raises(sa.exc.DBAPIError, match=r"read.?only"):
        connection.execute(sa.text("DELETE FROM alert"))


def test_a_mistyped_path_is_said_and_makes_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no database at"):
        frames.read(f"sqlite:///{tmp_path / 'nightbel.db'}")
    assert list(tmp_path.iterdir()) == []
