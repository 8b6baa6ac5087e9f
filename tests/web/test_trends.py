"""Trends shows the numbers of `analytics`, of this database, and the notebook prints the same ones."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from apiflask import APIFlask

import analytics
from analytics import report
from app.alerts.models import Alert
from app.database import db, transaction
from app.domain.timeline import Kind, Subject
from app.domain.words import AlertStatus, ResolvedBy, Role
from app.timeline.record import record
from app.trends import keep, pages, tables, usual
from app.trends.asked import Asked
from app.trends.models import TrendAsk, TrendDay, TrendMark, TrendPage
from app.web import trends_view
from tests.support.browser_forms import visit
from tests.support.cast import Cast, make_user
from tests.support.clock import TestClock
from tests.support.half_a_year import half_a_year

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks" / "02_response_times.ipynb"
KINDS = ("alerts", "incidents")
FIGURES = ("acknowledge-by-week", "acknowledge-by-severity", "resolve-by-week", "resolve-by-severity")
PAGES = ("/trends", "/trends/response", "/trends/alerts", "/trends/load", "/trends/recommendations")


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    return half_a_year()


def page_for(app: APIFlask, cast: Cast, **chips: object) -> str:
    cast.cleo.time_zone = "Europe/Stockholm"
    db.session.commit()
    answer = visit(app, cast.cleo, "/trends/response", query_string=chips)
    assert answer.status_code == 200
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def without_links(page: str) -> str:
    return re.sub(r"</?a\b[^>]*>", "", page).replace(' class="number"', "")


def computed(url: str, clock: TestClock, kind: str, team: str | None = None, weeks: int = 12) -> Any:
    """The same question put to `analytics` itself, as a notebook does: all tables, read from outside."""
    tables = analytics.read(url).of_team(team)
    at = clock().replace(microsecond=0).isoformat()
    start = (pd.Timestamp(at).tz_convert("Europe/Stockholm") - pd.DateOffset(weeks=weeks)).isoformat()
    window = analytics.window(tables, start, at, at, "Europe/Stockholm")
    span = (window.since, window.until, window.as_of, "Europe/Stockholm")
    return analytics.review(getattr(tables, kind), *span, events=tables.events)


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_on_the_page_are_those_of_analytics(
    app: APIFlask, database_url: str, cast: Cast, clock: TestClock, kind: str
) -> None:
    page = page_for(app, cast, of=kind)
    review = computed(database_url, clock, kind)
    for answer in (review.acknowledge, review.resolve):
        assert answer.n > 40
        assert f"<b>{answer.median_words}</b>" in page
        p90 = f" · p90 {answer.p90_words}" if answer.p90_words else ""
        assert f"median{p90} · n {answer.n}" in page
        for said in (answer.sentence, answer.severity_sentence, answer.change_sentence, answer.footer):
            assert said in page
        assert answer.how_we_know in page
        for table in (answer.weeks_in_words(), answer.severities_in_words()):
            for row in table.to_numpy():
                assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" in without_links(page)


@pytest.mark.parametrize("chips", [{"team": "Payments"}, {"weeks": "4"}, {"team": "Search", "weeks": "4"}])
def test_the_chips_choose_team_and_window_and_are_in_the_address(
    app: APIFlask, database_url: str, cast: Cast, clock: TestClock, chips: dict[str, str]
) -> None:
    page = page_for(app, cast, of="alerts", **chips)
    review = computed(database_url, clock, "alerts", chips.get("team"), int(chips.get("weeks", 12)))
    assert review.acknowledge.sentence in page
    assert review.resolve.footer in page
    for chosen in (chips.get("team", "All teams"), f"{chips.get('weeks', '12')} weeks", "Alerts"):
        assert re.search(rf'<a href="/trends/response\?[^"]*" aria-current="page">{chosen}</a>', page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_figures_are_those_of_analytics_each_under_50_kb(
    app: APIFlask, database_url: str, cast: Cast, clock: TestClock, theme: str
) -> None:
    page = page_for(app, cast, of="alerts")
    address = re.search(r'<figure-plot name="acknowledge-by-week" src="([^"]+)"', page)
    assert address is not None
    answer = visit(app, cast.cleo, f"{address.group(1)}&theme={theme}")
    assert answer.content_type == "application/json"
    drawn = json.loads(answer.text)
    assert list(drawn) == [*FIGURES, "config"]  # no page was sent: nothing to draw of its legs
    assert drawn["config"]["displayModeBar"] is False
    review = computed(database_url, clock, "alerts")
    expected = (
        review.acknowledge.figure(theme), review.acknowledge.curves(theme),
        review.resolve.figure(theme), review.resolve.curves(theme),
    )  # fmt: skip
    for name, figure in zip(FIGURES, expected, strict=True):
        assert drawn[name] == json.loads(figure.to_json())
        assert len(json.dumps(drawn[name])) < 50_000


def test_the_figures_stay_as_they_were_when_the_page_was_read(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    address = re.search(r'src="(/trends/figures[^"]+)"', page_for(app, cast))
    assert address is not None
    before = visit(app, cast.cleo, f"{address.group(1)}&theme=light").text
    with transaction():
        for alert in db.session.query(Alert).filter(Alert.resolved_at.is_(None)):
            alert.resolved_at = clock.advance(minutes=1)
    assert visit(app, cast.cleo, f"{address.group(1)}&theme=light").text == before


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a notebook once: the rows are the same
def test_the_notebook_prints_what_the_page_says(
    app: APIFlask, database_url: str, cast: Cast, clock: TestClock
) -> None:
    page = page_for(app, cast, of="incidents", team="Payments")
    command = re.search(r"bin/notebooks (--source \S+ .*?) notebooks/02_response_times.ipynb</pre>", page)
    assert command is not None
    words = dict(re.findall(r"--(start|end|as-of|zone|team) (\S+)", command.group(1)))
    chosen = {name.replace("-", "_"): value for name, value in words.items()}
    book = report.run(NOTEBOOK, {"source": database_url, **chosen})
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    printed = "\n".join(output.get("data", {}).get("text/markdown", "") for output in outputs)
    said = re.findall(r'<h2 id="[\w-]+">(.*?)</h2>', page)
    assert len(said) == len(FIGURES) + 4  # and the phases, both shares within the target, and who was handed it
    printed = printed.replace("\\", "")  # what Markdown would read as its own is escaped
    for sentence in said:
        assert sentence in printed
    alerts = page_for(app, cast, of="alerts", team="Payments")
    for name in ("acknowledge-by-severity", "legs"):
        assert re.findall(rf'<h2 id="{name}">(.*?)</h2>', alerts)[0] in printed


def test_a_long_table_is_cut_on_the_page_and_whole_in_its_file(
    app: APIFlask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trends_view, "SHOWN", 3)
    page = page_for(app, cast, of="alerts")
    assert "The first 3 of 13 rows." in page
    address = re.search(r'href="(/trends/table.csv[^"]*card=acknowledge-by-week[^"]*)"', page).group(1)
    file = visit(app, cast.cleo, address)
    assert file.headers["Content-Disposition"] == "attachment; filename=acknowledge-by-week.csv"
    lines = file.text.splitlines()
    assert lines[0] == "Week of,n,Still open,Median,95 % interval,p90"
    assert len(lines) == 14
    assert visit(app, cast.cleo, address.replace("acknowledge-by-week", "no-such-card")).status_code == 404


def test_without_anything_to_measure_it_says_so_and_offers_the_other_chips(app: APIFlask) -> None:
    with transaction():
        cast = Cast()
    page = page_for(app, cast)
    assert "There were no alerts in this window, so there is nothing to measure." in page
    assert "See what is connected</a>" in page
    assert "Look at 12 weeks</a>" in page_for(app, cast, weeks=4)
    assert "Clear the filters</a>" in page_for(app, cast, team="Payments", weeks=4)
    assert "<figure-plot" not in page
    assert "of=incidents" in page


@pytest.mark.parametrize(
    "address",
    [
        "/trends?of=people", "/trends?weeks=5", "/trends?weeks=-1", "/trends?team=Nobody%27s",
        "/trends?weeks=%00",
        "/trends/figures", "/trends/figures?theme=light", "/trends/figures?as_of=2026-11-12T03:10Z&theme=neon",
        "/trends/figures?as_of=soon&theme=light", "/trends/figures?as_of=2027-01-01T00:00Z&theme=light",
    ],
)  # fmt: skip
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_no_chip_offers_is_not_there(app: APIFlask, address: str) -> None:
    with transaction():
        someone = make_user("Ada")
    assert visit(app, someone, address).status_code == 404


def test_only_trends_may_draw_and_only_there_is_plotly_loaded(app: APIFlask, cast: Cast) -> None:
    trends, now = visit(app, cast.ada, "/trends"), visit(app, cast.ada, "/on-call")
    assert "plotly" in trends.text
    assert "sha256-" in trends.headers["Content-Security-Policy"]
    assert "plotly" not in now.text
    assert "sha256-" not in now.headers["Content-Security-Policy"]
    for answer in (trends, now):
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_stakeholder_is_refused_and_a_stranger_led_to_the_door(app: APIFlask) -> None:
    with transaction():
        eli = make_user("Eli", Role.STAKEHOLDER)
    assert visit(app, eli, "/trends").status_code == 403
    assert visit(app, eli, "/trends/figures").status_code == 403
    assert visit(app, None, "/trends").headers["Location"].endswith("/login?next=/trends")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_answered_with_and_without_anything_to_measure(
    app: APIFlask, cast: Cast, path: str
) -> None:
    for chips in ({}, {"team": "Payments"}, {"service": "checkout-api"}, {"severity": "SEV1"}):
        answer = visit(app, cast.ada, path, query_string=chips)
        assert answer.status_code == 200, (path, chips)
        assert "nan" not in re.sub(r"<[^>]*>", "", answer.text).lower().split()


def keep_all(clock: TestClock) -> None:
    """What the engine does in its first minutes: backwards, a piece at a time."""
    for _ in range(20):
        keep.renew(clock())
        if keep.kept_since(clock() - tables.REACH, clock()) is not None:
            return
    raise AssertionError("the days never reach back far enough")


def test_a_kept_page_says_what_the_rows_say(
    app: APIFlask, database_url: str, cast: Cast, clock: TestClock
) -> None:
    """The engine keeps compact days; the page read from them is the notebook's to the letter."""
    straight = page_for(app, cast, of="alerts")
    keep_all(clock)
    assert keep.kept_since(clock() - tables.REACH, clock()) == clock()
    kept = page_for(app, cast, of="alerts")
    assert said(kept) == said(straight)
    assert len(said(kept)) > 40
    review = computed(database_url, clock, "alerts")
    assert review.acknowledge.sentence in kept


def said(page: str) -> list[str]:
    """Sentences and footers: the page itself also carries the moment it was sent."""
    return re.findall(r"<(?:h2|footer|td|b)\b[^>]*>.*?</", page)


def test_what_changes_after_the_days_were_kept_is_kept_with_the_next_round(
    app: APIFlask, database_url: str, cast: Cast, clock: TestClock
) -> None:
    keep_all(clock)
    before = page_for(app, cast, of="alerts")
    it_took(0.1)
    clock.advance(minutes=2)
    with transaction():
        alert = db.session.query(Alert).filter(Alert.resolved_at.is_(None)).first()
        alert.resolved_at, alert.resolved_by, alert.status = clock(), ResolvedBy.HUMAN, AlertStatus.RESOLVED
        record(Kind.RESOLVED, Subject.ALERT, alert.id, at=clock(), by=db.session.merge(cast.ada))
    assert said(page_for(app, cast, of="alerts")) == said(before)  # as of two minutes ago, and it says so
    keep.renew(clock())
    assert said(page_for(app, cast, of="alerts")) == said(before)  # until the page is made again
    assert [asked.page for asked in pages.due(clock())] == ["response"]
    assert pages.renew(clock()) == 1
    after = page_for(app, cast, of="alerts")
    assert said(after) != said(before)
    assert pages.due(clock()) == []
    assert computed(database_url, clock, "alerts").resolve.footer in after


def test_a_page_that_is_kept_needs_none_of_its_rows(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    """That is what holds it under 200 ms with a million alerts: `bin/bench trends` measures it."""
    keep_all(clock)
    before = page_for(app, cast, of="alerts")
    drawn = figures_of(app, cast, before)
    for table in (TrendDay, TrendMark):
        db.session.query(table).delete()
    db.session.commit()
    assert said(page_for(app, cast, of="alerts")) == said(before)
    assert figures_of(app, cast, before) == drawn
    clock.advance(minutes=11)
    assert said(page_for(app, cast, of="alerts")) != said(before)  # too old: read from the rows, as of now


def it_took(seconds: float) -> None:
    """To make the page, however slow this machine is: what is dear is made less often."""
    with transaction():
        db.session.query(TrendPage).update({"seconds": seconds})


def figures_of(app: APIFlask, cast: Cast, page: str) -> str:
    return visit(app, cast.cleo, unescape(re.search(r' src="(/trends/figures[^"]*)"', page).group(1))).text


def test_the_dearest_pages_are_made_again_least_often_and_unasked_ones_forgotten(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    keep_all(clock)
    page_for(app, cast, of="alerts")
    it_took(9.0)  # three minutes' worth
    clock.advance(minutes=2)
    keep.renew(clock())
    assert pages.due(clock()) == []
    clock.advance(minutes=2)
    keep.renew(clock())
    assert len(pages.due(clock())) == 1
    clock.advance(days=8)
    keep.renew(clock())
    assert (pages.renew(clock()), db.session.query(TrendPage).count()) == (0, 0)


def test_where_there_is_much_a_first_look_says_that_it_is_being_worked_out(
    app: APIFlask, cast: Cast, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = page_for(app, cast, of="alerts")
    keep_all(clock)
    monkeypatch.setattr(pages, "FEW", 0)
    first = visit(app, cast.cleo, "/trends/response", query_string={"of": "alerts"})
    assert (first.status_code, pages.is_asked(clock())) == (202, True)
    assert "These numbers are being worked out" in first.text
    assert "<figure-plot" not in first.text
    assert visit(app, cast.cleo, "/trends/response", query_string={"of": "alerts"}).status_code == 202
    assert db.session.query(TrendAsk).count() == 1
    assert "are being worked out" in visit(app, cast.cleo, "/trends/recommendations").text
    assert visit(app, cast.cleo, "/trends").status_code == 202
    monkeypatch.setattr(usual, "MOST", 0)
    assert pages.renew(clock()) == 3
    assert not pages.is_asked(clock())
    assert said(page_for(app, cast, of="alerts")) == said(straight)
    clock.advance(hours=3)
    keep.renew(clock())
    older = page_for(app, cast, of="alerts")  # at once, and it says so
    assert "Newer ones are being worked out" in older
    assert said(older) == said(straight)
    assert pages.is_asked(clock())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # one query more than the test above
def test_what_people_here_would_look_at_first_is_worked_out_ahead_once_a_day(
    app: APIFlask, cast: Cast, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_all(clock)
    assert pages.ahead(clock()) == []  # little: nobody waits for it anyway
    monkeypatch.setattr(pages, "FEW", 0)
    mine = Asked("home", "alerts", 12, cast.ada.time_zone, teams=("Payments",))
    assert mine in pages.ahead(clock())  # of Ada, who reads her own team's
    assert any(one.page == "service" for one in pages.ahead(clock()))
    monkeypatch.setattr(usual, "questions", lambda: [mine])
    assert pages.renew(clock()) == 1
    assert pages.ahead(clock()) == []
    clock.advance(minutes=9)
    keep.renew(clock())
    assert visit(app, cast.ada, "/trends").status_code == 200
    assert [one.page for one in pages.due(clock())] == ["home"]  # from now on as all that is looked at
    clock.advance(hours=21)
    keep.renew(clock())
    assert pages.ahead(clock()) == [mine]


def test_days_that_are_old_are_not_used(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    keep_all(clock)
    clock.advance(minutes=11)
    assert keep.kept_since(clock() - tables.REACH, clock()) is None
