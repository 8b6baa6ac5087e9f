"""`nightbell oncall now` and `explain` say what /api/v1 says, and tell a person why."""

import json
from collections.abc import Callable

from click.testing import Result

Nightbell = Callable[..., Result]
THURSDAY = "2026-11-12T03:10Z"


def test_who_has_it_at_a_moment_and_why(covered: Nightbell) -> None:
    asked = covered("oncall", "now", "--at", THURSDAY, "--json")
    assert asked.exit_code == 0, asked.output
    (row,) = json.loads(asked.output)["items"]
    assert row["schedule"]["name"] == "Payments primary"
    assert [user["name"] for user in row["users"]] == ["Ada"]
    assert row["users"][0]["reason"]
    assert row["until"].startswith("2026-11-16T09:00")


def test_a_person_reads_names_and_reasons(covered: Nightbell) -> None:
    asked = covered("oncall", "now", "--at", THURSDAY)
    assert "Payments primary: Ada (primary), until Mon 16 Nov, 09:00 UTC" in asked.output


def test_a_moment_without_a_zone_is_asked_for_one(covered: Nightbell) -> None:
    for wrong in ("2026-11-12T03:10", "yesterday"):
        refused = covered("oncall", "now", "--at", wrong)
        assert refused.exit_code == 2
    assert "names no zone" in covered("oncall", "now", "--at", "2026-11-12T03:10").output


def test_an_alert_is_explained_step_by_step_to_the_last_resort(covered: Nightbell) -> None:
    explained = covered("explain", "--service", "checkout-api", "--at", THURSDAY, "--json")
    assert explained.exit_code == 0, explained.output
    answer = json.loads(explained.output)
    assert [[user["name"] for user in step["users"]] for step in answer["steps"]] == [["Ada"], ["Ben"]]
    assert answer["last_resort"]["at"].startswith("2026-11-12T03:20")
    told = covered("explain", "--service", "checkout-api", "--at", THURSDAY).output
    assert "step 1, round 1: Ada" in told
    assert "last resort, every 5 minutes for an hour: Mara" in told


def test_a_service_nobody_knows_is_named(covered: Nightbell) -> None:
    for nothing in ("chekout", "9" * 30):
        refused = covered("explain", "--service", nothing)
        assert refused.exit_code == 1
        assert f"there is no service called '{nothing}'" in refused.output


def test_an_installation_without_schedules_says_so(migrated: Nightbell) -> None:
    assert "no schedule yet" in migrated("oncall", "now").output
