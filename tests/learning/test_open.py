"""A postmortem opens by itself, is the commander's, and begins with what is known."""

from datetime import timedelta

import pytest

from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.words import IncidentSeverity, IncidentStatus, PostmortemPart
from app.engine import jobs
from app.engine.learning import open_postmortems
from app.incidents import status
from app.incidents.models import Incident
from app.learning import queries, settings
from app.learning.models import Postmortem
from app.learning.open import open_postmortem
from app.people.models import Organisation
from app.timeline.models import Event
from tests.learning.conftest import incident, who
from tests.support.world import World


def opened() -> Postmortem | None:
    return db.session.get(Postmortem, 1, populate_existing=True)


def test_S57_S64_it_opens_by_itself_for_the_commander_when_a_severe_incident_is_resolved(over: World) -> None:
    assert open_postmortems() == 1
    assert open_postmortems() == 0
    made = opened()
    assert made is not None
    assert made.owner is not None
    assert made.owner.name == "Ada"


def test_S65_S68_it_begins_with_the_facts_and_with_what_was_tried_when(over: World) -> None:
    open_postmortems()
    made = opened()
    assert made is not None
    happened = queries.texts(made)[PostmortemPart.HAPPENED].text
    known = ("Checkout errors at 14 %", "contained 58 min after", "resolved 64 min after", "Rolled back")
    for words in known:
        assert words in happened, words
    kinds = [db.session.get_one(Event, each.event_id).kind for each in queries.entries(made)]
    assert kinds[0] == "triggered"
    assert {"paged", "declared", "status_changed"} <= set(kinds)
    assert [each.at for each in queries.entries(made)] == sorted(each.at for each in queries.entries(made))


def test_a_mild_incident_has_one_only_by_hand_and_one_that_goes_on_has_none(world: World) -> None:
    with transaction():
        status.change_severity(incident(), IncidentSeverity.SEV4, by=who(world.cast.ada), at=world.now)
    with pytest.raises(InvalidTransition, match="goes on"), transaction():
        open_postmortem(incident(), by=who(world.cast.ada), at=world.now)
    with transaction():
        status.resolve(incident(), by=who(world.cast.ada), at=world.now)
    assert open_postmortems() == 0
    with transaction():
        made = open_postmortem(incident(), by=who(world.cast.ben), at=world.now)
        assert open_postmortem(incident(), by=who(world.cast.ada), at=world.now) is made
        assert made.owner is not None
        assert made.owner.name == "Ada"


def test_the_organisation_chooses_severities_and_what_the_parts_begin_with(over: World) -> None:
    with transaction():
        organisation = db.session.get_one(Organisation, 1)
        settings.change(
            organisation, severities=[IncidentSeverity.SEV5], template={PostmortemPart.CAUSE: "Why? And why?"},
            by=who(over.cast.root), at=over.now,
        )  # fmt: skip
    assert open_postmortems() == 0
    with transaction():
        made = open_postmortem(incident(), by=who(over.cast.ada), at=over.now)
        assert queries.texts(made)[PostmortemPart.CAUSE].text == "Why? And why?"


def test_an_incident_does_not_close_by_itself_while_its_postmortem_is_being_written(over: World) -> None:
    open_postmortems()
    over.clock.moment += timedelta(days=4)
    assert jobs.close_resolved() == 0
    with transaction():
        db.session.get_one(Postmortem, 1).state = "published"  # type: ignore[assignment]
    assert jobs.close_resolved() == 1
    assert db.session.get_one(Incident, 1, populate_existing=True).status is IncidentStatus.CLOSED
