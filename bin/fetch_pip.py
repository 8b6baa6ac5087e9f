"""Put the locked pip into this virtual environment, on a Python that came without one.

Debian and Ubuntu split `ensurepip` off into python3-venv. Rather than ask for administrator rights, fetch the
one wheel that requirements-build.txt names, compare its hash, and unpack it: a wheel of pure Python needs no
more. The package index is the one pip itself would use. Exit code 1, with the reason, when it cannot be had.
"""

import configparser
import hashlib
import html
import io
import os
import re
import ssl
import sys
import sysconfig
import zipfile
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen


def pip_setting(name: str) -> str | None:
    """A setting as pip reads it: the environment first, then the person's file, then the machine's."""
    from_environment = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if from_environment:
        return from_environment
    home, config_home = Path.home(), os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config"))
    files = [
        os.environ.get("PIP_CONFIG_FILE", ""),
        f"{config_home}/pip/pip.conf",
        f"{home}/.pip/pip.conf",
        "/etc/xdg/pip/pip.conf",
        "/etc/pip.conf",
    ]
    for file in filter(None, files):
        parser = configparser.RawConfigParser()
        parser.read(file)
        for section in ("install", "global"):
            if parser.has_option(section, name):
                return parser.get(section, name)
    return None


def locked_pip(lock: Path) -> tuple[str, set[str]]:
    """The wheel's file name and the SHA-256 sums allowed for it."""
    entry = re.search(r"^pip==(\S+)((?:\s*\\\s*--hash=sha256:[0-9a-f]{64})+)", lock.read_text(), re.MULTILINE)
    if entry is None:
        raise SystemExit(f"{lock} names no pip")
    return f"pip-{entry[1]}-py3-none-any.whl", set(re.findall(r"sha256:([0-9a-f]{64})", entry[2]))


def fetch(url: str, trust: ssl.SSLContext) -> bytes:
    with urlopen(Request(url, headers={"Accept": "text/html, */*;q=0.5"}), timeout=30, context=trust) as answer:
        content: bytes = answer.read()
        return content


def main() -> None:
    wheel, allowed = locked_pip(Path(sys.argv[1]))
    index = (pip_setting("index-url") or "https://pypi.org/simple").rstrip("/") + "/pip/"
    try:
        trust = ssl.create_default_context(cafile=pip_setting("cert"))
        page = fetch(index, trust).decode()
        link = re.search(rf'href="([^"]*/{re.escape(wheel)}[^"]*|{re.escape(wheel)}[^"]*)"', page)
        if link is None:
            raise OSError(f"{wheel} is not on its page")
        content = fetch(urljoin(index, html.unescape(link[1])), trust)
    except (OSError, ValueError) as problem:
        raise SystemExit(f"nightbell: could not fetch pip: {problem}") from None
    if hashlib.sha256(content).hexdigest() not in allowed:
        raise SystemExit(f"nightbell: {wheel} is not the file that {sys.argv[1]} names; not using it")
    zipfile.ZipFile(io.BytesIO(content)).extractall(sysconfig.get_path("purelib"))


if __name__ == "__main__":
    main()
