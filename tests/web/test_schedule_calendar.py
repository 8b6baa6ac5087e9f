"""A schedule as a calendar: true lengths, every gap, and the same words as a list."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from app.database import db, transaction
from app.oncall.models import Override, Schedule
from app.people.models import User
from app.web import schedule_calendar as calendar
from tests.support.cast import make
from tests.support.world import World

LONDON = ZoneInfo("Europe/London")
SeenBy = Callable[..., FlaskClient]


def make_schedule(world: World, **changes: object) -> Schedule:
    """Ada from 08:00 to 22:00 every day, nobody at night; London."""
    rotation = {
        "unit": "week", "length": 1, "start": "2026-01-05T08:00",
        "participants": [[str(world.cast.ada.id), str(world.cast.ben.id)]],
    }  # fmt: skip
    days = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "22:00"}
    columns = {
        "name": "Payments primary", "team_id": world.cast.payments.id, "time_zone": "Europe/London",
        "layers": [{"name": "Days", "priority": 1, "rotation": rotation, "restrictions": [days]}],
        "created_at": world.now, "updated_at": world.now,
    }  # fmt: skip
    with transaction():
        return make(Schedule, **(columns | changes))


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 11, 12), 168),
        (date(2026, 10, 21), 169),  # clocks go back on Sun 25 Oct
        (date(2026, 3, 25), 167),  # and forward on Sun 29 Mar
    ],
)
def test_R8_a_week_is_as_long_as_it_really_is(day: date, hours: int) -> None:
    span = calendar.week_of(day, LONDON)
    assert span.end - span.start == timedelta(hours=hours)
    days = calendar.days(span, calendar.Lane("", "", ()), now=span.start)
    assert sum(day.width for day in days) == pytest.approx(100, abs=0.01)
    assert [day.date.weekday() for day in days] == list(range(7))
    assert len({round(day.width, 2) for day in days}) == (1 if hours == 168 else 2)


def test_a_month_is_whole_weeks_that_hold_it() -> None:
    span = calendar.month_of(date(2026, 11, 12), LONDON)
    assert (span.first, span.days) == (date(2026, 10, 26), 42)
    assert calendar.month_of(date(2027, 2, 1), LONDON).days == 28


def test_a_day_without_a_midnight_begins_with_its_first_moment() -> None:
    # Beirut skips 00:00 of 29 March 2026: that day begins at 01:00, which is 22:00 UTC
    assert calendar.midnight(date(2026, 3, 29), ZoneInfo("Asia/Beirut")) == datetime(
        2026, 3, 28, 22, tzinfo=UTC
    )


def test_the_week_shows_who_has_it_and_every_gap(world: World, seen_by: SeenBy) -> None:
    schedule = make_schedule(world)
    page = seen_by(world.cast.ada).get(f"/schedules/{schedule.id}?from=2026-11-09").text
    assert "Mon 9 Nov – Sun 15 Nov 2026" in page
    assert "08:00 – 22:00, 14 h · backup Ben" in page
    assert page.count('class="turn gap"') == 14  # every day until 08:00 and from 22:00
    assert "Nobody, Mon 9 Nov, 22:00 GMT to Tue 10 Nov, 08:00 GMT" in page


def test_a_cover_is_drawn_as_one_and_cuts_the_answer(world: World, seen_by: SeenBy) -> None:
    schedule = make_schedule(world)
    with transaction():
        make(
            Override, schedule_id=schedule.id, user_id=world.cast.dan.id, replaces_user_id=world.cast.ada.id,
            start=datetime(2026, 11, 12, 12, tzinfo=UTC), end=datetime(2026, 11, 12, 14, tzinfo=UTC),
            created_at=world.now,
        )  # fmt: skip
    page = seen_by(world.cast.ada).get(f"/schedules/{schedule.id}?from=2026-11-12").text
    assert "12:00 – 14:00, 2 h · backup Ben · cover" in page
    assert "08:00 – 12:00, 4 h" in page
    assert "14:00 – 22:00, 8 h" in page


def test_the_month_has_a_cell_for_each_day(world: World, seen_by: SeenBy) -> None:
    schedule = make_schedule(world)
    page = seen_by(world.cast.ada).get(f"/schedules/{schedule.id}?view=month&from=2026-11-12").text
    assert page.count("<td") == 42
    assert "Nov 2026" in page
    assert "from=2026-10-01" in page
    assert "from=2026-12-01" in page


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "2026-13-01", "9999-01-01", "1900-01-01", "2026-11-12T03:00"]
)
@pytest.mark.parametrize("view", ["week", "month", "century"])
def test_what_names_no_day_is_today(world: World, seen_by: SeenBy, typed: str, view: str) -> None:
    schedule = make_schedule(world)
    answer = seen_by(world.cast.ada).get(f"/schedules/{schedule.id}?view={view}&from={typed}")
    assert answer.status_code == 200
    assert "Thu 12 Nov" in answer.text


def test_a_schedule_nobody_can_read_and_one_that_is_not_there(world: World, seen_by: SeenBy) -> None:
    schedule = make_schedule(world, layers=[{"nonsense": True}], time_zone="Moon/Tycho")
    assert "Nobody is on call" in seen_by(world.cast.ada).get(f"/schedules/{schedule.id}").text
    assert seen_by(world.cast.ada).get("/schedules/99").status_code == 404
    db.session.rollback()


def test_the_board_leads_to_each_schedule(world: World, seen_by: SeenBy) -> None:
    schedule = make_schedule(world)
    assert f'href="/schedules/{schedule.id}"' in seen_by(world.cast.ada).get("/on-call").text


def test_two_weeks_stand_in_a_strip_and_the_second_leads_on(world: World, seen_by: SeenBy) -> None:
    schedule = make_schedule(world)
    page = seen_by(world.cast.ada).get(f"/schedules/{schedule.id}?from=2026-11-09").text
    strip = page[
        page.index('aria-label="Two weeks"') : page.index("</nav>", page.index('aria-label="Two weeks"'))
    ]
    links = re.findall(r'<a href="([^"]*)#day-([^"]*)"', strip)
    assert [day for _, day in links] == [f"2026-11-{day:02}" for day in range(9, 23)]
    assert {address for address, _ in links[:7]} == {""}
    assert links[7][0] == f"/schedules/{schedule.id}?view=week&amp;from=2026-11-16"
    assert "Mon 9 Nov: nobody, Ada, nobody" in strip
    month = seen_by(world.cast.ada).get(f"/schedules/{schedule.id}?view=month").text
    assert "Two weeks" not in month


def test_a_day_of_the_strip_is_as_long_as_it_is() -> None:
    span = calendar.week_of(date(2026, 10, 25), LONDON)  # Sunday has 25 hours
    noon = calendar.midnight(date(2026, 10, 26), LONDON) - timedelta(hours=12, minutes=30)
    sunday = calendar.days(span, calendar.Lane("", "", ()), now=span.start)[-1]
    assert sunday.place(calendar.Block(noon, span.end, 0, 0, ())) == (50, 50)


def test_the_chosen_hours_stand_beside_the_week_else_the_next_gap(world: World, seen_by: SeenBy) -> None:
    schedule = make_schedule(world)
    path = f"/schedules/{schedule.id}?from=2026-11-09"

    def panel(user: User, more: str = "") -> str:
        return seen_by(user).get(path + more).text.partition('aria-label="The chosen hours"')[2]

    gap = panel(world.cast.mara)
    assert "Pages of these hours go on to the next step" in gap
    assert "Put somebody on these hours" in gap
    chosen = panel(world.cast.mara, "&at=2026-11-13T12:00:00%2B00:00")
    assert "Fri 13 Nov" in chosen
    assert "Ask for cover on behalf of" in chosen
    assert "Put somebody on these hours" not in panel(world.cast.eli)
    for nonsense in ("&at=never", "&at=0001-01-01T00:00", "&at=9999-12-31T23:59"):
        assert seen_by(world.cast.mara).get(path + nonsense).status_code == 200
    assert not panel(world.cast.mara, "&view=month")
