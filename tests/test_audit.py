"""SEC-35: what fails the check is a known high fault that has been mended, unless let through with a day."""

import importlib.util
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BIN = Path(__file__).parents[1] / "bin"


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_audit", BIN / "check_audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fails(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, *, weight: str, fixed: bool = True, **ignored: str
) -> bool:
    monkeypatch.setattr(audit, "weigh", lambda _names: weight)
    flaw: dict[str, Any] = {"id": "CVE-1", "aliases": ["GHSA-1"], "fix_versions": ["2.0"] if fixed else []}
    return bool(audit.report({"name": "x", "version": "1.0"}, flaw, {"GHSA-1": "why"} if ignored else {}))


def test_SEC35_a_known_high_fault_that_has_been_mended_fails(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fails(audit, monkeypatch, weight="HIGH")
    assert fails(audit, monkeypatch, weight="CRITICAL")
    assert fails(audit, monkeypatch, weight="UNKNOWN")


def test_SEC35_a_light_one_or_one_nobody_has_mended_is_told_and_let_through(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not fails(audit, monkeypatch, weight="MODERATE")
    assert not fails(audit, monkeypatch, weight="CRITICAL", fixed=False)
    assert capsys.readouterr().out.count("CVE-1") == 2


def test_SEC35_one_that_is_let_through_says_why(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not fails(audit, monkeypatch, weight="HIGH", ignored="yes")
    assert "let through: why" in capsys.readouterr().out


def test_SEC35_letting_through_ends_on_its_day_and_needs_a_reason(audit: ModuleType) -> None:
    text = '[[ignore]]\nid = "CVE-1"\nuntil = 2026-12-31\nreason = "not reached"\n'
    assert audit.ignores(text, today=date(2026, 12, 31)) == {"CVE-1": "not reached"}
    assert audit.ignores(text, today=date(2027, 1, 1)) == {}
    with pytest.raises(SystemExit, match="needs `until`"):
        audit.ignores('[[ignore]]\nid = "CVE-1"\n', today=date(2026, 1, 1))
