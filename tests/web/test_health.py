"""What watches us from outside: is the process there, and would a page go out."""

from flask.testing import FlaskClient
from sqlalchemy import text

from app import migrations
from app.database import transaction
from app.paging.health import note_round
from tests.support.clock import TestClock


def test_the_process_answers_whatever_else_is_wrong(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_is_ready_once_the_engine_was_seen_and_no_longer_when_it_falls_silent(
    client: FlaskClient, clock: TestClock
) -> None:
    never = client.get("/readyz")
    assert (never.status_code, never.get_json()["checks"]["engine"]) == (503, "last seen never")
    note_round(clock.moment)
    assert client.get("/readyz").status_code == 200
    clock.advance(seconds=61)
    assert client.get("/readyz").status_code == 503


def test_it_is_not_ready_on_a_schema_of_another_version(client: FlaskClient, clock: TestClock) -> None:
    note_round(clock.moment)
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    with transaction() as session:  # the database is the next test's too
        session.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": migrations.head()})
    assert answer.status_code == 503
    assert "this code wants" in answer.get_json()["checks"]["schema"]
