"""Heartbeats (feature 8): whoever falls silent wakes somebody, once; the next beat ends it. Nightbells watch
each other this way (INV-27).
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app import clock as time
from app.alerts import integrations, restored
from app.alerts.models import Alert, Integration
from app.alerts.sources.kinds import Kind
from app.database import db, transaction
from app.domain import heartbeat
from app.domain.heartbeat import Beat
from app.domain.words import AlertStatus, Severity
from app.engine.watch import hear_silence
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy


@pytest.fixture
def key(world: World) -> str:
    with transaction():
        _, key = integrations.create(
            service=db.session.merge(world.cast.checkout), name="Nightly backup", kind=Kind.HEARTBEAT, by=None,
            at=time.now(),
        )  # fmt: skip
    return key


def alerts() -> list[Alert]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Alert).order_by(Alert.id)))


def door(key: str) -> Integration:
    db.session.rollback()
    found = integrations.find_by_key(key, at=time.now())
    assert found is not None
    return db.session.get_one(Integration, found.id)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_whoever_is_heard_wakes_nobody_and_whoever_falls_silent_wakes_somebody_once(
    world: World, client: FlaskClient, key: str, method: str
) -> None:
    world.clock.advance(days=30)
    assert hear_silence() == 0  # it never spoke: nobody waits for it
    for _ in range(3):
        answer = client.open(f"/ping/{key}", method=method)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        world.clock.advance(minutes=2, seconds=59)
        assert hear_silence() == 0
    heard = world.now
    client.open(f"/ping/{key}", method=method)
    world.clock.advance(minutes=3)
    assert [hear_silence(), hear_silence()] == [1, 0]
    (alert,) = alerts()
    assert (alert.title, alert.severity, alert.started_at) == (
        "Nightly backup is silent",
        Severity.CRITICAL,
        heard,
    )
    assert "Nothing was heard from it for 3 minutes." in alert.description
    world.tick()
    assert world.paged() == ["Ada"]
    client.open(f"/ping/{key}", method=method)
    (alert,) = alerts()
    assert alert.status is AlertStatus.RESOLVED
    world.clock.advance(minutes=3)
    hear_silence()
    assert len(alerts()) == 2


@pytest.mark.parametrize(
    ("word", "title"),
    [("fail", "failed"), ("1", "failed with exit code 1"), ("137", "failed with exit code 137")],
)
def test_whoever_says_that_it_failed_wakes_somebody_at_once_and_a_beat_ends_it(
    world: World, client: FlaskClient, key: str, word: str, title: str
) -> None:
    for _ in range(2):
        assert client.get(f"/ping/{key}/{word}").status_code == 200
    (alert,) = alerts()
    assert (alert.title, alert.occurrences) == (f"Nightly backup says that it {title}", 2)
    world.clock.advance(minutes=3)
    hear_silence()  # silent now, too: the same trouble
    assert len(alerts()) == 1
    client.get(f"/ping/{key}/0")
    assert alerts()[0].status is AlertStatus.RESOLVED


def test_a_start_is_no_beat(world: World, client: FlaskClient, key: str) -> None:
    client.get(f"/ping/{key}")
    world.clock.advance(minutes=2)
    assert client.get(f"/ping/{key}/start").status_code == 200
    world.clock.advance(minutes=1)
    assert hear_silence() == 1


@pytest.mark.parametrize(
    "word", ["stop", "-1", "1000", "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT ONE}", "x" * 2000]
)
def test_a_word_that_means_nothing_is_refused_and_counts_as_no_beat(
    world: World, client: FlaskClient, key: str, word: str
) -> None:
    answer = client.get(f"/ping/{key}/{word}")
    assert (answer.status_code, "an exit code" in answer.text) == (404, True)
    assert door(key).last_beat_at is None


def test_keys_of_others_and_of_what_is_closed_open_nothing(world: World, client: FlaskClient, key: str) -> None:
    with transaction():
        _, other = integrations.create(
            service=db.session.merge(world.cast.checkout),
            name="Other",
            kind=Kind.GENERIC,
            by=None,
            at=time.now(),
        )
    for wrong in ("nonsense", other, "%00", "\N{SNOWMAN}"):
        assert client.get(f"/ping/{wrong}").status_code == 404
    assert client.post(f"/intake/{key}", json={"title": "x"}).status_code == 404
    client.get(f"/ping/{key}")
    with transaction():
        db.session.get_one(Integration, door(key).id).is_active = False
    world.clock.advance(days=1)
    assert hear_silence() == 0
    assert client.get(f"/ping/{key}").status_code == 404


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # on SQLite one writes at a time
def test_who_speaks_in_the_moment_it_is_found_silent_is_not_called_silent(
    world: World, client: FlaskClient, key: str
) -> None:
    client.get(f"/ping/{key}")
    world.clock.advance(minutes=3)
    number, due = door(key).id, world.now
    db.session.rollback()
    heard = sa.update(Integration).where(Integration.id == number)
    heard = heard.values(last_beat_at=due, beat_due_at=due + timedelta(minutes=3))
    spoken: list[str] = []

    def speak(_: object, __: object, statement: str, *___: object) -> None:
        """Another process hears it after the engine has read who is due."""
        if not spoken and statement.startswith("SELECT") and "ORDER BY integration.beat_due_at" in statement:
            spoken.append(statement)
            with db.engine.connect() as another, another.begin():
                another.execute(heard)

    sa.event.listen(db.engine, "after_cursor_execute", speak)
    try:
        assert hear_silence() == 0
    finally:
        sa.event.remove(db.engine, "after_cursor_execute", speak)
    assert spoken
    assert alerts() == []


def test_after_a_backup_is_put_back_everybody_has_their_whole_time(
    world: World, client: FlaskClient, key: str
) -> None:
    client.get(f"/ping/{key}")
    world.clock.advance(hours=6)
    with transaction():
        restored.hold_overdue(at=world.now)
    assert hear_silence() == 0
    world.clock.advance(minutes=3)
    assert hear_silence() == 1


def test_a_heartbeat_is_made_seen_and_changed_in_the_app_and_by_the_api(
    world: World, seen_by: SeenBy, client: FlaskClient
) -> None:
    mara, page = seen_by(world.cast.mara), f"/services/{world.cast.checkout.id}"
    form = {"kind": "heartbeat", "integration_name": "Backup", "silence": str(26 * 60), "lasts": ""}
    made = post(mara, f"{page}/integrations", form, page=page).text
    assert "NIGHTBELL_HEARTBEAT_URL=http" in made
    assert "Not heard yet" in mara.get(page).text
    refused = post(mara, f"{page}/integrations", form | {"integration_name": "B", "silence": "4"}, page=page)
    assert (refused.status_code, "Choose how long it may be silent." in refused.text) == (422, True)
    api = Api(client, world.cast.mara)
    (shown,) = api.get("/integrations?kind=heartbeat").get_json()["items"]
    assert (shown["silent_after_minutes"], shown["last_beat_at"]) == (26 * 60, None)
    assert "/ping/" in shown["url"]
    draft = {"name": "Job", "kind": "heartbeat", "service_id": shown["service_id"]}
    job = api.make("/integrations", draft)
    assert (job["silent_after_minutes"], job["authorization"]) == (3, None)
    for bad in (0, 540_001, 10**30, -1):
        answer = api.post("/integrations", draft | {"name": f"J{bad}", "silent_after_minutes": bad})
        assert_problem(answer, 422, "#/silent_after_minutes")
    client.get(job["url"].partition("//")[2].partition("/")[2].join(("/", "")))
    api.patch(f"/integrations/{job['id']}", {"silent_after_minutes": 60})
    world.clock.advance(minutes=59)
    assert hear_silence() == 0
    world.clock.advance(minutes=1)
    assert hear_silence() == 1
    assert "silent since" in mara.get(page).text


def test_the_silences_and_words_of_a_heartbeat() -> None:
    minutes = [3, 60, 26 * 60, 8 * 24 * 60]
    said = [heartbeat.spoken(timedelta(minutes=each)) for each in minutes]
    assert said == ["3 minutes", "1 hour", "26 hours", "8 days"]
    assert [heartbeat.read(word) for word in ("", "0", "000", "start", "fail", "255", "no")] == [
        Beat.ALIVE, Beat.ALIVE, Beat.ALIVE, Beat.BEGUN, Beat.FAILED, Beat.FAILED, None,
    ]  # fmt: skip
