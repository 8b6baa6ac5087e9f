"""The source's own time, as the tools we know write it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import moment

NOON = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-08-01T12:00:00Z",
        "2026-08-01t12:00:00z",
        "2026-08-01T12:00Z",
        "2026-08-01T12:00:00.000000000Z",
        "2026-08-01T14:00:00+02:00",
        "2026-08-01T14:00:00+0200",
        "2026-08-01T14:00:00+02",
        "2026-08-01T08:00:00-04:00",
        "2026-08-01 12:00:00",
        "2026.08.01 12:00:00",
        "2026-08-01 12:00:00 UTC",
        "2026-08-01 12:00:00 +0000 UTC",
        "2026-08-01 14:00:00 +0200 CEST",
        "2026-08-01 12:00:00 +0000 UTC m=+0.000012345",
        "Sat, 01 Aug 2026 12:00:00 GMT",
        "Sat, 01 Aug 2026 14:00:00 +0200",
        " 2026-08-01T12:00:00Z ",
        1785585600,
        1785585600.0,
        1785585600000,
        1785585600000000,
        "1785585600",
        "1785585600.000",
        "1785585600000",
    ],
)
def test_every_way_to_write_noon_is_noon(written: object) -> None:
    assert moment.parse(written) == NOON


@pytest.mark.parametrize(
    ("written", "microsecond"),
    [("2026-08-01T12:00:00.025635536Z", 25635), ("2026-08-01T12:00:00.5Z", 500000), (1785585600.25, 250000)],
)
def test_fractions_are_kept_to_the_microsecond(written: object, microsecond: int) -> None:
    assert moment.parse(written) == NOON.replace(microsecond=microsecond)


def test_a_leap_second_is_the_second_before_it() -> None:
    assert moment.parse("2016-12-31T23:59:60Z") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        None, "", "   ", 0, "0", -1, True, False, [], {}, "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z",
        "yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-08-01T25:00:00Z",
        "2026-08-01T12:00:00+99:99", "2026-08-01 12:00:00 CEST", "2026", 2026, 20260801, float("nan"),
        float("inf"), 10**30, "9" * 400, "9999-12-31T23:59:59-23:59", "٢٠٢٦-٠٨-٠١T12:00:00Z", "Sat, 99 Foo",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(written: object) -> None:
    assert moment.parse(written) is None


@given(st.one_of(st.text(), st.integers(), st.floats(), st.from_regex(r"[0-9T:.+\-Z ]{1,40}", fullmatch=True)))
def test_anything_gives_an_aware_moment_or_none(written: object) -> None:
    parsed = moment.parse(written)
    assert parsed is None or parsed.tzinfo is UTC


@given(st.integers(-20_000, 20_000), st.timedeltas(timedelta(0), timedelta(days=1)))
def test_what_python_writes_is_read_back(days: int, part_of_a_day: timedelta) -> None:
    when = NOON + timedelta(days=days) + part_of_a_day
    assert moment.parse(when.isoformat()) == when
