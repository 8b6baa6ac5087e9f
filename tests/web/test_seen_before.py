"""A new incident shows past ones like it, and what ended them then."""

from app.database import transaction
from app.domain.words import ActionKind
from app.learning import actions
from tests.learning.conftest import incident, who
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy


def test_S02_a_similar_incident_shows_what_fixed_it_then_and_what_was_changed_since(
    world: World, seen_by: SeenBy
) -> None:
    world.fire()
    world.tick()
    world.promote(world.cast.ada)
    ada = seen_by(world.cast.ada)
    assert "Seen before" not in ada.get("/incidents/1").text
    post(ada, "/incidents/1/resolution", {"resolution": "Rolled back", "alert": "1"}, page="/incidents/1")
    with transaction():
        by = who(world.cast.ada)
        made = actions.promise(
            incident(), actions.Promise("Test units", ActionKind.PREVENT), by=by, at=world.now
        )
        actions.carry_out(made, "A test of <units>", by=by, at=world.now)
    world.clock.advance(minutes=90)
    alert = world.fire()
    assert alert is not None
    world.promote(world.cast.ada, 2)
    page = ada.get("/incidents/2").text
    for words in (
        "Seen before",
        'href="/incidents/1"',
        "Rolled back",
        "Changed since: A test of &lt;units&gt;",
    ):
        assert words in page, words
