"""Notebooks every Monday: each chooses their own, it is made once, whoever may reads it, its link is mailed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import nbformat
import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.notices.models import Mail
from app.people.models import Membership, User
from app.trends import weekly
from app.trends.models import WeeklyPage
from tests.support.browser_forms import post, sign_in, visit
from tests.support.cast import Cast
from tests.support.clock import TestClock

ADDRESS = "/trends/reports"
NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
MONDAY = datetime(2026, 1, 12, 7, 30, tzinfo=UTC)


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    app.config["settings"] = replace(app.config["settings"], smtp_url="smtp://127.0.0.1:2525")
    with transaction():
        return Cast()


def choose(app: APIFlask, who: User, team: str, *notebooks: str) -> int:
    client = app.test_client()
    sign_in(client, who)
    return post(client, ADDRESS, {"team": team, "notebook": list(notebooks)}, page="/me").status_code


def test_what_is_chosen_is_due_from_six_on_monday_once(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    assert choose(app, cast.mara, "", "02_response_times", "09_budget") == 303
    assert "checked" in visit(app, cast.mara, ADDRESS).text
    assert "checked" not in visit(app, cast.mara, ADDRESS, query_string={"team": "Payments"}).text
    for early in ("2026-01-11T12:00Z", "2026-01-12T05:59Z"):
        assert weekly.due(datetime.fromisoformat(early)) == []
    assert weekly.due(MONDAY) == [("02_response_times", None), ("09_budget", None)]
    assert weekly.due(datetime(2026, 1, 13, 7, tzinfo=UTC)) == []  # a day late is too late
    with transaction():
        kept = weekly.keep(
            "09_budget",
            None,
            answer="Budgets hold.",
            html="<p>Drawn</p>",
            base_url="https://n.example",
            at=MONDAY,
        )
        assert kept.week == date(2026, 1, 12)
    assert weekly.due(MONDAY) == [("02_response_times", None)]
    letter = db.session.query(Mail).one()
    assert (letter.to_address, letter.subject) == (cast.mara.email, weekly.QUESTIONS["09_budget"])
    assert f"https://n.example/trends/reports/page?number={kept.id}" in letter.text
    assert "Budgets hold." in unescape(visit(app, cast.mara, ADDRESS).text)
    file = visit(app, cast.mara, f"{ADDRESS}/page", query_string={"number": kept.id})
    assert file.headers["Content-Disposition"] == "attachment; filename=09_budget-2026-01-12.html"
    assert choose(app, cast.mara, "", "02_response_times") == 303  # the other one no longer
    assert weekly.chosen_by(cast.mara) == {None: {"02_response_times"}}


def test_each_chooses_and_reads_only_of_their_own_teams(app: APIFlask, cast: Cast) -> None:
    assert choose(app, cast.ada, "", "02_response_times") == 404  # of all teams
    assert choose(app, cast.ada, "Search", "02_response_times") == 404
    assert choose(app, cast.ada, "Payments", "00_one_incident") == 404  # none of a period
    assert choose(app, cast.ada, "Payments", "02_response_times") == 303
    said = {"answer": "Said.", "html": "", "base_url": "", "at": MONDAY}
    with transaction():
        ours = weekly.keep("02_response_times", db.session.merge(cast.payments), **said).id
        whole = weekly.keep("02_response_times", None, **said).id
    assert db.session.query(Mail).count() == 1
    page = f"{ADDRESS}/page"
    assert visit(app, cast.ada, page, query_string={"number": ours}).status_code == 200
    for wrong in (whole, 999, "x"):
        assert visit(app, cast.ada, page, query_string={"number": wrong}).status_code == 404
    with transaction():
        db.session.query(Membership).filter_by(user_id=cast.ada.id).delete()
        db.session.query(WeeklyPage).delete()
    assert weekly.due(MONDAY) == []  # no longer theirs to read


def test_the_questions_are_those_of_the_notebooks() -> None:
    for name, question in weekly.QUESTIONS.items():
        book = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        assert book.cells[0].source.splitlines()[0] == f"# {question}", name
