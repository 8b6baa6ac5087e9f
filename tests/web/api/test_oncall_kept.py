"""`GET /api/v1/oncall` is kept by the process, and never says what is not so any more (decision 30)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app import clock as app_clock
from app.database import db, transaction
from app.domain.words import Role
from app.migrations import on_call_mark
from app.oncall import queries, schedules, swap
from app.oncall.models import Override, Schedule, Shadow, TimeOff
from app.people.models import Team, User
from tests.support.api import Api, assert_problem
from tests.support.cast import Cast, make, make_user
from tests.support.clock import TestClock
from tests.support.oncall import layer_json
from tests.support.rota import Rota

BOOK = {"ledger_entry"}  # of what is past: nothing in it says who has it now
DAY = timedelta(days=1)
Changed = Callable[["House"], Any]


@dataclass
class House:
    """Ada has the pager of one schedule, Cleo for Dan behind her; each kind of row is there once and holds."""

    cast: Cast
    schedule: Schedule
    other: Schedule
    override: Override
    time_off: TimeOff
    shadow: Shadow

    def has(self, model: Any, **columns: Any) -> Any:
        """A row more, of the kind that holds now."""
        now = app_clock.now()
        return make(model, **({"start": now - DAY, "end": now + DAY, "created_at": now} | columns))


@pytest.fixture
def house(cast: Cast) -> House:
    with transaction():
        now = app_clock.now()
        row = schedules.create(
            name="Primary", team_id=cast.payments.id, time_zone="Europe/London", by=cast.mara, at=now,
            layers=[layer_json("2026-11-09T09:00", [[cast.ada.id, cast.ben.id, cast.dan.id]])],
        )  # fmt: skip
        span = {"start": now - DAY, "end": now + DAY, "created_at": now}
        cover = make(Override, schedule_id=row.id, user_id=cast.cleo.id, replaces_user_id=cast.dan.id, **span)
        away = make(TimeOff, user_id=cast.ben.id, **span)
        shadow = make(Shadow, schedule_id=row.id, user_id=cast.root.id, **span)
        other = schedules.create(
            name="Quiet", team_id=cast.search.id, time_zone="UTC", by=cast.mara, at=now, layers=[]
        )
        return House(cast, row, other, cover, away, shadow)


def _made(house: House) -> None:
    schedules.create(
        name="Another", team_id=house.cast.search.id, time_zone="UTC", by=house.cast.mara, at=app_clock.now(),
        layers=[layer_json("2026-11-02T09:00", [[house.cast.cleo.id]])],
    )  # fmt: skip


def _gone(pick: Callable[[House], Any]) -> Changed:
    return lambda house: db.session.delete(db.session.merge(pick(house)))


def _set(pick: Callable[[House], Any], **columns: Any) -> Changed:
    """Another value, or what a function makes of the house."""

    def change(house: House) -> None:
        row = db.session.merge(pick(house))
        for name, value in columns.items():
            setattr(row, name, value(house) if callable(value) else value)

    return change


SHORT, LATER = timedelta(hours=1), timedelta(hours=2)
CHANGES: dict[str, Changed] = {
    "a schedule more": _made,
    "a schedule less": _gone(lambda house: house.other),
    "the schedule's name": _set(lambda house: house.schedule, name="Renamed"),
    "its team": _set(lambda house: house.schedule, team_id=lambda house: house.cast.search.id),
    "its zone": _set(lambda house: house.schedule, time_zone="Asia/Tokyo"),
    "its layers": _set(
        lambda house: house.schedule,
        layers=lambda house: [layer_json("2026-11-02T09:00", [[house.cast.mara.id]])],
    ),
    "its temporary schedules": _set(
        lambda house: house.schedule,
        temporary=lambda house: [
            {"name": "Move", "start": "2026-11-01T00:00", "end": "2026-12-01T00:00",
             "layers": [layer_json("2026-11-02T09:00", [[house.cast.mara.id]])], "holes_are_intended": False}
        ],
    ),
    "an override more": lambda house: house.has(
        Override, schedule_id=house.schedule.id, user_id=house.cast.mara.id
    ),
    "an override's person": _set(lambda house: house.override, user_id=lambda house: house.cast.mara.id),
    "an override's other person": _set(
        lambda house: house.override, replaces_user_id=lambda house: house.cast.ada.id
    ),
    "an override's start": _set(lambda house: house.override, start=lambda _: app_clock.now() + SHORT),
    "an override's end": _set(lambda house: house.override, end=lambda _: app_clock.now() + SHORT),
    "an override's kind": _set(lambda house: house.override, kind="takeover"),
    "an override less": _gone(lambda house: house.override),
    "time off more": lambda house: house.has(TimeOff, user_id=house.cast.ada.id),
    "whose time off": _set(lambda house: house.time_off, user_id=lambda house: house.cast.ada.id),
    "time off that begins later": _set(lambda house: house.time_off, start=lambda _: app_clock.now() + SHORT),
    "time off that is over": _set(lambda house: house.time_off, end=lambda _: app_clock.now() - SHORT),
    "time off less": _gone(lambda house: house.time_off),
    "a person's name": _set(lambda house: house.cast.ada, name="Ada L."),
    "a person's role": _set(lambda house: house.cast.ada, role=Role.STAKEHOLDER),
    "a person who has left": _set(lambda house: house.cast.ada, is_active=False),
    "a person who is a program": _set(lambda house: house.cast.ada, is_service=True),
    "the team's name": _set(lambda house: house.cast.payments, name="Money"),
    "a shadow more": lambda house: house.has(Shadow, schedule_id=house.schedule.id, user_id=house.cast.mara.id),
    "another shadow": _set(lambda house: house.shadow, user_id=lambda house: house.cast.mara.id),
    "a shadow's start": _set(lambda house: house.shadow, start=lambda _: app_clock.now() + SHORT),
    "a shadow's end": _set(lambda house: house.shadow, end=lambda _: app_clock.now() - SHORT),
    "a shadow less": _gone(lambda house: house.shadow),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_of_a_row_behind_it_changes_the_next_answer(root: Api, house: House, what: str) -> None:
    before = _items(root)
    assert _items(root) == before
    with transaction():
        CHANGES[what](house)
    after = _items(root)
    assert after != before
    assert after == _computed(root)


def test_a_swap_that_takes_effect_changes_the_next_answer(client: FlaskClient, clock: TestClock) -> None:
    rota = Rota(clock)
    bo = Api(client, rota.bo)
    assert _names(bo) == ["Ana"]
    with transaction():
        swap.take_over(rota.schedule, owner=rota.ana, end=clock.moment + LATER, by=rota.bo, at=clock.moment)
    assert _names(bo) == ["Bo"]
    assert _items(bo) == _computed(bo)


def test_what_is_rolled_back_changes_nothing(root: Api, house: House) -> None:
    before = _items(root)

    def fail() -> None:
        with transaction():
            CHANGES["a person's name"](house)
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _items(root) == before == _computed(root)


def test_R2_the_answer_changes_at_the_boundary_of_a_shift(
    client: FlaskClient, clock: TestClock, cast: Cast
) -> None:
    with transaction():
        schedules.create(
            name="Primary", team_id=cast.payments.id, time_zone="Europe/London", by=cast.mara, at=clock.moment,
            layers=[layer_json("2026-11-02T09:00", [[cast.ada.id], [cast.ben.id]])],
        )  # fmt: skip
    root = Api(client, cast.root)
    now = {"ada": "2026-11-16 08:59:00", "still": "2026-11-16 08:59:59.999999", "ben": "2026-11-16 09:00:00"}
    names = []
    for moment in now.values():
        clock.moment = clock.moment.fromisoformat(f"{moment}+00:00")
        names += _names(root)
        assert _items(root) == _computed(root)
    assert names == ["Ben", "Ben", "Ada"]


def test_the_answer_of_now_reads_as_that_of_its_moment(root: Api, house: House, clock: TestClock) -> None:
    for _ in range(2):
        kept, computed = root.get("/oncall"), root.get("/oncall", at=app_clock.now().isoformat())
        assert kept.get_json() == computed.get_json()
        assert kept.content_type == computed.content_type
        clock.advance(seconds=7)
    by_name, by_id = root.get("/oncall", schedule="Primary"), root.get("/oncall", schedule=house.schedule.id)
    assert by_name.get_json()["items"] == by_id.get_json()["items"] == _items(root)[:1]
    assert root.get("/oncall", schedule="Nothing").get_json()["items"] == []


def test_whoever_may_not_see_it_is_not_served_what_was_kept_for_another(
    client: FlaskClient, root: Api, house: House
) -> None:
    cleo = Api(client, house.cast.cleo)
    assert _items(cleo) == _items(root)
    assert_problem(client.get("/api/v1/oncall"), 401)
    assert_problem(client.get("/api/v1/oncall", headers={"Authorization": "Bearer nb_other"}), 401)
    with transaction():
        db.session.merge(house.cast.cleo).is_active = False
    assert_problem(cleo.get("/oncall"), 401)
    assert _items(root)


def test_it_is_kept_and_not_computed_again(root: Api, house: House) -> None:
    _items(root)
    assert not _tables_read(lambda: _items(root)) & on_call_mark.DECIDES.keys() - {"user"}  # who asks


def test_the_mark_knows_every_table_that_the_answer_is_read_from(root: Api, house: House) -> None:
    read = _tables_read(lambda: queries.on_call_board(app_clock.now()))
    assert read <= on_call_mark.DECIDES.keys() | BOOK
    assert _tables_read(lambda: _items(root)) >= on_call_mark.DECIDES.keys()


def test_what_does_not_decide_draws_no_other_mark(house: House) -> None:
    before = _mark()
    with transaction():
        db.session.merge(house.schedule).recorded_until = app_clock.now()
        db.session.merge(house.cast.ada).time_zone = "Asia/Tokyo"
        db.session.merge(house.time_off).note = "at last"
    assert _mark() == before


def test_each_transaction_draws_one_mark_of_its_own(house: House) -> None:
    seen = {_mark()}
    for number in range(5):
        with transaction():
            for name in ("Eve", "Fay"):
                make_user(f"{name}{number}")
            db.session.get_one(Team, house.cast.payments.id).name = f"Payments {number}"
        seen.add(_mark())
    assert len(seen) == 6
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 17


def _items(who: Api) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = who.get("/oncall").get_json()["items"]
    return items


def _computed(who: Api) -> list[dict[str, Any]]:
    """The same, of this very moment, past what is kept."""
    items: list[dict[str, Any]] = who.get("/oncall", at=app_clock.now().isoformat()).get_json()["items"]
    return items


def _names(who: Api) -> list[str]:
    return [user["name"] for row in _items(who) for user in row["users"]]


def _mark() -> str:
    db.session.rollback()
    mark: str = db.session.execute(sa.text("SELECT mark FROM on_call_mark")).scalar_one()
    return mark


def _tables_read(act: Callable[[], object]) -> set[str]:
    """The tables that the statements name while `act` runs."""
    found: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.update(re.findall(r'(?:FROM|JOIN) "?(\w+)"?', statement))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    return found
