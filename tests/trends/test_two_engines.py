"""Two engines at one page of Trends: one keeps it, the other has nothing to say about that."""

import json
import logging

import pytest
import sqlalchemy as sa
from flask import Flask

from app.database import db
from app.trends import keep, pages
from app.trends.asked import Asked
from app.trends.models import TrendPage
from tests.support.cast import Cast
from tests.support.clock import TestClock

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
