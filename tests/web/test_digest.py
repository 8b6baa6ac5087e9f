"""The week through a browser: one's own teams, doors there, and from there to what it names."""

import re

import pytest

from app.engine.learning import open_postmortems
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_week_of_ones_teams_has_doors_and_leads_to_what_it_names(declared: World, seen_by: SeenBy) -> None:
    ada = seen_by(declared.cast.ada)
    declared.tick()
    post(ada, "/incidents/1/resolution", {"resolution": "Rolled back"}, page="/incidents/1")
    open_postmortems()
    for page in ("/incidents", "/postmortems"):
        assert 'href="/digest"' in ada.get(page).text
    page = ada.get("/digest").text
    assert "Payments" in page
    assert "Search" not in page.partition('<main id="main"')[2]
    assert "0 the week before" in page
    assert "1 postmortem not published yet" in page
    doors = set(re.findall(r'class="name" href="([^"#]+)', page))
    assert {ada.get(door).status_code for door in doors} == {200}
    assert seen_by(declared.cast.eli).get("/digest").status_code == 403
