"""The digest: counted from the rows, told once a week on everybody's own Monday, and not to whoever said no."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.database import db, transaction
from app.domain import digest as rules
from app.domain.notice import NoticeEvent
from app.domain.words import ActionKind, NoticeCategory
from app.learning import actions, digest
from app.notices import preferences
from app.notices.models import Notice
from app.people.models import User
from tests.learning.conftest import incident, who
from tests.support.world import World


def told(user: User) -> list[Notice]:
    rows = db.select(Notice).filter_by(user_id=user.id, event=str(NoticeEvent.DIGEST)).order_by(Notice.id)
    return list(db.session.scalars(rows))


def at(world: World, moment: str, zone: str = "UTC") -> None:
    world.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    with transaction():
        digest.tell_week(world.now)


def test_the_week_is_counted_and_told_once_on_monday_morning(opened: World) -> None:
    ada = opened.cast.ada  # paged on Thursday 12 November, 03:10 in London
    with transaction():
        promised = actions.Promise("Test it", ActionKind.PREVENT, due_at=opened.now + timedelta(days=1))
        actions.promise(incident(), promised, by=who(ada), at=opened.now)
    for too_early in ("2026-11-15T12:00", "2026-11-16T07:59"):  # Sunday, and a minute before
        at(opened, too_early, ada.time_zone)
        assert told(ada) == []
    for again in ("2026-11-16T08:00", "2026-11-16T08:01", "2026-11-16T11:59", "2026-11-17T08:00"):
        at(opened, again, ada.time_zone)
    (notice,) = told(ada)
    assert "1 page (0 the week before), 1 night broken, 1 open action, 1 of them late." in notice.body
    assert "Look at: 1 action late." in notice.body
    assert "Look at: 1 postmortem not published yet." in notice.body
    assert notice.link == "/digest"
    at(opened, "2026-11-23T09:30", ada.time_zone)
    assert "0 pages (1 the week before)" in told(ada)[1].body
    assert told(opened.cast.eli) == []  # who only looks on has no team's week


def test_nobody_is_told_who_switched_it_off(opened: World) -> None:
    ada = opened.cast.ada
    with transaction():
        before = preferences.of(who(ada), NoticeCategory.TEAMS)
        preferences.choose(
            who(ada), NoticeCategory.TEAMS, channels=before.channels,
            on={NoticeEvent.TEAM_JOINED, NoticeEvent.TEAM_ROLE},
        )  # fmt: skip
    at(opened, "2026-11-16T08:00", ada.time_zone)
    assert told(ada) == []


def test_whoever_moves_to_another_zone_that_monday_is_told_once(opened: World) -> None:
    with transaction():
        who(opened.cast.ada).time_zone = "Asia/Tokyo"
    at(opened, "2026-11-16T08:30", "Asia/Tokyo")
    assert len(told(opened.cast.ada)) == 1
    with transaction():
        who(opened.cast.ada).time_zone = "America/New_York"
    at(opened, "2026-11-16T08:30", "America/New_York")
    assert len(told(opened.cast.ada)) == 1


def test_a_week_and_a_night_go_by_the_clock_on_the_wall() -> None:
    london = ZoneInfo("Europe/London")
    # clocks went back on Sunday 25 October 2026 at 02:00 BST: that week has an hour more
    monday = datetime(2026, 10, 26, 8, tzinfo=UTC)
    assert rules.week_before(monday, london) == datetime(2026, 10, 19, 7, tzinfo=UTC)
    # and forward on 29 March
    assert rules.week_before(datetime(2026, 3, 30, 7, tzinfo=UTC), london) == datetime(
        2026, 3, 23, 8, tzinfo=UTC
    )
    assert rules.night_of(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), london) == date(2026, 10, 24)
    assert rules.night_of(datetime(2026, 10, 25, 7, 59, tzinfo=UTC), london) == date(2026, 10, 24)
    assert rules.night_of(datetime(2026, 10, 25, 8, 0, tzinfo=UTC), london) is None
    assert rules.night_of(datetime(2026, 10, 25, 22, 0, tzinfo=UTC), london) == date(2026, 10, 25)


def test_two_pages_in_one_night_break_one_and_people_are_named_first() -> None:
    utc = ZoneInfo("UTC")
    nights = [datetime(2026, 11, day, hour, tzinfo=UTC) for day, hour in ((12, 23), (13, 3), (14, 2), (14, 12))]
    broken = rules.broken_nights(("Ada", night, utc) for night in nights)
    assert broken == {"Ada": 2}
    week = rules.Week(4, 0, broken, 9, 2, 1, ("Disk full", 4))
    assert [says for says, _ in rules.looks(week)] == [
        "Ada was paged in 2 nights", "“Disk full” paged 4 times", "2 actions late",
    ]  # fmt: skip
