"""When somebody is reminded of an action, and how old the open ones grow."""

from datetime import UTC, datetime, timedelta

from app.domain.action import ageing, reminder_due

DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_R132_reminded_before_it_is_due_when_it_is_and_every_week_after() -> None:
    asked: datetime | None = None
    reminded = []
    for hours in range(-24 * 6, 24 * 16):
        now = DUE + timedelta(hours=hours)
        if reminder_due(DUE, asked, now):
            asked = now
            reminded.append(now - DUE)
    assert reminded == [-3 * DAY, 0 * DAY, 7 * DAY, 14 * DAY]


def test_R132_one_that_was_given_late_is_reminded_of_once_before_it_is_due() -> None:
    assert reminder_due(DUE, None, DUE - DAY)
    assert not reminder_due(DUE, DUE - DAY, DUE - timedelta(hours=1))


def test_R132_the_ageing_report_counts_every_open_action_once() -> None:
    assert ageing([], DUE) is None
    opened = [(DUE - days * DAY, due) for days, due in ((1, None), (10, DUE - DAY), (40, DUE), (60, DUE - DAY))]
    found = ageing(opened, DUE)
    assert found is not None
    assert (found.count, found.late, found.oldest, found.middle) == (4, 2, 60 * DAY, 25 * DAY)
    assert found.by_age == (("under a week", 1), ("1 to 4 weeks", 1), ("over 4 weeks", 2))
