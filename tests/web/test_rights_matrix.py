"""SEC-16: every route, every kind of person, what is theirs and what is not: one table that reviews look at.

A cell says how a route answers. `login` leads to the sign-in; `+` changed something; `ours`, `theirs` show
alerts of the own team, of another one. A route without a line fails, and a line without a route.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import clock
from app.database import db, transaction
from app.people import sessions, tokens
from app.people.models import Organisation, User
from app.people.rights import SCOPES, Scope
from app.timeline.models import Event
from tests.support.requests_of import Asked, asked
from tests.support.two_houses import OUR_SERVICE, OURS, THEIR_SERVICE, THEIRS, Objects, TwoHouses

TABLE = Path(__file__).parents[2] / "docs" / "rights.md"
WHO = (
    "nobody", "stakeholder", "responder", "responder, reading open", "manager of the team", "manager",
    "administrator",
)  # fmt: skip
ON_POSTGRESQL = (
    "responder",
    "manager of the team",
)  # whose rights are read from rows; no other is of the database
MARKS = {"ours": OURS, "theirs": THEIRS, "our service": OUR_SERVICE, "their service": THEIR_SERVICE}
INTRODUCTION = f"""# Who may do what, route by route

Made by `tests/web/test_rights_matrix.py`, which fails when a route answers otherwise or has no line here. After
a change that is meant it is made again: `NIGHTBELL_WRITE_SNAPSHOT=1 bin/test tests/web/test_rights_matrix.py`.
The reasons are in [decision 12](decisions/0012-who-may-do-what.md).

A responder is a member of the team Payments, a manager of the team a responder who manages it. Each cell is the
answer to something of Payments or of that responder, then to something of the team Search or of somebody in it;
one answer where both are alike. `login` leads to the sign-in, `+` says that something was changed, `ours` and
`theirs` that alerts of Payments, of Search, are shown, and so for services. Programs' routes are asked with a
token of the widest scope the person's role reaches; where a key or a token in the address decides, it is
nobody's.

| route | {" | ".join(WHO)} |
|{"---|" * (len(WHO) + 1)}
"""


@pytest.fixture
def houses(app: APIFlask) -> TwoHouses:
    with transaction():
        return TwoHouses()


class Asker:
    """One kind of person at every door: a browser with their session, a program with their token."""

    def __init__(self, app: APIFlask, user: User | None) -> None:
        self.app, self.cookie, self.token = app, "", ""
        if user is not None:
            with transaction():
                _, self.cookie = sessions.start(user, device="Firefox", at=clock.now())
                widest = [scope for scope in Scope if scope in SCOPES[user.role]][-1]
                token, self.token = tokens.create(user, name="test", scopes=[widest], at=clock.now())
                tokens.note_use(token, at=clock.now())  # or each question would write that it was used

    def __call__(self, request: Asked) -> TestResponse:
        client = self.app.test_client()
        headers = {"Sec-Fetch-Site": "same-origin"}
        if request.path.startswith("/api/v1/") and self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        elif self.cookie:
            client.set_cookie("__Host-nightbell", self.cookie)
        return client.open(request.path, method=request.method, headers=headers, **request.sent)


def test_SEC16_every_route_is_open_to_whom_the_table_says(
    app: APIFlask, houses: TwoHouses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody on SQLite. On PostgreSQL those whose rights come from rows: 6,000 questions are dear."""
    app.config["WTF_CSRF_METHODS"] = []  # where a form comes from is asked by the matrix of SEC-9
    askers = {
        "nobody": Asker(app, None), "stakeholder": Asker(app, houses.eli), "responder": Asker(app, houses.ada),
        "responder, reading open": Asker(app, houses.ada), "manager of the team": Asker(app, houses.finn),
        "manager": Asker(app, houses.mara), "administrator": Asker(app, houses.root),
    }  # fmt: skip
    ours, theirs = houses.ours, houses.theirs
    written = Written(monkeypatch)
    asking = WHO if app.config["settings"].on_sqlite else ON_POSTGRESQL
    found: dict[str, list[str]] = {}
    for who in asking:
        _open_reading(who == "responder, reading open")
        written.undo()
        for method, rule in routes(app):
            line = found.setdefault(f"{method} {rule.rule}", [])
            line.append(cell(askers[who], method, rule, (ours, theirs), written))
        monkeypatch.undo()
    if os.environ.get("NIGHTBELL_WRITE_SNAPSHOT") and asking == WHO:
        lines = (f"| `{route}` | {' | '.join(cells)} |\n" for route, cells in found.items())
        TABLE.write_text(INTRODUCTION + "".join(lines))
    kept = {route: [cells[WHO.index(who)] for who in asking] for route, cells in _table()}
    differences = [f"{key}: {kept.get(key, 'no line yet')}\n  is now {found.get(key, 'no route any more')}"
                   for key in kept.keys() | found.keys() if kept.get(key) != found.get(key)]  # fmt: skip
    assert not differences, "\n".join(sorted(differences))


def _table() -> Iterator[tuple[str, list[str]]]:
    """Each route of the table that reviews look at, and how it answers each of WHO."""
    for line in TABLE.read_text().splitlines():
        if line.startswith("| `"):
            route, *cells = line.strip("| ").split(" | ")
            yield route.strip("`"), cells


class Written:
    """Every change is undone, so that each question finds the same house, and its events are counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch, self.events = monkeypatch, 0
        self.before = 0

    def undo(self) -> None:
        self.before = self._count(db.session())
        db.session.rollback()
        self.monkeypatch.setattr(Session, "commit", lambda session: self._commit(session))

    def _commit(self, session: Session) -> None:
        session.flush()
        self.events += self._count(session) - self.before
        session.rollback()

    def taken(self) -> bool:
        """Whether anything was written since this was asked last."""
        events, self.events = self.events, 0
        return events > 0

    @staticmethod
    def _count(session: Session) -> int:
        return session.scalar(sa.select(sa.func.count()).select_from(Event)) or 0


def routes(app: APIFlask) -> Iterator[tuple[str, Rule]]:
    """Every method of every route, in the order of their addresses."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def cell(asker: Asker, method: str, rule: Rule, houses: tuple[Objects, Objects], written: Written) -> str:
    """How a route answers for what is ours and for what is theirs."""
    requests = [asked(method, rule, objects) for objects in houses]
    answers = [_answer(asker, requests[0], written)]
    answers.append(answers[0] if requests[0] == requests[1] else _answer(asker, requests[1], written))
    return answers[0] if answers[0] == answers[1] else " / ".join(answers)


def _answer(asker: Asker, request: Asked, written: Written) -> str:
    answer = asker(request)
    says = str(answer.status_code)
    if answer.status_code in (302, 303) and answer.headers["Location"].startswith("/login"):
        says = "login"
    if written.taken():
        says += "+"
    if request.method == "GET" and answer.status_code == 200:
        text = answer.get_data(as_text=True)
        says += "".join(f" {word}" for word, mark in MARKS.items() if mark in text)
    answer.close()
    db.session.rollback()
    return says


def _open_reading(is_open: bool) -> None:
    with transaction():
        db.session.get_one(Organisation, 1).is_reading_open = is_open


def test_SEC16_a_thing_of_one_house_is_not_found_under_another_of_the_other(
    app: APIFlask, houses: TwoHouses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Addresses of two ids, one of ours and one of theirs, asked by a manager, who may work with both."""
    app.config["WTF_CSRF_METHODS"] = []
    mara, found = Asker(app, houses.mara), set()
    Written(monkeypatch).undo()
    for method, rule in routes(app):
        if len(rule.arguments - WORDS) < 2:
            continue
        for first, then in ((houses.ours, houses.theirs), (houses.theirs, houses.ours)):
            answer = mara(
                replace(asked(method, rule, first), path=asked(method, rule, Mixed(first, then)).path)
            )
            db.session.rollback()
            if answer.status_code != 404:
                found.add(f"{method} {re.sub(r'<.*?>', '…', rule.rule)}")
    assert found == BROUGHT_TOGETHER


class Mixed(dict[str, Any]):
    """The first id that is asked for is of one house, each further one of the other."""

    def __init__(self, first: Objects, then: Objects) -> None:
        super().__init__()
        self.houses = [then, first]

    def __getitem__(self, word: str) -> Any:
        house = self.houses.pop() if len(self.houses) > 1 else self.houses[0]
        return house[word]


WORDS = {"part", "kind", "question"}  # of a postmortem's addresses: no things of any house
# what these addresses are for: people come into a team, alerts and people into an incident
BROUGHT_TOGETHER = {
    "PUT /api/v1/incidents/…/alerts/…", "PUT /api/v1/incidents/…/people/…",
    "PUT /api/v1/teams/…/members/…", "DELETE /api/v1/teams/…/members/…", "POST /teams/…/members/…/removal",
}  # fmt: skip


def test_SEC16_a_token_does_at_most_what_its_scope_says(
    app: APIFlask, houses: TwoHouses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator's token that only reads changes nothing; one that writes manages nobody."""
    reads, writes, admins = Asker(app, houses.root), Asker(app, houses.root), Asker(app, houses.root)
    with transaction():
        reads.token = tokens.create(houses.root, name="r", scopes=["read"], at=clock.now())[1]
        writes.token = tokens.create(houses.root, name="w", scopes=["write"], at=clock.now())[1]
    ours, needs_admin = houses.ours, set()
    Written(monkeypatch).undo()
    for method, rule in routes(app):
        if not rule.rule.startswith("/api/v1/"):
            continue
        request = asked(method, rule, ours)
        if method != "GET":
            assert reads(request).status_code == 403, (method, rule.rule)
        if writes(request).status_code != admins(request).status_code:
            needs_admin.add(f"{method} {re.sub(r'<.*?>', '…', rule.rule)}")
        db.session.rollback()
    assert needs_admin == ADMIN_ONLY


ADMIN_ONLY: set[Any] = {
    "GET /api/v1/audit-events",
    "PUT /api/v1/fairness-weights",
    "POST /api/v1/users",
    "POST /api/v1/users/…/departure",
    "GET /api/v1/users/…/duties",
    "POST /api/v1/users/…/erasure",
    "PATCH /api/v1/users/…",
    "DELETE /api/v1/users/…",
}
