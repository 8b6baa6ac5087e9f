"""SEC-4: an integration's keys: two at once, their end, and how much one may send."""

from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.alerts import integrations
from app.alerts.models import Integration
from app.alerts.sources.kinds import Kind
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.web import pace
from tests.support.browser_forms import sign_in
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.web.test_intake import alerts, behind, door, enqueue


@pytest.fixture
def cast(client: FlaskClient) -> Cast:
    with transaction():
        return Cast()


def test_SEC4_two_keys_are_live_while_senders_move_and_each_says_when_it_was_used(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        integration, old = integrations.create(
            service=db.session.merge(cast.checkout), name="door", kind=Kind.EVENTS_V2, by=None, at=clock()
        )
        new = integrations.add_key(integration, by=None, at=clock())
        with pytest.raises(InvalidTransition, match="Two keys are live"):
            integrations.add_key(integration, by=None, at=clock())
    assert enqueue(client, old).status_code == 202
    clock.advance(minutes=5)
    assert enqueue(client, new).status_code == 202
    db.session.expire_all()
    first, second = integration.live_keys
    assert first.last_used_at is not None
    assert second.last_used_at == clock()
    assert integration.last_used_at == clock()
    with transaction():
        integrations.end_key(db.session.merge(first), by=None, at=clock())
        with pytest.raises(InvalidTransition, match="the only key"):
            integrations.end_key(db.session.merge(second), by=None, at=clock())
    assert enqueue(client, old).status_code == 400
    assert enqueue(client, new).status_code == 202


def test_SEC4_a_key_is_refused_from_the_moment_it_expires(
    client: FlaskClient, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        integration = db.session.get_one(Integration, cast.integration.id)
        key = integrations.add_key(integration, by=None, at=clock(), expires_at=clock() + timedelta(hours=1))
    assert enqueue(client, key).status_code == 202
    clock.advance(hours=1)
    assert enqueue(client, key).status_code == 400


def test_14_P8_a_sender_gone_wild_is_slowed_down_by_its_key_alone_and_its_team_sees_it(
    client: FlaskClient, cast: Cast, clock: TestClock, monkeypatch: pytest.MonkeyPatch, app: APIFlask
) -> None:
    monkeypatch.setattr(pace, "PER_KEY", RateLimitItemPerMinute(2))
    monkeypatch.setattr(pace, "_limiter", FixedWindowRateLimiter(MemoryStorage()))
    wild, calm = door(cast, Kind.EVENTS_V2), door(cast, Kind.EVENTS_V2)
    answers = [enqueue(client, wild, dedup_key=f"wild {number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 429, 429]
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in answers[2:])
    assert client.post(f"/intake/{wild}", json={}).status_code == 429
    assert enqueue(client, calm).status_code == 202
    assert len(alerts()) == 3  # what was refused left nothing behind
    db.session.expire_all()
    assert (behind(wild).slowed_at, behind(calm).slowed_at) == (clock(), None)
    mara = app.test_client()
    sign_in(mara, cast.mara)
    page = mara.get(f"/services/{cast.checkout.id}").text
    assert page.count("Slowed down: it sent more than 1,000 requests a second") == 1
