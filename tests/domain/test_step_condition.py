"""Branches of a policy by severity and hours (feature 122)."""

from datetime import UTC, datetime

import pytest

from app.domain.invalid import Faults
from app.domain.step_condition import ALWAYS, Condition, read
from app.domain.words import Severity

NIGHT = {"hours": [{"weekdays": ["mon", "tue", "wed", "thu", "fri"], "start": "22:00", "end": "07:00"}],
         "time_zone": "Europe/Riga"}  # fmt: skip


def condition(json: object) -> Condition:
    faults = Faults()
    found = read(json, "/when", faults)
    faults.stop_if_any()
    return found


@pytest.mark.parametrize(
    ("hour", "inside"),
    [
        ("2026-11-09T19:59", False),  # Mon 21:59 in Riga
        ("2026-11-09T20:00", True),  # 22:00
        ("2026-11-10T04:59", True),  # Tue 06:59
        ("2026-11-10T05:00", False),
        ("2026-11-07T20:30", False),  # Saturday
    ],
)
def test_122_hours_are_those_of_the_wall_in_their_zone(hour: str, inside: bool) -> None:
    at = datetime.fromisoformat(hour).replace(tzinfo=UTC)
    assert condition(NIGHT).holds(Severity.ERROR, at) is inside
    assert condition(NIGHT | {"outside": True}).holds(Severity.ERROR, at) is not inside, "the else of the if"


def test_122_a_step_may_be_for_some_severities_alone() -> None:
    only = condition({"severities": ["critical", "error"]})
    now = datetime(2026, 11, 9, tzinfo=UTC)
    assert [only.holds(one, now) for one in Severity] == [True, True, False, False]
    assert only.says == "only critical and error"


def test_a_condition_survives_its_json_and_none_is_none() -> None:
    for json in (NIGHT, NIGHT | {"outside": True}, {"severities": ["critical"]}):
        assert condition(json).to_json() == json
    assert condition(None) == condition({}) == ALWAYS
    week = [{"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "00:00"}]
    always = condition({"hours": week, "time_zone": "UTC"})
    assert always.holds(Severity.INFO, datetime(2026, 11, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("json", "pointer"),
    [
        ([], "/when"),
        ({"severities": ["loud"]}, "/when/severities/0"),
        ({"severities": "critical"}, "/when/severities"),
        ({"hours": [{"weekdays": [], "start": "09:00", "end": "17:00"}]}, "/when/hours/0/weekdays"),
        (NIGHT | {"time_zone": "Mars/Olympus"}, "/when/time_zone"),
        (NIGHT | {"outside": "yes"}, "/when/outside"),
        ({"moon": "full"}, "/when/moon"),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_named(json: object, pointer: str) -> None:
    faults = Faults()
    read(json, "/when", faults)
    assert pointer in [where for where, _ in faults.errors]
