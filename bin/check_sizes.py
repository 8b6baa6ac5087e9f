"""A file holds one idea: none of ours is longer than 400 lines, and nothing heavy is committed.

Counts every source file that git knows or would add; a migration, written by Alembic and never changed again,
is as long as its tables. Exit code 1 with the list of those that are too long.
"""

import subprocess
import sys
from pathlib import Path

LONGEST = 400  # lines
HEAVIEST = 100 * 1024  # bytes of a picture
SOURCES = {".py", ".js", ".css", ".html", ".sh"}
PICTURES = {".png", ".jpg", ".webp"}
MIGRATIONS = Path("app/migrations/versions")


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True,
        text=True,
        check=True,
    )
    faults = []
    for path in sorted(Path(name) for name in filter(None, listed.stdout.split("\0"))):
        if not path.is_file():
            continue  # removed from disk, not yet from git
        if path.parent == MIGRATIONS:
            continue
        if path.suffix in SOURCES or path.parent == Path("bin"):
            lines = path.read_text().count("\n")
            if lines > LONGEST:
                faults.append(f"{path}: {lines} lines, {LONGEST} at most")
        elif path.suffix in PICTURES and path.stat().st_size > HEAVIEST:
            faults.append(f"{path}: {path.stat().st_size // 1024} KB, {HEAVIEST // 1024} at most")
    print("\n".join(faults) or "every file is short enough")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
