"""Where Trends leads: from a point to what stands behind it, to other windows, to the service and back."""

import json
import re
from html import unescape

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.alerts.models import Alert, Service
from app.database import transaction
from app.domain.words import Role
from app.incidents.models import Incident
from tests.support.browser_forms import visit
from tests.support.cast import Cast, make_user
from tests.support.half_a_year import half_a_year


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    return half_a_year()


def page_for(app: APIFlask, cast: Cast, address: str) -> str:
    return unescape(visit(app, cast.cleo, address).text).replace("\N{NO-BREAK SPACE}", " ")


def test_a_point_leads_to_what_stands_behind_it_in_one_tap(app: APIFlask, cast: Cast) -> None:
    page = page_for(app, cast, "/trends/response?of=alerts")
    links = json.loads(
        re.search(r'name="acknowledge-by-week" src="[^"]*" height="\d+" links="(.*?)" role', page).group(1)
    )
    week, address = next(iter(links.items()))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", week)
    behind = page_for(app, cast, address)
    n = int(re.search(r"(\d+) alerts? behind this point", behind).group(1))
    row = re.search(rf'<td><a href="[^"]*week={week}[^"]*">[^<]*</a></td><td class="number">(\d+)</td>', page)
    assert n == int(row.group(1))
    assert len(re.findall(r'href="/alerts/\d+"', behind)) == n


def test_a_merged_incident_is_behind_no_point_as_it_is_in_no_count(app: APIFlask, cast: Cast) -> None:
    with transaction() as session:
        first, *merged = session.scalars(sa.select(Incident).order_by(Incident.detected_at.desc()).limit(4))
        for incident in merged:
            incident.merged_into_id = first.id
    page = page_for(app, cast, "/trends/response?of=incidents")
    row = r'<td><a href="([^"]*week=[^"]*)">[^<]*</a></td><td class="number">(\d+)</td>'
    weeks = re.findall(row, page)[:3]
    assert len(weeks) == 3
    for address, n in weeks:
        assert re.search(rf"\b{n} incidents? behind this point", page_for(app, cast, address))


def test_a_service_leads_to_the_incidents_that_its_rate_counts(app: APIFlask, cast: Cast) -> None:
    with transaction() as session:
        service = session.get_one(Service, cast.checkout.id)
        for incident in session.scalars(sa.select(Incident).order_by(Incident.detected_at.desc()).limit(8)):
            incident.services = [service]
    page = page_for(app, cast, "/trends")
    rates = re.search(r'<h2 id="rate">.*?</section>', page, re.DOTALL).group(0)
    assert "checkout-api has incidents: " in rates
    row = r'<td><a href="([^"]*)">checkout-api</a></td><td class="number">(\d+)</td>'
    address, n = re.search(row, rates).groups()
    assert 0 < int(n) <= 8
    assert re.search(rf"\b{n} incidents? behind this point", page_for(app, cast, address))
    assert "<td>not written down</td>" in rates  # the others are counted all the same


def test_an_urgency_is_asked_of_alerts_and_the_cards_of_incidents_are_left_out(
    app: APIFlask, cast: Cast
) -> None:
    with transaction() as session:
        newest = session.scalars(sa.select(Alert.id).order_by(Alert.created_at.desc()).limit(7)).all()
        session.execute(sa.update(Alert).where(Alert.id.in_(newest)).values(urgency="low"))
    low, high = (page_for(app, cast, f"/trends?urgency={urgency}") for urgency in ("low", "high"))
    assert "n 7 alerts" in low
    assert "alerts of low urgency" in low
    assert re.search(r'<a href="/trends\?[^"]*urgency=high[^"]*"[^>]*>High</a>', low)
    whole = page_for(app, cast, "/trends")
    every, urgent = (int(re.search(r"n (\d+) alerts", page).group(1)) for page in (whole, high))
    assert every - urgent == 7
    for name in ("rate", "degraded"):
        assert f'<h2 id="{name}">' in whole
        assert f'<h2 id="{name}">' not in low
    behind = page_for(app, cast, unescape(re.search(r'href="(/trends/behind[^"]*rule=[^"]*)"', low).group(1)))
    assert "7 alerts behind this point" in behind


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # which cards, no rows
def test_the_load_of_one_urgency_says_nothing_of_shifts_and_efforts_which_incidents_are_counted_in(
    app: APIFlask, cast: Cast
) -> None:
    whole, high = (page_for(app, cast, f"/trends/load{more}") for more in ("", "?urgency=high"))
    assert '<h2 id="people">' in high
    for name in ("shifts", "shifts-over", "effort"):
        assert (f'<h2 id="{name}">' in whole, f'<h2 id="{name}">' in high) == (True, False)


def test_incidents_have_no_urgency_to_choose(app: APIFlask, cast: Cast) -> None:
    page, narrowed = (
        page_for(app, cast, f"/trends/response?of=incidents{more}") for more in ("", "&urgency=low")
    )
    assert 'aria-label="Urgency"' not in page
    assert re.findall(r'<h2 id=".*?</h2>', page) == re.findall(r'<h2 id=".*?</h2>', narrowed)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the same rows, otherwise asked for
def test_the_overview_is_of_alerts_whatever_was_chosen_on_the_page_before(app: APIFlask, cast: Cast) -> None:
    def shown(address: str) -> tuple[list[str], dict[str, str]]:
        page = page_for(app, cast, address)
        links = re.search(r'name="acknowledge-by-week" src="[^"]*" height="\d+" links="(.*?)" role', page)
        return re.findall(r"<(?:h2|b|footer)\b[^>]*>.*?</", page), json.loads(links.group(1))

    for urgency in ("", "&urgency=high"):
        alerts, incidents = (shown(f"/trends?of={kind}{urgency}") for kind in ("alerts", "incidents"))
        assert incidents == alerts
    assert "of=incidents" in page_for(app, cast, "/trends?of=incidents")  # the other tabs carry it on
    assert "alerts of low urgency" in page_for(app, cast, "/trends/recommendations?urgency=low")


def test_a_page_has_a_door_to_its_notebook_where_one_shows_the_same(app: APIFlask, cast: Cast) -> None:
    for address, command in (
        ("/trends", "</pre>"), ("/trends/load", "notebooks/07_pager_load.ipynb</pre>"),
    ):  # fmt: skip
        page = page_for(app, cast, address)
        assert 'href="#notebook">Open notebook</a>' in page
        assert re.search(rf'<pre id="notebook"[^>]*>bin/notebooks --source [^<]*{command}', page)
    for narrowed in ("/trends?service=checkout-api", "/trends?severity=SEV1", "/trends?urgency=high"):
        assert "Open notebook" not in page_for(app, cast, narrowed)  # no notebook is narrowed so
    for address, has_door in (("/trends/load", False), ("/trends/load?team=Payments", True)):
        page = visit(app, cast.ada, address).text  # Ada sees her teams: a notebook is of all or of one
        assert ("Open notebook" in page, 'id="notebook"' in page) == (has_door, has_door)


@pytest.mark.parametrize(
    "address",
    [
        "/trends/behind",
        "/trends/behind?as_of=2026-11-12T03:10Z&week=soon",
        "/trends/behind?as_of=2026-11-12T03:10Z&week=nat",
        "/trends/nothing",
        "/services/999/trends",
        "/trends?service=none",
        "/trends?severity=bad",
        "/trends?urgency=bad",
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_there_is_said_behind_figures_too(app: APIFlask, address: str) -> None:
    with transaction():
        someone = make_user("Ada", Role.ADMINISTRATOR)
    assert visit(app, someone, address).status_code == 404


def test_an_hour_of_the_week_leads_to_the_alerts_that_came_in_it(app: APIFlask, cast: Cast) -> None:
    page = page_for(app, cast, "/trends")
    links = json.loads(re.search(r'name="alerts-by-hour" [^>]* links="(.*?)" role', page).group(1))
    assert list(links) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    row = re.search(r'day=Tue">Tue</a></td>(.*?)</tr>', page).group(1)
    hours = [int(n) for n in re.findall(r"<td[^>]*>(\d+)</td>", row)]
    assert (len(hours), sum(hours) > 10) == (24, True)
    for address, n in (
        (links["Tue"], sum(hours)),
        (f"{links['Tue']}&hour={hours.index(max(hours))}", max(hours)),
    ):
        assert f"{n} alerts behind this point" in visit(app, cast.cleo, address).text
    for wrong in ("&hour=24", "&hour=x"):
        assert visit(app, cast.cleo, links["Tue"] + wrong).status_code == 404
    assert visit(app, cast.cleo, links["Tue"].replace("day=Tue", "day=Tues")).status_code == 404


def test_what_is_behind_says_its_window_and_leads_back_to_the_page_it_came_from(
    app: APIFlask, cast: Cast
) -> None:
    page = page_for(app, cast, "/trends/response?of=incidents&weeks=4")
    links = json.loads(re.search(r'name="resolve-by-severity" [^>]* links="(.*?)" role', page).group(1))
    behind = page_for(app, cast, links["SEV1"])
    n = int(re.search(r">SEV1</a></td><td[^>]*>(\d+)</td>", page).group(1))
    assert f"{n} incidents behind this point: SEV1, 15 Oct 2026 to 12 Nov 2026, Europe/London." in behind
    assert len(re.findall(r'<span class="tile level-1"', behind)) == n
    assert re.search(r'class="back" href="/trends/response\?weeks=4&of=incidents"', behind)


def test_a_services_page_keeps_to_itself_whatever_is_chosen_and_leads_to_the_service_and_back(
    app: APIFlask, cast: Cast
) -> None:
    address = f"/services/{cast.checkout.id}/trends"
    page = page_for(app, cast, address)
    window = re.search(r'aria-label="Window">(.*?)</nav>', page).group(1)
    assert re.findall(r'href="([^"?]*)', window) == [address, address]
    four = re.search(r'href="([^"]*)"[^>]*>4 weeks', window).group(1)
    assert 'aria-current="page">4 weeks' in visit(app, cast.cleo, four).text
    assert 'aria-label="Team"' not in page  # a service is one team's
    assert f'href="/services/{cast.checkout.id}">checkout-api</a>' in page
    assert f'href="{address}"' in visit(app, cast.cleo, f"/services/{cast.checkout.id}").text


def test_recommendations_are_asked_of_a_window_a_service_and_a_severity_too(app: APIFlask, cast: Cast) -> None:
    page = visit(app, cast.cleo, "/trends/recommendations?weeks=4&service=checkout-api").text
    assert re.search(r'href="/trends/recommendations\?[^"]*weeks=4[^"]*" aria-current="page">4 weeks', page)
    assert "Only checkout-api" in page


def test_incidents_of_no_service_were_degraded_time_all_the_same(app: APIFlask, cast: Cast) -> None:
    page = page_for(app, cast, "/trends")
    said = re.search(r'<h2 id="degraded">(.*?)</h2>', page).group(1)
    assert re.fullmatch(
        r"Something was degraded for .* in 12 weeks, .*; of which service the source does not tell.", said
    )
    row = re.search(r'<td>not written down</td><td>[^<]*</td><td class="number">(\d+)</td>', page)
    assert (
        row is not None
    )  # no link to a service of that name, nor to the incident of which the count is the number


def test_a_full_stop_in_a_name_does_not_end_the_heading(app: APIFlask, cast: Cast) -> None:
    with transaction() as session:
        service = session.get_one(Service, cast.checkout.id)
        service.name = "St. Louis"
        for incident in session.scalars(sa.select(Incident)):
            incident.services = [service]
    page = page_for(app, cast, "/trends")
    said = re.search(r'<h2 id="degraded">(.*?)</h2>', page).group(1)
    assert re.fullmatch(r"St\. Louis was degraded for .* in 12 weeks, overlaps counted once\.", said)
    waits = r'<h2 id="acknowledge-by-week">Half of [^<]* within [^<.]*\.</h2><p class="besides">[^<]*\.</p>'
    assert re.search(waits, page)


def test_a_services_page_is_its_own_teams(app: APIFlask, cast: Cast) -> None:
    page = page_for(app, cast, f"/services/{cast.checkout.id}/trends")
    assert "checkout-api" in page
    assert "phases" not in page  # of alerts by default
    assert visit(app, cast.cleo, f"/services/{cast.checkout.id}/trends?of=incidents").status_code == 200
