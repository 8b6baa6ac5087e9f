"""Numbers in words."""

import pandas as pd
import pytest

from analytics import words

NAN = float("nan")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 s"), (0.1, "6 s"), (0.999, "1 min"), (1, "1 min"), (2.667, "2 min 40 s"), (9.99, "9 min 59 s"),
        (10, "10 min"), (38.4, "38 min"), (59.7, "1 h"), (65, "1 h 5 min"), (599, "9 h 59 min"), (600, "10 h"),
        (1439, "1 d"), (1440, "1 d"), (3000, "2 d 2 h"), (14400, "10 d"), (484210, "336 d"),
        (-5, "minus 5 min"),
        (NAN, "not known"), (None, "not known"), (float("inf"), "no end"),
    ],
)  # fmt: skip
def test_a_length_of_time_is_said_in_two_units_at_most(minutes, said):
    assert words.duration(minutes) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"), (0.00002, "under 0.0001"), (0.00213, "0.0021"), (0.5, "0.5"), (12.34, "12"), (99.4, "99"),
        (99.5, "100"), (100, "100"), (125, "125"), (1249.6, "1,250"), (NAN, "not known"),
    ],
)  # fmt: skip
def test_a_number_has_two_digits_that_count_and_no_exponent(value, said):
    assert words.amount(value) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (2, 3, "2 min to 3 min"),
        (2, NAN, "from 2 min, no upper end yet"),
        (NAN, 3, "up to 3 min"),
        (NAN, NAN, "no interval yet"),
    ],
)
def test_an_interval_says_which_end_is_not_reached(low, high, said):
    assert words.interval(low, high) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.001, "under 1 %"), (0.314, "31 %"), (0.999, "over 99 %"), (1, "100 %"), (NAN, "not known")],
)
def test_a_share_is_never_rounded_to_none_or_all(share, said):
    assert words.share(share) == said


def test_a_moment_is_said_in_the_zone_asked_for():
    at = pd.Timestamp("2026-11-12T10:04Z")
    assert words.moment(at, "Europe/London") == "Thu 12 Nov 2026, 10:04 GMT"
    assert words.moment(at, "Europe/Riga") == "Thu 12 Nov 2026, 12:04 EET"
    assert words.day(pd.Timestamp("2026-11-12T23:30Z"), "Europe/Riga") == "13 Nov 2026"


def test_counts_and_lists_read_as_people_write_them():
    assert words.count(1, "incident") == "1 incident"
    assert words.count(24918, "incident") == "24,918 incidents"
    assert words.listed(["INC1", "INC2", "INC3"], limit=2) == "INC1, INC2 and 1 more"
    assert words.reasons({"drill": 2, "merged": 0}) == "2 drill"
    assert words.reasons({}) == "nothing"
