"""A person changes, leaves, or comes back; each change is in the event log."""

import pytest
from apiflask import APIFlask

from app import clock
from app.database import transaction
from app.domain.invalid import InvalidField
from app.domain.timeline import Subject
from app.domain.words import Role
from app.people import sessions
from app.people.change_user import change_user, let_go, take_back
from app.timeline.queries import events_about
from tests.support.cast import Cast


def test_each_field_that_changes_is_one_event_and_the_same_again_is_none(app: APIFlask) -> None:
    with transaction():
        cast = Cast()
        for _ in range(2):
            change_user(
                cast.ada,
                name="Ada L.",
                role=Role.MANAGER,
                email="Ada@Nightbell.example",
                by=cast.root,
                at=clock.now(),
            )
    facts = [(event.data["field"], event.data.get("to")) for event in events_about(Subject.USER, cast.ada.id)]
    assert facts == [("name", None), ("role", "manager")]  # SEC-34: the log holds no name


def test_who_leaves_is_signed_out_everywhere_and_may_come_back(app: APIFlask) -> None:
    with transaction():
        cast = Cast()
        _, token = sessions.start(cast.ada, device="Firefox", at=clock.now())
        let_go(cast.ada, by=cast.root, at=clock.now())
        take_back(cast.ada, by=cast.root, at=clock.now())
    assert cast.ada.is_active
    assert sessions.find(token, at=clock.now()) is None


def test_the_last_administrator_neither_leaves_nor_becomes_less(app: APIFlask) -> None:
    with transaction():
        cast = Cast()
        with pytest.raises(InvalidField, match="last administrator"):
            let_go(cast.root, by=cast.root, at=clock.now())
        with pytest.raises(InvalidField, match="last administrator"):
            change_user(cast.root, role=Role.MANAGER, by=cast.root, at=clock.now())
        change_user(cast.mara, role=Role.ADMINISTRATOR, by=cast.root, at=clock.now())
        let_go(cast.root, by=cast.mara, at=clock.now())
    assert not cast.root.is_active
