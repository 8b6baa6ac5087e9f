"""Notebooks every Monday: each chooses their own, it is made once, whoever may reads it, its link is mailed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import nbformat
import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import Model, db, transaction
from app.notices.models import Mail
from app.people.models import Membership, User
from app.trends import weekly
from app.trends.models import WeeklyChoice, WeeklyPage, WeeklyTry
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


def test_one_engine_renders_and_mails_it_and_a_render_that_fails_waits(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    clock.advance(days=4, hours=4)
    now = monday = clock()
    assert choose(app, cast.mara, "", "02_response_times") == 303
    said = {"answer": "Said.", "html": "", "base_url": "", "at": monday}
    with transaction():
        assert weekly.claim("02_response_times", None, of=monday, at=monday)
    with transaction():
        assert not weekly.claim(
            "02_response_times", None, of=monday, at=monday
        )  # by one that saw it due as well
        assert weekly.claim("02_response_times", None, of=monday, at=monday, is_by_hand=True)
        db.session.query(WeeklyTry).update({"tries": 1, "next_at": monday + weekly.wait_after(1)})
    assert weekly.due(monday) == []  # the other engine sees that somebody is at it
    assert weekly.due(monday, of=monday) != []  # whoever asks for it by hand does not wait
    told = unescape(visit(app, cast.mara, ADDRESS).text)
    assert "not made yet. Begun once; if this try fails, the next is at" in told
    waits = []
    for _ in range(6):
        wait = db.session.query(WeeklyTry.next_at).scalar() - now
        waits.append(wait // timedelta(minutes=1))
        assert weekly.due(now + wait - timedelta(seconds=1)) == []
        now += wait
        assert len(weekly.due(now)) == 1
        with transaction():
            assert weekly.claim("02_response_times", None, of=monday, at=now)
    assert waits == [15, 30, 60, 120, 240, 240]
    with transaction():
        assert weekly.keep("02_response_times", None, **said)
        assert weekly.keep("02_response_times", None, **said) is None  # by the engine that came second
    assert db.session.query(Mail).count() == 1
    assert weekly.failing(cast.mara, monday) == []


@pytest.mark.parametrize("table", [WeeklyTry, WeeklyPage, WeeklyChoice])
def test_nothing_of_all_teams_stands_twice(app: APIFlask, cast: Cast, table: type[Model]) -> None:
    words = {"notebook": "09_budget", "week": MONDAY.date(), "tries": 1, "next_at": MONDAY, "made_at": MONDAY,
             "answer": "", "html": "", "user_id": cast.mara.id}  # fmt: skip
    mine = {name: word for name, word in words.items() if name in table.__table__.columns}
    with transaction():
        db.session.add(table(**mine))
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.add(table(**mine))


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
