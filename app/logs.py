"""What the processes say: one line a record, in UTC, and no secret in it (SEC-26).

JSON where a program reads it; words where a person sits at the terminal.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

# Whoever has one of these can page, acknowledge, join or read: what comes after them is never written down.
_SECRET_PATHS = re.compile(r"(/(?:intake|ping|r|join|welcome|reset|calendar|oidc)/)[^\s/?#\"']+")
_SECRET_WORDS = re.compile(
    r"(?i)\b((?:bearer|geniekey|basic)\s+|(?:token|secret|password|code|state|key|auth|p256dh)=)[^\s&\"']+"
)
_PUSH_ENDPOINTS = re.compile(
    r"(https?://[^\s/\"']*(?:googleapis|mozilla|apple|windows|google)\.com(?::\d+)?)/[^\s\"']+"
)
# Control characters, the separators that some readers take for line ends, and what turns text around.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def to_stderr(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Let every logger of this process write to standard error; for a process that is ours alone."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlainLine() if stream.isatty() else JsonLine())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every look at the schema


def redacted(text: str) -> str:
    """`text` without what opens a door: keys in paths, tokens in headers and queries, push endpoints."""
    for pattern, kept in ((_SECRET_PATHS, r"\1…"), (_SECRET_WORDS, r"\1…"), (_PUSH_ENDPOINTS, r"\1/…")):
        text = pattern.sub(kept, text)
    return text


class JsonLine(logging.Formatter):
    """`{"at", "level", "logger", "says"}` and `"trace"` after an exception; nothing breaks the line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "says": redacted(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = redacted(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=True)


class PlainLine(logging.Formatter):
    """For a person: the time, who speaks, and what; a trace keeps its lines, everything else is one."""

    def format(self, record: logging.LogRecord) -> str:
        says = _UNPRINTABLE.sub(_escaped, redacted(record.getMessage()))
        line = f"{_moment(record):%H:%M:%S} UTC {record.levelname.lower()} {record.name}: {says}"
        if record.exc_info:
            trace = redacted(self.formatException(record.exc_info))
            line += "\n" + "\n".join(_UNPRINTABLE.sub(_escaped, part) for part in trace.split("\n"))
        return line


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
