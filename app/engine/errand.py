"""A command of `nightbell` that the engine starts beside itself: what needs pandas or a notebook, and minutes.

It is a process of its own, so that the engine stays small and no page waits for it. It ends with the engine:
one that is killed over and over would leave as many errands behind, and they would take the machine from pages.
"""

import subprocess
import sys


class Errand:
    """One command, of which one runs at a time."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Begin, unless the last one is still at it."""
        if self._process is not None:
            if self._process.poll() is None:
                return False
            self._process.communicate()  # lets go of what held the last one's standard input open
        command = [sys.executable, "-m", "app.cli", "--errand", *self._words]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)  # our own program, no shell # nosec B603
        return True
