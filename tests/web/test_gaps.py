"""Gaps through a browser: a door from where people look, and from each gap to where it is mended."""

import re

from tests.support.world import World
from tests.web.conftest import SeenBy


def test_S83_gaps_have_a_door_from_where_people_look_and_each_leads_to_where_it_is_mended(
    world: World, seen_by: SeenBy
) -> None:
    mara = seen_by(world.cast.mara)
    for address in ("/incidents", "/postmortems"):
        assert 'href="/gaps"' in mara.get(address).text
    page = mara.get("/gaps").text
    assert "Services without a playbook" in page
    doors = set(re.findall(r'class="name" href="([^"#]+)', page))
    assert len(doors) > 2
    assert {door: mara.get(door).status_code for door in doors} == dict.fromkeys(doors, 200)
    assert seen_by(world.cast.eli).get("/gaps").status_code == 403
