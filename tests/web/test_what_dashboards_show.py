"""Trends as the lifecycle asks for them: incidents, alerts, where to look, and how long each phase takes."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import transaction
from app.incidents.models import Incident
from tests.support.browser_forms import sign_in
from tests.support.half_a_year import half_a_year


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_S76_S77_S78_S79_dashboards_show_trends_phases_and_where_to_look(app: APIFlask) -> None:
    cast = half_a_year()
    with transaction() as session:
        for incident in session.scalars(sa.select(Incident).where(Incident.acknowledged_at.is_not(None))):
            incident.impact_started_at = incident.detected_at - timedelta(minutes=10)
            assert incident.acknowledged_at is not None
            incident.mitigated_at = incident.acknowledged_at + timedelta(minutes=7)
    client = app.test_client()
    sign_in(client, cast.mara)
    found = {
        address: client.get(address).text
        for address in ("/trends/response?of=incidents", "/trends/alerts", "/trends", "/trends/recommendations")
    }
    incidents, alerts, overview, areas = found.values()
    for figure in ("acknowledge-by-week", "resolve-by-week"):
        assert f'name="{figure}"' in incidents, "S-76"
    for figure in ("alerts-by-week", "quality", "loudest"):
        assert f'id="{figure}"' in alerts + overview, "S-77"
    assert "Let “Errors” page nobody" in areas, "S-78"
    assert "pages avoided" in areas, "S-78"
    phases = incidents.partition('name="phases"')[2].partition("</table>")[0]
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", phases).replace("\N{NO-BREAK SPACE}", " "))
    for phase, median in (("detect", "10 min"), ("diagnose", "7 min"), ("recover", "")):
        assert f"{phase} {median}" in told, f"S-79: {told}"  # to detect, to contain, to recover
