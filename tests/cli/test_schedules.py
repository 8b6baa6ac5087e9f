"""`nightbell schedule check`: schedules kept in git, people by e-mail address or name, every fault in words."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Nightbell = Callable[..., Result]
WEEKLY = """
name: Payments primary
team: Payments
time_zone: Europe/London
layers:
  - name: Weekly
    rotation:
      unit: week
      start: 2026-11-02T09:00
      participants: [[ada@nightbell.example, Ben], [ben]]
    restrictions:
      - {weekdays: [mon, tue, wed, thu, fri, sat, sun], start: 22:00, end: 21:00}
requirements: {hours: always}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "oncall.yaml"


def test_D5_a_file_with_a_gap_fails_with_the_hours(covered: Nightbell, file: Path) -> None:
    file.write_text(WEEKLY)
    checked = covered("schedule", "check", str(file))
    assert checked.exit_code == 1, checked.output
    assert checked.output.startswith("Payments primary\n  error    Nobody ")
    assert "  error    Nobody 21:00 – 22:00 every day, first on " in checked.output
    answer = json.loads(covered("schedule", "check", str(file), "--json").output)
    found = answer["schedules"][0]["findings"]  # in that very hour what is left of it comes first
    daily = max(found, key=lambda each: each["times"] or 0)
    assert (daily["claim"], daily["level"], daily["times"] >= 799) == ("covered", "error", True)


def test_a_file_without_errors_passes_and_warnings_fail_only_when_asked(
    covered: Nightbell,
    file: Path,
) -> None:
    file.write_text(WEEKLY.replace("start: 22:00, end: 21:00", "start: 00:00, end: 00:00"))
    checked = covered("schedule", "check", str(file))
    assert checked.exit_code == 0, checked.output
    assert "proven   Somebody is on call in all required hours" in checked.output
    file.write_text(WEEKLY.replace("requirements: {hours: always}", ""))
    assert covered("schedule", "check", str(file)).exit_code == 0
    assert covered("schedule", "check", str(file), "--strict").exit_code == 1


def test_people_and_teams_that_are_not_there_are_named(covered: Nightbell, file: Path) -> None:
    file.write_text(WEEKLY.replace("[ben]", "zoe@nightbell.example").replace("team: Payments", "team: Billing"))
    checked = covered("schedule", "check", str(file))
    assert checked.exit_code == 1
    assert "/team there is no team “Billing”" in checked.output
    words = "/layers/0/rotation/participants/1/0 there is nobody called “zoe@nightbell.example”"
    assert words in checked.output


def test_all_schedules_that_are_saved_are_checked(covered: Nightbell) -> None:
    answer = json.loads(covered("schedule", "check", "--all", "--json").output)
    assert [each["name"] for each in answer["schedules"]] == ["Payments primary"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "It holds no schedule."),
        ("a: [", "It is no YAML"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "An alias"),
        ("!!python/object/apply:os.system ['true']", "It is no YAML"),
        ("[" * 5000, "It is"),
        ("- 1\n" * 600_000, "It is larger than 1000 kB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    covered: Nightbell,
    file: Path,
    text: str,
    words: str,
) -> None:
    file.write_text(text)
    refused = covered("schedule", "check", str(file))
    assert refused.exit_code == 1
    assert words in refused.output
    assert "Traceback" not in refused.output


def test_what_is_no_schedule_says_what_is_missing(covered: Nightbell, file: Path) -> None:
    file.write_text("schedules: [{name: 5, layers: {a: b}, colour: red}, 7]")
    checked = covered("schedule", "check", str(file))
    assert checked.exit_code == 1
    for words in (
        "/colour is not known here",
        "/team is missing",
        "/layers must be a list",
        "must be an object",
    ):
        assert words in checked.output


def test_a_file_or_all_but_not_both(covered: Nightbell, file: Path) -> None:
    file.write_text(WEEKLY)
    assert covered("schedule", "check").exit_code == 2
    assert covered("schedule", "check", str(file), "--all").exit_code == 2
    assert covered("schedule", "check", "not-there.yaml").exit_code == 2
