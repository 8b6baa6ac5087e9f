"""Two engines at one page of Trends: one keeps it, the other has nothing to say about that."""

import json
import logging
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.alerts.models import Alert
from app.database import db, transaction
from app.domain.words import AlertStatus, Severity, Urgency
from app.trends import keep, pages
from app.trends.asked import Asked
from app.trends.models import TrendDay, TrendMark, TrendPage
from tests.support.cast import Cast
from tests.support.clock import TestClock


def fired(at: datetime) -> None:
    with transaction() as session:
        cast = Cast()
        session.add(
            Alert(
                service_id=cast.checkout.id, team_id=cast.payments.id, dedup_key="a", title="Errors",
                severity=Severity.ERROR, urgency=Urgency.HIGH, status=AlertStatus.TRIGGERED, started_at=at,
                created_at=at, updated_at=at, links=[], labels={}, annotations={},
            )
        )  # fmt: skip


PAGE = Asked(page="home", kind="alerts", zone="UTC", weeks=4)


@pytest.mark.parametrize(
    "database_url", ["postgresql"], indirect=True
)  # SQLite lets one engine write at a time
def test_the_same_page_kept_by_another_engine_in_this_moment_is_no_error(
    app: Flask, clock: TestClock, caplog: pytest.LogCaptureFixture
) -> None:
    Cast()
    while keep.renew(clock()):
        pass
    came_first: list[int] = []

    def by_another(_mapper: object, _connection: object, page: TrendPage) -> None:
        """Another engine commits its row after ours has looked, and before ours is written."""
        if came_first:
            return
        came_first.append(1)
        with db.engine.begin() as elsewhere:
            elsewhere.execute(
                sa.insert(TrendPage).values(
                    key=page.key, asked=page.asked, as_of=page.as_of, asked_at=page.asked_at, seconds=1.0,
                    says={}, figures={},
                )
            )  # fmt: skip

    sa.event.listen(TrendPage, "before_insert", by_another)
    try:
        with caplog.at_level(logging.INFO):
            pages.at_hand(PAGE, clock())
    finally:
        sa.event.remove(TrendPage, "before_insert", by_another)
    assert came_first
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert [json.dumps(page.says) for page in db.session.scalars(sa.select(TrendPage))] == ["{}"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("row", [TrendDay, TrendMark])
def test_days_packed_by_two_engines_at_once_are_kept_by_both_and_none_fails(
    app: Flask, clock: TestClock, row: type[TrendDay] | type[TrendMark]
) -> None:
    fired(clock())
    came_first: list[int] = []

    def by_another(_mapper: object, _connection: object, mine: TrendDay | TrendMark) -> None:
        """Another engine commits the same row after ours has looked, and before ours is written."""
        if came_first:
            return
        came_first.append(1)
        theirs = {
            name: getattr(mine, name)
            for name in (each.key for each in row.__table__.columns)
            if name != "packed"
        }
        with db.engine.begin() as elsewhere:
            if row is TrendDay:
                theirs |= {"id": 10_000, "packed": b"read a little earlier"}
            else:
                theirs |= {"last_event_id": 0, "through": clock() - timedelta(seconds=2)}
            elsewhere.execute(sa.insert(row).values(theirs))

    sa.event.listen(row, "before_insert", by_another)
    try:
        keep.renew(clock())
    finally:
        sa.event.remove(row, "before_insert", by_another)
    assert came_first
    assert b"read a little earlier" not in db.session.scalars(sa.select(TrendDay.packed)).all()
    assert db.session.scalars(sa.select(TrendMark.id)).all() == [keep.MARK]


def test_what_another_engine_noted_meanwhile_holds_only_as_far_as_both_know(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired(clock())
    keep.renew(clock())
    clock.advance(minutes=5)
    begun = clock()
    clock.advance(seconds=20)
    whole = keep._pack

    def with_another_in_between(tables: list[str], day: date) -> None:
        monkeypatch.setattr(keep, "_pack", whole)
        keep.renew(clock())  # begins later, and is done before us
        whole(tables, day)

    monkeypatch.setattr(keep, "_pack", with_another_in_between)
    keep.renew(begun)
    assert db.session.get_one(TrendMark, keep.MARK).through == begun
