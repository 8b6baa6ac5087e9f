"""Ask whether a vulnerability is known in any locked library.

Fails (exit code 1) on a finding. Where the service that knows cannot be reached, or knows none of our
libraries, it says that nothing was audited and lets the check go on: a closed network is no fault of the code.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = "requirements-dev.txt"
PATIENCE = 180  # seconds, for some 170 questions


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        command = [
            sys.executable,
            "-m",
            "pip_audit",
            "--require-hashes",
            "--disable-pip",
            "--progress-spinner=off",
        ]
        command += ["--timeout=10", f"--requirement={LOCK}", "--format=json", f"--output={report}"]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            print(f"audit not possible here: no answer within {PATIENCE} s")
            return 0
        if not report.exists():
            print(f"audit not possible here: {(ran.stderr.strip().splitlines() or ['no report'])[-1]}")
            return 0
        libraries = json.loads(report.read_text())["dependencies"]

    unknown = [library for library in libraries if "skip_reason" in library]
    found = [library for library in libraries if library.get("vulns")]
    for library in found:
        for flaw in library["vulns"]:
            better = ", ".join(flaw["fix_versions"]) or "none yet"
            print(f"{library['name']} {library['version']}: {flaw['id']}, mended in: {better}")
    if found:
        return 1
    if len(unknown) == len(libraries):
        print(f"audit not possible here: the service knows none of the {len(libraries)} libraries")
    else:
        print(f"nothing known against {len(libraries) - len(unknown)} libraries, {len(unknown)} not audited")
    return 0


if __name__ == "__main__":
    sys.exit(main())
