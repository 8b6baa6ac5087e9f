"""R24: who covers a part of a shift has that part in every feed, screen, reminder and message, and no more."""

from datetime import datetime

import icalendar
import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.database import db, transaction
from app.domain.notice import NoticeEvent
from app.engine import jobs
from app.notices.models import Notice
from app.oncall import feeds
from app.oncall.swap_answer import accept
from app.people.models import User
from tests.support.api import Api
from tests.support.browser_forms import visit
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import Rota

# Thu 29 Oct, 21:00 CDT to Fri 30 Oct, 01:00 CDT
SINCE, UNTIL = utc("2026-10-30 02:00"), utc("2026-10-30 06:00")
WEEK = utc("2026-10-26 14:00"), utc("2026-11-02 15:00")
WORDS = "Thu 29 Oct, 21:00 CDT – Fri 30 Oct, 01:00 CDT"


@pytest.fixture
def has_pages() -> bool:
    return True


def test_R24_every_message_feed_and_reminder_shows_the_cut(app: APIFlask, rota: Rota, clock: TestClock) -> None:
    jobs.tell_of_shifts()
    asked = rota.ask(start=SINCE, end=UNTIL)
    assert rota.told(rota.bo)[-1].startswith(f"Ana asks: {WORDS}")
    rota.do(accept, asked, rota.cy)
    assert rota.told(rota.ana)[-1] == f"Cy has {WORDS}"
    assert in_feed(app, rota.ana)[:2] == [(WEEK[0], SINCE), (UNTIL, WEEK[1])]
    assert in_feed(app, rota.cy)[0] == (SINCE, UNTIL)
    api = Api(app.test_client(), rota.mara)
    span = {"from": WEEK[0].isoformat(), "to": WEEK[1].isoformat()}
    shifts = api.get(f"/schedules/{rota.schedule.id}/shifts", **span).get_json()["items"]
    assert [(each["users"][0]["name"], datetime.fromisoformat(each["start"])) for each in shifts] == [
        ("Ana", WEEK[0]), ("Cy", SINCE), ("Ana", UNTIL),
    ]  # fmt: skip
    sheet = visit(app, rota.cy, f"/shifts/{rota.schedule.id}?at=2026-10-30T03:00:00Z").text
    assert "Thu 29 Oct, 21:00 CDT" in sheet
    assert "Fri 30 Oct, 01:00 CDT" in sheet
    clock.moment = utc("2026-10-30 01:30")
    jobs.tell_of_shifts()
    assert reminders(rota.cy)[-1] == (
        "You are on call from Thu 29 Oct, 21:00 CDT", "Payments primary, to Fri 30 Oct, 01:00 CDT.",
    )  # fmt: skip
    clock.moment = UNTIL - (UNTIL - SINCE) / 8
    jobs.tell_of_shifts()
    assert reminders(rota.ana)[-1] == (
        "You are on call from Fri 30 Oct, 01:00 CDT", "Payments primary, to Mon 2 Nov, 09:00 CST.",
    )  # fmt: skip


def in_feed(app: APIFlask, user: User) -> list[tuple[datetime, datetime]]:
    with transaction():
        _, token = feeds.create(db.session.merge(user), None, at=app_clock.now())
    file = icalendar.Calendar.from_ical(app.test_client().get(f"/calendar/{token}.ics").data)
    return [
        (event["dtstart"].dt, event["dtend"].dt)
        for event in file.walk("VEVENT")
        if event["status"] == "CONFIRMED"
    ]


def reminders(user: User) -> list[tuple[str, str]]:
    db.session.rollback()
    rows = sa.select(Notice).where(Notice.user_id == user.id, Notice.event == NoticeEvent.SHIFT_SOON)
    return [(notice.title, notice.body) for notice in db.session.scalars(rows.order_by(Notice.id))]
