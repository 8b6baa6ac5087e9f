"""SEC-26: one line an event whatever is in it, in UTC, and nothing that opens a door."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import logs

INTAKE = "nbk_8Vx2l0aZ3kQ9w7sR1tY5uI4oP6eD2fG8hJ0kL3zX5c"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = before, level


def said(message: str, *args: object, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    logs.to_stderr(stream)
    logging.getLogger("app.web").warning(message, *args)
    return stream.getvalue()


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_SEC26_any_text_is_one_line_of_json_in_utc(text: str) -> None:
    written = said("title %s", text)
    assert written.count("\n") == 1
    assert written.endswith("\n")
    assert written.isascii()
    line = json.loads(written)
    assert line["at"].endswith("Z")
    assert line["says"].startswith("title ")


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_SEC26_any_text_is_one_line_at_a_terminal(text: str) -> None:
    written = said("title %s", text, stream=Terminal())
    assert len(written.splitlines()) == 1
    assert "\x1b" not in written


def test_SEC26_a_failure_is_one_line_with_its_trace() -> None:
    stream = io.StringIO()
    logs.to_stderr(stream)
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("app").exception("failed")
    (line,) = stream.getvalue().splitlines()
    assert "ValueError: first\nsecond" in json.loads(line)["trace"]


@pytest.mark.parametrize(
    "leak",
    [
        f"POST /intake/{INTAKE} failed",
        f"POST /intake/{INTAKE}/api/v2/alerts failed",
        f"POST /r/{INTAKE} failed",
        f"GET /join/{INTAKE}?x=1 failed",
        f"GET /welcome/{INTAKE} failed",
        f"GET /calendar/{INTAKE}.ics failed",
        f"https://fcm.googleapis.com/fcm/send/{INTAKE} took 3 s",
        f"https://updates.push.services.mozilla.com/wpush/v2/{INTAKE} took 3 s",
        f"Authorization: Bearer {INTAKE}",
        f"GET /login/back?state={INTAKE}&code={INTAKE}",
    ],
)
def test_SEC26_no_key_no_token_and_no_endpoint_is_written(leak: str) -> None:
    assert INTAKE not in said(leak)
    assert INTAKE not in said("%s", leak, stream=Terminal())
