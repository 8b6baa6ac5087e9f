"""Each page of Trends says what the notebook's report says of the same rows, read from outside."""

import re
from html import unescape

import pandas as pd
import pytest
from apiflask import APIFlask

import analytics
from analytics import reports
from analytics.card import Scope
from analytics.recommend import recommend
from app.database import db
from tests.support.browser_forms import visit
from tests.support.clock import TestClock
from tests.support.half_a_year import half_a_year

ZONE = "Europe/Stockholm"
PAGES = [
    ("/trends", "overview", "alerts"),
    ("/trends/response", "response_times", "incidents"),
    ("/trends/alerts", "alert_quality", "alerts"),
    ("/trends/load", "pager_load", "alerts"),
    ("/services/<checkout>/trends", "service", "alerts"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # that both read alike, test_trends shows
def test_every_page_of_trends_says_what_its_report_says(
    app: APIFlask, database_url: str, clock: TestClock
) -> None:
    cast = half_a_year()
    cast.cleo.time_zone = ZONE
    db.session.commit()
    tables = analytics.read(database_url)
    at = clock().replace(microsecond=0).isoformat()
    since = (pd.Timestamp(at).tz_convert(ZONE) - pd.DateOffset(weeks=12)).isoformat()
    scope = Scope(analytics.window(tables, since, at, at, ZONE), ZONE)

    def page(path: str, kind: str) -> str:
        address = path.replace("<checkout>", str(cast.checkout.id))
        text = unescape(visit(app, cast.cleo, address, query_string={"of": kind}).text).replace(
            "\N{NO-BREAK SPACE}", " "
        )
        joined = text.replace('</h2><p class="besides">', " ").replace(' class="number"', "")
        return re.sub(r"</?a\b[^>]*>", "", joined)

    for path, name, kind in PAGES:
        mine = tables.of_service("checkout-api") if name == "service" else tables
        noun = {"noun": kind.removesuffix("s")} if name in ("response_times", "service") else {}
        told, shown = getattr(reports, name)(mine, scope, **noun), page(path, kind)
        assert len(told.cards) >= 3
        for card in told.cards:
            assert f'<h2 id="{card.name}">{card.sentence}</' in shown
            assert card.footer in shown
            for row in card.table.to_numpy():
                assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" in shown
    shown = page("/trends/recommendations", "alerts")
    suggested = recommend(tables, scope)
    assert suggested
    for one in suggested:
        assert one.title in shown
