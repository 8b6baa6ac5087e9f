"""Pages that are kept outlive an update of Nightbell that asks them otherwise."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from app.database import transaction
from app.trends import keep, pages
from app.trends.asked import Asked
from app.trends.models import TrendPage
from tests.support.cast import Cast
from tests.support.clock import TestClock

PAGE = Asked(page="home", kind="alerts", zone="UTC", weeks=4)


def test_a_question_without_an_urgency_has_the_key_it_had_before_there_was_one_to_choose() -> None:
    assert PAGE.key == "33230021dca31a3364bfd4ceea2bf7162da7340315ab9de319ba67d6ab852044"
    assert len({PAGE.key, replace(PAGE, urgency="high").key, replace(PAGE, urgency="low").key}) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the same two queries
def test_a_page_kept_under_another_key_than_its_question_has_now_is_not_due_round_after_round(
    app: Flask, clock: TestClock
) -> None:
    Cast()
    while keep.renew(clock()):
        pass
    pages.at_hand(PAGE, clock())
    clock.advance(minutes=9)
    keep.renew(clock())
    assert pages.due(clock()) == [PAGE]
    with transaction() as session:
        session.execute(sa.update(TrendPage).values(key="as an older Nightbell hashed it"))
    assert pages.due(clock()) == []
