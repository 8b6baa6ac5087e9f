"""`nightbell doctor` names everything at once, and its exit code says whether a page would ring."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Nightbell = Callable[..., Result]


def findings(result: Result) -> dict[str, list[str]]:
    """Sentences of the problems, by what they are about."""
    found: dict[str, list[str]] = {}
    for finding in json.loads(result.output)["findings"]:
        if finding["is_problem"]:
            found.setdefault(finding["about"], []).append(finding["sentence"])
    return found


def test_a_fresh_installation_with_its_schema_has_no_problem_with_itself(migrated: Nightbell) -> None:
    assert set(findings(migrated("doctor", "--json"))) <= {"people"}


def test_a_missing_schema_is_a_problem_with_its_remedy(nightbell: Nightbell) -> None:
    result = nightbell("doctor", "--json")
    assert result.exit_code == 1
    assert "nightbell db upgrade" in findings(result)["database"][0]


def test_several_problems_are_named_at_once(
    migrated: Nightbell, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (instance / "secret_key").chmod(0o644)
    monkeypatch.setenv("NIGHTBELL_BASE_URL", "http://pager.example.org")
    monkeypatch.setenv("NIGHTBELL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = migrated("doctor", "--json")
    assert result.exit_code == 1
    assert {"keys", "address", "database"} <= set(findings(result))


def test_settings_that_cannot_be_used_are_listed_together(
    nightbell: Nightbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTBELL_BASE_URL", "pager")
    monkeypatch.setenv("NIGHTBELL_SECRET_KEY", "short")
    result = nightbell("doctor")
    assert result.exit_code == 1
    assert "NIGHTBELL_BASE_URL" in result.output
    assert "NIGHTBELL_SECRET_KEY" in result.output
