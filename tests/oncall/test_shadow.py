"""Who looks on at a schedule: added, ended, refused."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import Role
from app.oncall import handoff, remove, shadow
from app.oncall.models import Handoff, Shadow
from app.people.models import User
from app.timeline.models import Event
from tests.support.cast import make
from tests.support.clock import TestClock
from tests.support.rota import Rota


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    return Rota(clock)


def names(rota: Rota) -> list[str]:
    return [row.user.name for row in shadow.at_moment([rota.schedule.id], rota.clock())]


def add(rota: Rota, user: User, **span: object) -> Shadow:
    with transaction():
        return shadow.add(rota.schedule, user, by=rota.mara, at=rota.clock(), **span)  # type: ignore[arg-type]


def test_a_shadow_looks_on_until_its_hour_or_until_ended_and_the_log_says_so(rota: Rota) -> None:
    row = add(rota, rota.dan, end=rota.clock() + timedelta(hours=8))
    assert names(rota) == ["Dan"]
    rota.forward(hours=8)
    assert names(rota) == []
    row = add(rota, rota.dan)
    rota.forward(hours=1)
    rota.do(shadow.end, row, rota.mara)
    rota.do(shadow.end, row, rota.mara)  # a second click
    assert names(rota) == []
    about = sa.select(Event.kind).where(Event.subject_kind == "shadow").order_by(Event.id)
    assert list(db.session.scalars(about)) == ["created", "created", "changed"]


def test_one_to_come_goes_away_when_ended(rota: Rota) -> None:
    row = add(rota, rota.dan, start=rota.clock() + timedelta(days=1))
    assert names(rota) == []
    rota.do(shadow.end, row, rota.mara)
    assert db.session.scalar(sa.select(Shadow)) is None


def test_what_does_not_fit_is_refused_with_the_field(rota: Rota) -> None:
    now, hour = rota.clock(), timedelta(hours=1)
    add(rota, rota.dan, end=now + hour)
    eli = make(User, email="eli@x.example", name="Eli", role=Role.STAKEHOLDER, time_zone="UTC", created_at=now)
    db.session.commit()
    for user, span, pointer, words in (
        (rota.dan, {}, "/user_id", "Dan is a shadow here already until Wed 28 Oct, 10:00 CDT"),
        (rota.bo, {"start": now - 2 * hour, "end": now - hour}, "/end", "has passed"),
        (
            rota.bo,
            {"start": now + hour, "end": now + hour},
            "/end",
            "must be at least a minute after the start",
        ),
        (eli, {}, "/user_id", "Eli cannot answer a page, so gets no copies either"),
    ):
        with pytest.raises(InvalidField) as refused:
            add(rota, user, **span)
        assert (pointer, words) in refused.value.errors


def test_whoever_left_looks_on_no_more_and_a_deleted_schedule_takes_its_shadows_along(rota: Rota) -> None:
    add(rota, rota.dan)
    add(rota, rota.bo)
    with transaction():
        db.session.merge(rota.dan).is_active = False
    assert names(rota) == ["Bo"]
    rota.do(remove.remove_schedule, rota.schedule, rota.mara)
    assert db.session.scalar(sa.select(Shadow)) is None


def test_D11_whoever_stays_after_a_handoff_gets_copies_until_the_next_one_answers(rota: Rota) -> None:
    now = rota.clock()
    with transaction():
        row: Handoff = make(
            Handoff, schedule_id=rota.schedule.id, at=now, incoming_id=rota.ana.id, outgoing_id=rota.cy.id,
            stay_asked_at=now, created_at=now,
        )  # fmt: skip
    rota.do(handoff.stay, row, rota.cy)
    assert names(rota) == ["Cy"]
    assert rota.on_call(now) == "Ana"
    rota.clock.moment += timedelta(minutes=20)
    rota.do(handoff.confirm, row, rota.ana)
    assert names(rota) == []
