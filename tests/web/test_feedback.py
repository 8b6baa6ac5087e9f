"""Three taps in the incident that is over, and what they say together under Trends."""

from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy


def test_S75_a_responder_is_asked_when_it_is_over_and_trends_counts_the_answer(
    world: World, seen_by: SeenBy
) -> None:
    world.fire()
    world.tick()
    world.promote(world.cast.ada)
    ada = seen_by(world.cast.ada)
    where = "/incidents/1"
    assert "How was it for you?" not in ada.get(where).text
    post(ada, f"{where}/resolution", {"resolution": "Rolled back"}, page=where)
    assert "How was it for you?" in ada.get(where).text
    assert post(ada, f"{where}/feedback", {"people": "yes"}, page=where).status_code == 409
    said = {"people": "yes", "alerts": "partly", "missing": "A <b>runbook</b>"}
    assert post(ada, f"{where}/feedback", said, page=where).status_code == 303
    assert "How was it for you?" not in ada.get(where).text
    page = ada.get("/trends/feedback").text
    assert "1 answer about 1 incident" in page
    assert "A &lt;b&gt;runbook&lt;/b&gt;" in page
    assert seen_by(world.cast.eli).get("/trends/feedback").status_code == 403
