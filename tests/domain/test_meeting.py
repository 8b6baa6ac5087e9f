"""When those who responded can meet."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.interval import Interval
from app.domain.meeting import AHEAD, NOTICE, Invited, look_at, propose

MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONDON, NEW_YORK, TOKYO = (ZoneInfo(name) for name in ("Europe/London", "America/New_York", "Asia/Tokyo"))


def test_S62_hours_are_good_for_everybody_where_there_are_such() -> None:
    people = [Invited("Ada", LONDON), Invited("Cleo", NEW_YORK)]
    found = propose(people, after=MONDAY)
    assert [slot.against for slot in found] == [(), (), ()]
    assert found[0].start == datetime(2026, 11, 24, 14, tzinfo=UTC)  # 14:00 in London, 09:00 in New York
    assert len({slot.start.date() for slot in found}) == 3
    assert all(MONDAY + NOTICE < slot.start < MONDAY + AHEAD for slot in found)


def test_S62_whoever_is_away_or_had_the_night_is_spared_and_the_reason_is_said() -> None:
    night = Interval(MONDAY + DAY - 8 * HOUR, MONDAY + DAY + 2 * HOUR)
    people = [
        Invited("Ada", LONDON, on_call=(night,)),
        Invited("Ben", LONDON, away=(Interval(MONDAY, MONDAY + 3 * DAY),)),
    ]
    assert propose(people, after=MONDAY)[0].start == datetime(2026, 11, 26, 9, tzinfo=UTC)
    tuesday = look_at(people, MONDAY + DAY + 4 * HOUR, MONDAY + DAY + 5 * HOUR)
    assert tuesday.against == ("Ada has the pager in the night before", "Ben is away")


def test_S62_no_hour_is_good_for_all_the_world_and_the_least_bad_says_for_whom() -> None:
    best = propose([Invited("Ada", LONDON), Invited("Kei", TOKYO), Invited("Cleo", NEW_YORK)], after=MONDAY)[0]
    assert best.against
    assert any("in " in each for each in best.against)
