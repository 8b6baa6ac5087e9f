"""Feature 113 over rows: the past from the book, the future from the rules, pages of the hours one had."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.database import db, transaction
from app.domain.fairness import HOUR
from app.domain.interval import Interval
from app.domain.invalid import InvalidField
from app.domain.timeline import Subject
from app.domain.words import PageKind, Urgency
from app.engine import jobs
from app.oncall import fairness, remove, swap
from app.oncall.models import FairnessRules
from app.oncall.swap_answer import accept
from app.paging.page import Message, Place, page_user
from app.people.models import User
from app.timeline.models import Event
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, Rota

THREE_WEEKS = Interval(utc("2026-10-26 14:00"), utc("2026-11-16 15:00"))


@pytest.fixture
def worked(rota: Rota) -> Rota:
    """Ana's night: Bo takes it, falls ill at 20:30, and Cy takes over to 08:00."""
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    rota.until(utc("2026-11-01 01:30"))
    with transaction():
        swap.take_over(rota.schedule, end=NIGHT_END, by=rota.cy, at=app_clock.now())
    return rota


def covers(rota: Rota) -> dict[str, float]:
    found = fairness.of_schedule(rota.schedule, THREE_WEEKS)
    return {found.names[load.user_id]: load.by_covers / HOUR for load in found.report.loads}


def test_the_worked_example_is_the_same_before_it_is_past_and_after(worked: Rota) -> None:
    expected = {"Ana": -15.0, "Bo": 2.5, "Cy": 12.5}
    assert covers(worked) == expected
    worked.until(utc("2026-11-20 12:00"))
    jobs.record_past_shifts()
    assert covers(worked) == expected
    found = fairness.of_schedule(worked.schedule, THREE_WEEKS).report
    # the schedule was made on Wednesday: nobody had anything before
    assert sum((load.total for load in found.loads), timedelta()) == THREE_WEEKS.end - utc("2026-10-28 14:00")


def page(user: User, number: int, kind: PageKind = PageKind.PAGE) -> None:
    with transaction():
        page_user(
            user, Message("Disk", "", Urgency.HIGH), Place(Subject.ALERT, number), kind=kind, reason=[],
            until=app_clock.now() + HOUR, at=app_clock.now(),
        )  # fmt: skip


def test_interruptions_are_pages_in_own_hours(rota: Rota, clock: TestClock) -> None:
    page(rota.ana, 1)
    page(rota.bo, 1)  # Ana has it
    page(rota.ana, 2, PageKind.NOTICE)
    clock.moment = utc("2026-10-29 06:00")  # 01:00 in Chicago
    page(rota.ana, 3)
    clock.moment = utc("2026-11-20 12:00")
    loads = fairness.of_schedule(rota.schedule, THREE_WEEKS).report.loads
    assert {load.user_id: (load.pages, load.night_pages) for load in loads} == {
        rota.ana.id: (2, 1), rota.bo.id: (0, 0), rota.cy.id: (0, 0),
    }  # fmt: skip


def test_weights_are_kept_with_an_event_and_the_same_again_is_nothing(rota: Rota) -> None:
    def change() -> None:
        with transaction():
            fairness.change_rules(
                rota.schedule, weights={"night": 3}, holidays=["2026-11-26"], by=rota.mara, at=app_clock.now()
            )

    change()
    change()
    assert fairness.rules_of(rota.schedule.id).weights["night"] == 3
    changed = sa.select(Event).where(Event.subject_kind == Subject.SCHEDULE, Event.kind == "changed")
    [event] = db.session.scalars(changed).all()
    assert event.data["after"]["fairness"]["holidays"] == ["2026-11-26"]


def test_a_schedule_goes_with_its_weights(app: APIFlask, rota: Rota) -> None:
    with transaction():
        fairness.change_rules(rota.schedule, weights={}, holidays=[], by=rota.mara, at=app_clock.now())
        remove.remove_schedule(rota.schedule, by=rota.mara, at=app_clock.now())
    assert db.session.scalars(sa.select(FairnessRules)).all() == []


def test_a_schedule_follows_the_organisation_but_where_it_says_otherwise(rota: Rota) -> None:
    def weigh(**weights: object) -> None:
        with transaction():
            fairness.change_usual_weights(weights, by=rota.mara, at=app_clock.now())

    def weights() -> tuple[float, float]:
        rules = fairness.rules_of(rota.schedule.id).weights
        return rules["night"], rules["weekend"]

    assert weights() == (2, 2)
    weigh(night=4)
    weigh(night=4)  # the same again is nothing
    assert weights() == (4, 2)
    with transaction():
        fairness.change_rules(
            rota.schedule, weights={"weekend": 5}, holidays=[], by=rota.mara, at=app_clock.now()
        )
    weigh(night=1, weekend=3)
    assert weights() == (1, 5)
    with pytest.raises(InvalidField) as refused:
        weigh(night=11, noon=1)
    assert [pointer for pointer, _ in refused.value.errors] == ["/weights/night", "/weights/noon"]
    changed = sa.select(Event).where(Event.subject_kind == Subject.ORGANISATION, Event.kind == "changed")
    events = db.session.scalars(changed.order_by(Event.id)).all()
    assert [(event.data["from"]["night"], event.data["to"]["night"]) for event in events] == [(2, 4), (4, 1)]
