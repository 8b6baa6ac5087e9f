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
from app.domain.words import Role
from tests.support.browser_forms import visit
from tests.support.cast import Cast, make_user
from tests.support.clock import TestClock
from tests.support.half_a_year import half_a_year

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks" / "02_response_times.ipynb"
KINDS = ("alerts", "incidents")
FIGURES = ("acknowledge-by-week", "acknowledge-by-severity", "resolve-by-week", "resolve-by-severity")


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    return half_a_year()


def page_for(app: APIFlask, cast: Cast, **chips: object) -> str:
    cast.cleo.time_zone = "Europe/Stockholm"
    db.session.commit()
    answer = visit(app, cast.cleo, "/trends", query_string=chips)
    assert answer.status_code == 200
    return unescape(answer.text)


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
                assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" in page


@pytest.mark.parametrize("chips", [{"team": "Payments"}, {"weeks": "4"}, {"team": "Search", "weeks": "4"}])
def test_the_chips_choose_team_and_window_and_are_in_the_address(
    app: APIFlask, database_url: str, cast: Cast, clock: TestClock, chips: dict[str, str]
) -> None:
    page = page_for(app, cast, of="alerts", **chips)
    review = computed(database_url, clock, "alerts", chips.get("team"), int(chips.get("weeks", 12)))
    assert review.acknowledge.sentence in page
    assert review.resolve.footer in page
    for chosen in (chips.get("team", "All teams"), f"{chips.get('weeks', '12')} weeks", "Alerts"):
        assert re.search(rf'<a href="/trends\?[^"]*" aria-current="page">{chosen}</a>', page)


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
    assert list(drawn) == [*FIGURES, "config"]
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
    command = re.search(r"bin/notebooks (--source \S+ .*?)</pre>", page)
    assert command is not None
    words = dict(re.findall(r"--(start|end|as-of|zone|team) (\S+)", command.group(1)))
    chosen = {name.replace("-", "_"): value for name, value in words.items()}
    book = report.run(NOTEBOOK, {"source": database_url, **chosen})
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    printed = "\n".join(output.get("data", {}).get("text/markdown", "") for output in outputs)
    said = re.findall(r'<h2 id="[\w-]+">(.*?)</h2>', page)
    assert len(said) == len(FIGURES)
    for sentence in said:
        assert sentence in printed
    alerts = page_for(app, cast, of="alerts", team="Payments")
    assert re.findall(r'<h2 id="acknowledge-by-week">(.*?)</h2>', alerts)[0] in printed


def test_without_anything_to_measure_it_says_so_and_offers_the_other_chips(app: APIFlask) -> None:
    with transaction():
        cast = Cast()
    page = page_for(app, cast)
    assert "There were no alerts in this window, so there is nothing to measure." in page
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
