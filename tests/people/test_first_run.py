"""The first administrator: by a link of one use, printed on the console."""

import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import Role
from app.people import first_run, queries
from app.people.models import Organisation, User
from tests.support.cast import make, make_user
from tests.support.clock import TestClock

BASE = "https://pager.example"
ANSWERS = {
    "organisation": "Example", "name": "Ada", "email": "ada@nightbell.example", "time_zone": "Europe/Riga",
    "password_hash": "a hash",
}  # fmt: skip


def link(clock: TestClock) -> str:
    with transaction():
        address = first_run.first_run_link(BASE, clock())
    assert address is not None
    assert address.startswith(f"{BASE}/welcome/")
    return address.rsplit("/", 1)[1]


def finish(token: str, clock: TestClock, **changes: str) -> User | None:
    with transaction():
        return first_run.finish(token, at=clock(), **(ANSWERS | changes))


def test_SEC36_the_link_makes_one_administrator_and_the_second_tap_none(
    app: APIFlask, clock: TestClock
) -> None:
    token = link(clock)
    assert first_run.is_open(token, at=clock())
    assert first_run.is_open(token, at=clock())  # looking does not use it up
    ada = finish(token, clock)
    assert ada is not None
    assert (ada.role, ada.email) == (Role.ADMINISTRATOR, "ada@nightbell.example")
    organisation = queries.organisation()
    assert organisation is not None
    assert (organisation.name, organisation.time_zone) == ("Example", "Europe/Riga")
    assert finish(token, clock, email="eve@nightbell.example") is None
    assert not first_run.is_open(token, at=clock())
    assert first_run.first_run_link(BASE, clock()) is None


def test_SEC36_only_the_newest_link_works_and_only_for_a_day(app: APIFlask, clock: TestClock) -> None:
    old, new = link(clock), link(clock)
    assert not first_run.is_open(old, at=clock())
    assert finish(old, clock) is None
    assert first_run.is_open(new, at=clock())
    clock.advance(days=1)
    assert not first_run.is_open(new, at=clock())
    assert finish(new, clock) is None
    assert not first_run.is_open("guessed", at=clock())


def test_a_wrong_answer_leaves_the_link_good_and_names_the_field(app: APIFlask, clock: TestClock) -> None:
    token = link(clock)
    with pytest.raises(InvalidField) as refused:
        finish(token, clock, email="ada", time_zone="Mars/Base", organisation=" ", name="")
    assert {pointer for pointer, _ in refused.value.errors} == {
        "/email",
        "/time_zone",
        "/organisation",
        "/name",
    }
    assert db.session.scalar(db.select(db.func.count()).select_from(User)) == 0
    assert finish(token, clock) is not None


def test_a_demo_organisation_keeps_its_name_and_gets_its_first_administrator(
    app: APIFlask, clock: TestClock
) -> None:
    with transaction():
        make(Organisation, id=1, name="Demo", time_zone="UTC", is_demo=True, created_at=clock())
        make_user("Dora", Role.ADMINISTRATOR)  # of the demo: nobody can sign in as her
    assert finish(link(clock), clock, organisation="Other") is not None
    organisation = queries.organisation()
    assert organisation is not None
    assert organisation.name == "Demo"


def test_SEC36_no_link_opens_once_somebody_else_became_administrator(app: APIFlask, clock: TestClock) -> None:
    token = link(clock)
    with transaction():
        make_user("Root", Role.ADMINISTRATOR, password_hash="a hash")
    assert not first_run.is_open(token, at=clock())
    assert finish(token, clock) is None
