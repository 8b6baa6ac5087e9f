"""Recommendations are said yes, not now or never to, and change nothing by themselves."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from apiflask import APIFlask

from app.alerts.models import Alert, Service
from app.database import db, transaction
from app.domain.words import AlertStatus, Choice, ResolvedBy, Role, Severity, Urgency
from app.timeline.models import Event
from app.trends.models import RecommendationChoice
from app.web import recommendations
from tests.support.browser_forms import post, sign_in, visit
from tests.support.cast import Cast, make_user
from tests.support.clock import TestClock
from tests.support.half_a_year import half_a_year


def submit(app: APIFlask, who: Any, path: str, fields: dict[str, str]) -> Any:
    client = app.test_client()
    sign_in(client, who)
    return post(client, path, fields, page="/me/security")


def recommended(app: APIFlask, who: Any) -> str:
    return unescape(visit(app, who, "/trends/recommendations").text)


@pytest.fixture
def noisy(app: APIFlask, clock: TestClock) -> Cast:
    """A rule that cried wolf sixty times in the last twelve weeks."""
    cast = half_a_year()
    with transaction():
        team, service = cast.payments.id, cast.checkout.id
        for number in range(60):
            at = clock() - timedelta(days=80) + timedelta(days=number * 4 / 3)
            db.session.add(
                Alert(
                    service_id=service,
                    team_id=team,
                    dedup_key=f"wolf {number}",
                    title="Cries wolf",
                    severity=Severity.ERROR,
                    urgency=Urgency.HIGH,
                    status=AlertStatus.RESOLVED,
                    started_at=at,
                    created_at=at,
                    updated_at=at,
                    resolved_at=at + timedelta(minutes=40),
                    resolved_by=ResolvedBy.SOURCE,
                    links=[],
                    labels={},
                    annotations={},
                )
            )
    return cast


def test_a_recommendation_is_accepted_with_its_draft_and_backtest_and_changes_nothing(
    app: APIFlask, noisy: Cast, clock: TestClock
) -> None:
    assert "Let “Cries wolf” page nobody" in recommended(app, noisy.mara)
    sent = {"key": "demote:Cries wolf", "choice": "accept", "reason": "Nobody ever acted"}
    policies = db.session.query(Service.low_urgency).all()
    answer = submit(app, noisy.mara, "/trends/recommendations", sent)
    assert answer.status_code == 303
    row = db.session.query(RecommendationChoice).one()
    assert (row.choice, row.reason, row.chosen_at) == (Choice.ACCEPT, "Nobody ever acted", clock())
    assert row.recommendation["draft"]["rule"] == "Cries wolf"
    assert row.recommendation["backtest"]["lost"] == []
    assert row.recommendation["evidence"]["n"] >= 29
    page = recommended(app, noisy.mara)
    assert "Let “Cries wolf” page nobody" in page.partition("What was said")[2]
    assert "Draft kept" in page
    assert db.session.query(Service.low_urgency).all() == policies
    assert db.session.query(Event).filter_by(kind="chosen").count() == 1
    submit(app, noisy.mara, "/trends/recommendations", sent)  # a second click
    assert db.session.query(RecommendationChoice).count() == 1


def test_never_needs_a_reason_and_not_now_comes_back(app: APIFlask, noisy: Cast) -> None:
    key = {"key": "demote:Cries wolf"}
    refused = submit(app, noisy.mara, "/trends/recommendations", {**key, "choice": "never", "reason": " "})
    assert refused.status_code == 422
    assert "Say why" in refused.text
    submit(app, noisy.mara, "/trends/recommendations", {**key, "choice": "not_now", "reason": "After the move"})
    assert "said “not now”" in recommended(app, noisy.mara)
    submit(app, noisy.mara, "/trends/recommendations", {**key, "choice": "never", "reason": "It must ring"})
    waiting, _, said = recommended(app, noisy.mara).partition("What was said")
    assert "Cries wolf" not in waiting
    assert "It must ring" in said


def test_who_may_not_edit_services_decides_nothing(app: APIFlask, noisy: Cast) -> None:
    sent = {"key": "demote:Cries wolf", "choice": "accept", "reason": ""}
    with transaction():
        wilma = make_user("Wilma", Role.RESPONDER)
    assert submit(app, wilma, "/trends/recommendations", sent).status_code == 403
    for wrong in ({"key": "demote:No such rule"}, {"choice": "perhaps"}):
        assert submit(app, noisy.mara, "/trends/recommendations", {**sent, **wrong}).status_code == 404
    assert db.session.query(RecommendationChoice).count() == 0


def test_the_most_telling_come_first_and_the_rest_is_counted(
    app: APIFlask, noisy: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "more come up" not in recommended(app, noisy.mara)
    monkeypatch.setattr(recommendations, "SHOWN", 0)
    page = recommended(app, noisy.mara)
    assert "Let “Cries wolf” page nobody" not in page
    assert re.search(r"[1-9]\d* more come up as these are decided", page)
