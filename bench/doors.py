"""Fifty people who sign in at once, and the alerts that come in meanwhile (SEC-12).

A password costs 64 MB and a fifth of a second to check: a lever for anybody to slow the pager down, were there
no bound on how many are checked at a time. Each person comes from an address of their own, since the limits on
guessing (SEC-14) would stop a crowd from one.
"""

import http.client
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

from app import create_pageless_app
from app.database import db, transaction
from app.people import passwords
from bench.measures import Figures, one_by_one
from bench.running import Installation
from bench.scene import Scene
from tests.support.cast import make_user
from tests.support.push_service import PushService

PEOPLE = 50
PASSWORD = "brass kettle orbit plum"


def crowd(installation: Installation, scene: Scene, service: PushService, *, alerts: int) -> Figures:
    """Alerts one at a time, alone and then beside fifty people who do nothing but sign in."""
    emails = _people(scene)
    alone = one_by_one(installation, scene, service, alerts=alerts)
    with _signing_in(installation.url, emails) as answers:
        beside = one_by_one(installation, scene, service, alerts=alerts)
    return {
        "alone": alone, "beside": beside, "let_in": answers[303], "told_to_wait": answers[503],
        "other": answers.total() - answers[303] - answers[503],
    }  # fmt: skip


def _people(scene: Scene) -> list[str]:
    with create_pageless_app(scene.settings).app_context():
        kept = passwords.hashed(PASSWORD)
        with transaction():
            emails = [make_user(f"Guest {n}", password_hash=kept).email for n in range(PEOPLE)]
        db.session.remove()
        db.engine.dispose()
    return emails


@contextmanager
def _signing_in(url: str, emails: list[str]) -> Iterator[Counter[int]]:
    """Each of them signs in again and again, as soon as they may, until the block is over; counts what they
    were answered.
    """
    answers: Counter[int] = Counter()
    over, lock = threading.Event(), threading.Lock()

    def sign_in(number: int, email: str) -> None:
        host = urlsplit(url).netloc
        line = http.client.HTTPConnection(host, timeout=60, source_address=(f"127.0.1.{number + 1}", 0))
        cookie, token = _form(line)
        said = urlencode({"email": email, "password": PASSWORD, "csrf_token": token})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        while not over.is_set():
            line.request("POST", "/login", said, headers)
            answer = line.getresponse()
            answer.read()
            with lock:
                answers[answer.status] += 1
            over.wait(float(answer.headers.get("Retry-After", 0)))

    threads = [threading.Thread(target=sign_in, args=each) for each in enumerate(emails)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _form(line: http.client.HTTPConnection) -> tuple[str, str]:
    """The cookie and the token that a form of the sign-in page carries."""
    line.request("GET", "/login")
    answer = line.getresponse()
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())
    if token is None:
        raise RuntimeError("the sign-in page has no form")
    return (answer.headers["Set-Cookie"] or "").partition(";")[0], token[1]
