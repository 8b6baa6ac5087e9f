"""Write the bill of materials (CycloneDX JSON) of what Nightbell runs with, and see that nothing is left out.

It goes to build/sbom.cdx.json: every locked library with version, address and hashes, to be handed to whoever
asks what is inside.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

LOCK = Path("requirements.txt")
BILL = Path("build/sbom.cdx.json")


def main() -> int:
    BILL.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(LOCK), "--pyproject=pyproject.toml"]
    command += ["--output-reproducible", "--of=JSON", f"--output-file={BILL}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        print(ran.stderr.strip())
        return 1
    listed = {part["name"].lower() for part in json.loads(BILL.read_text())["components"]}
    locked = {name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", LOCK.read_text(), re.MULTILINE)}
    if missing := sorted(locked - listed):
        print(f"not in the bill of materials: {', '.join(missing)}")
        return 1
    print(f"{len(listed)} libraries listed in {BILL}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
