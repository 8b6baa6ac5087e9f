"""What responders say when it is over: once each, counted together, without names where that is wanted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.words import Verdict
from app.learning import feedback
from app.learning.models import Feedback
from app.people.models import Organisation
from app.timeline.models import Event
from tests.learning.conftest import incident, who
from tests.support.world import World


def give(world: World, name: str, missing: str = "") -> None:
    with transaction():
        feedback.give(
            incident(), right_people=Verdict.YES, right_alerts=Verdict.NO, missing=missing,
            by=who(getattr(world.cast, name)), at=world.now,
        )  # fmt: skip


def counted(world: World) -> feedback.Said:
    said = feedback.counted(who(world.cast.mara), since=world.now - timedelta(days=1))
    db.session.rollback()
    return said


def test_S75_whoever_responded_says_it_once_and_it_is_counted(over: World) -> None:
    assert feedback.is_asked(incident(), who(over.cast.ada))
    assert not feedback.is_asked(incident(), who(over.cast.dan))
    db.session.rollback()
    give(over, "ada", "A runbook")
    said = counted(over)
    assert (said.incidents, said.answers, said.missing) == (1, 1, [(1, "A runbook")])
    assert (said.counts["people"][Verdict.YES], said.counts["alerts"][Verdict.NO]) == (1, 1)
    for name in ("ada", "dan"):
        with pytest.raises(InvalidTransition):
            give(over, name)


def test_S75_without_names_no_row_says_who_and_fewer_than_three_are_not_counted(over: World) -> None:
    with transaction():
        db.session.get_one(Organisation, 1).is_feedback_anonymous = True
        for name in ("ben", "cleo"):
            incident().alerts[0].acknowledged_by = who(getattr(over.cast, name))
    with transaction():
        incident().commander = who(over.cast.ben)
    for number, name in enumerate(("ada", "ben", "cleo"), 1):
        give(over, name, "More hands")
        assert counted(over).answers == (0 if number < 3 else 3)
    rows = db.session.scalars(sa.select(Feedback)).all()
    assert {(each.user_id, each.at.hour, each.at.minute) for each in rows} == {(None, 0, 0)}
    said = db.session.scalars(sa.select(Event).where(Event.kind == "feedback_given")).all()
    assert {each.actor_id for each in said} == {None}
