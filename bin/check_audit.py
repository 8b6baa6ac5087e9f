"""Ask whether a vulnerability is known in any locked library.

Fails (exit code 1) on a fault that is known to be high or critical and has been mended in a later version; one
whose weight nobody could tell counts as high. The others are printed. `audit_ignores.toml` beside this file
names what is let through, until a day and for a reason; after that day it fails again. Where the service that
knows cannot be reached, or knows none of our libraries, it says that nothing was audited and lets the check go
on: a closed network is no fault of the code.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from datetime import date
from pathlib import Path
from typing import Any

LOCK = "requirements-dev.txt"
PATIENCE = 180  # seconds, for some 200 questions
IGNORES = Path(__file__).with_name("audit_ignores.toml")
WEIGHTS = "https://api.osv.dev/v1/vulns/"
LIGHT = {"LOW", "MODERATE", "MEDIUM"}


def main() -> int:
    libraries = ask()
    if libraries is None:
        return 0
    ignored = ignores(IGNORES.read_text(), today=date.today())  # noqa: DTZ011 - the day here is near enough
    unknown = [library for library in libraries if "skip_reason" in library]
    failed = False
    for library in libraries:
        for flaw in library.get("vulns", []):
            failed |= report(library, flaw, ignored)
    if len(unknown) == len(libraries):
        print(f"audit not possible here: the service knows none of the {len(libraries)} libraries")
    else:
        print(f"{len(libraries) - len(unknown)} libraries audited, {len(unknown)} not known to the service")
    return int(failed)


def ask() -> list[dict[str, Any]] | None:
    """What is known of each locked library; None, said aloud, when nobody could be asked."""
    with tempfile.TemporaryDirectory() as directory:
        found = Path(directory, "report.json")
        command = [
            sys.executable,
            "-m",
            "pip_audit",
            "--require-hashes",
            "--disable-pip",
            "--progress-spinner=off",
        ]
        command += ["--timeout=10", f"--requirement={LOCK}", "--format=json", f"--output={found}"]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            print(f"audit not possible here: no answer within {PATIENCE} s")
            return None
        if not found.exists():
            print(f"audit not possible here: {(ran.stderr.strip().splitlines() or ['no report'])[-1]}")
            return None
        libraries: list[dict[str, Any]] = json.loads(found.read_text())["dependencies"]
        return libraries


def ignores(text: str, *, today: date) -> dict[str, str]:
    """Identifier to reason, of what is let through today. Raises SystemExit about an entry without either."""
    kept = {}
    for entry in tomllib.loads(text).get("ignore", []):
        if not isinstance(entry.get("until"), date) or not entry.get("reason"):
            raise SystemExit(f"{IGNORES.name}: {entry.get('id')} needs `until` (a date) and `reason`")
        if entry["until"] >= today:
            kept[entry["id"]] = entry["reason"]
    return kept


def report(library: dict[str, Any], flaw: dict[str, Any], ignored: dict[str, str]) -> bool:
    """Print one flaw; whether it fails the check."""
    names = [flaw["id"], *flaw.get("aliases", [])]
    weight = weigh(names)
    mended = ", ".join(flaw["fix_versions"]) or "nowhere yet"
    line = f"{library['name']} {library['version']}: {flaw['id']} ({weight.lower()}), mended in: {mended}"
    reason = next((ignored[name] for name in names if name in ignored), None)
    print(line + (f" - let through: {reason}" if reason else ""))
    return reason is None and bool(flaw["fix_versions"]) and weight not in LIGHT


def weigh(names: list[str]) -> str:
    """LOW, MODERATE, HIGH, CRITICAL as the database of advisories says under any of the names; else UNKNOWN."""
    for name in names:
        try:
            with urllib.request.urlopen(WEIGHTS + name, timeout=10) as answer:
                said = json.load(answer)
        except (OSError, ValueError):
            continue
        weight = str(said.get("database_specific", {}).get("severity", "")).upper()
        if weight:
            return weight
    return "UNKNOWN"


if __name__ == "__main__":
    sys.exit(main())
