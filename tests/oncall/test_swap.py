"""Swaps as rows: asked, accepted, approved, given back; who is on call meanwhile; who is told."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.swap import AlreadyTaken, NothingToCover
from app.domain.swap_checks import Check
from app.domain.words import SwapMode, SwapState
from app.oncall import override, swap, time_off
from app.oncall.models import Override, Swap
from app.oncall.override import AlreadyOver
from app.oncall.queries import on_call_at
from app.oncall.swap_answer import accept, approve, decline, exempt, reject
from app.oncall.swap_people import CannotTake
from app.oncall.swap_release import release, undo
from app.people.rights import NotAllowed
from app.timeline.models import Event
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

IN_THE_NIGHT = utc("2026-11-01 03:00")
IN_RETURN = (utc("2026-11-07 14:00"), utc("2026-11-07 20:00"))  # Saturday of Bo's week


def test_the_worked_example_from_asking_to_the_morning_after(app: APIFlask, clock: TestClock) -> None:
    rota = Rota(clock, needs_approval=True)
    bo, cy, mara = rota.bo, rota.cy, rota.mara
    # 1. Ana posts Sat 31 Oct 18:00 to Sun 1 Nov 08:00: 15 real hours
    asked = rota.ask()
    assert asked.state is SwapState.OPEN
    assert rota.told(bo) == ["Ana asks: Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST"]
    # 2. Bo and Cy accept: one of them wins
    rota.do(accept, asked, bo)
    with pytest.raises(AlreadyTaken, match=r"^Already taken by Bo, 0 s ago\. You are not on call\."):
        rota.do(accept, asked, cy)
    # 3. until Mara approves at 31 Oct 12:10, Ana has the night
    rota.until(utc("2026-10-31 17:09"))
    assert rota.on_call(utc("2026-11-01 01:00")) == "Ana"
    rota.until(utc("2026-10-31 17:10"))
    rota.do(approve, asked, mara)
    assert rota.on_call(utc("2026-11-01 01:00")) == "Bo"
    # 4. Bo falls ill at 20:30 and Cy takes over to 08:00
    rota.until(utc("2026-11-01 01:30"))
    assert asked.state is SwapState.ACTIVE
    with transaction():
        swap.take_over(rota.schedule, end=NIGHT_END, by=cy, at=app_clock.now())
    assert asked.state is SwapState.RELEASED
    assert rota.told(bo)[-1] == "Cy has the pager now"
    # 5. 01:30 for the second time names Cy, and says how that came
    [now] = on_call_at(rota.schedule.id, utc("2026-11-01 07:30"))
    assert [words.partition(": ")[2] for words in now.reasons] == [
        "weekly, Ana’s turn until Mon 2 Nov, 09:00 CST",
        "Bo covers for Ana by a swap until Sun 1 Nov, 08:00 CST",
        "Cy took over from Bo until Sun 1 Nov, 08:00 CST",
    ]
    # 6. what was served: Bo 2.5 h, Cy 12.5 real hours; undoing it all on 3 Nov changes nothing
    served = [
        ("Ana", utc("2026-10-31 12:00"), NIGHT_START),
        ("Bo", NIGHT_START, utc("2026-11-01 01:30")),
        ("Cy", utc("2026-11-01 01:30"), NIGHT_END),
        ("Ana", NIGHT_END, utc("2026-11-02 15:00")),
    ]
    assert rota.shifts(utc("2026-10-31 12:00"), utc("2026-11-02 15:00")) == served
    rota.until(utc("2026-11-03 18:00"))
    for row in db.session.scalars(sa.select(Swap)).all():
        with pytest.raises(InvalidTransition):
            rota.do(swap.cancel, row, mara)
    for row in db.session.scalars(sa.select(Override)).all():
        with pytest.raises((InvalidTransition, AlreadyOver)):
            rota.do(override.cancel, row, mara)
    assert rota.shifts(utc("2026-10-31 12:00"), utc("2026-11-02 15:00")) == served
    lengths = {"Bo": timedelta(), "Cy": timedelta()}
    for name, start, end in served[1:3]:
        lengths[name] += end - start
    assert (lengths["Bo"], lengths["Cy"]) == (timedelta(hours=2.5), timedelta(hours=12.5))


def test_R16_every_transition_is_one_row_with_actor_time_and_device(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    asked = rota.ask(device="Ana’s phone")
    rota.do(accept, asked, rota.bo, device="Bo’s phone")
    rota.do(approve, asked, rota.mara, device="laptop")
    rota.until(NIGHT_END)
    assert rota.events(asked) == [
        ("asked", rota.ana.id), ("accepted", rota.bo.id), ("approved", rota.mara.id), ("began", None),
        ("finished", None),
    ]  # fmt: skip
    rows = db.session.scalars(sa.select(Event).where(Event.subject_kind == "swap").order_by(Event.id)).all()
    assert [row.data["device"] for row in rows] == ["Ana’s phone", "Bo’s phone", "laptop", "", ""]
    assert [(row.data["before"], row.data["after"]) for row in rows] == [
        ("draft", "open"), ("open", "accepted"), ("accepted", "approved"), ("approved", "active"),
        ("active", "done"),
    ]  # fmt: skip
    assert [row.at for row in rows[3:]] == [NIGHT_START, NIGHT_END]


def test_R16_every_way_out_is_one_row_too(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    last = {
        "cancelled": lambda row: rota.do(swap.cancel, row, rota.ana, device="Ana’s phone"),
        "declined": lambda row: rota.do(decline, row, rota.bo, device="Bo’s phone"),
        "rejected": lambda row: rota.do(partial(reject, reason="Two nights."), row, rota.mara, device="laptop"),
        "expired": lambda _: rota.until(NIGHT_START + timedelta(minutes=1)),
    }
    found = {}
    for word, leave in last.items():
        asked = rota.ask(mode=SwapMode.ONE, to=[rota.bo.id])
        if word == "rejected":
            rota.do(accept, asked, rota.bo)
        leave(asked)
        about = sa.select(Event).where(Event.subject_kind == "swap", Event.subject_id == asked.id)
        row = db.session.scalars(about.order_by(Event.id.desc())).first()
        assert row is not None
        found[row.kind] = (row.actor_id, row.data["device"], row.data["before"], row.data["after"], row.at)
    at = utc("2026-10-28 14:00")
    assert found == {
        "cancelled": (rota.ana.id, "Ana’s phone", "open", "cancelled", at),
        "declined": (rota.bo.id, "Bo’s phone", "open", "declined", at),
        "rejected": (rota.mara.id, "laptop", "accepted", "rejected", at),
        "expired": (None, "", "open", "expired", NIGHT_START + timedelta(minutes=1)),
    }


def test_R16_R22_what_is_released_is_one_row_when_another_accepts(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    rota.forward(minutes=11)
    rota.do(accept, rota.do(release, asked, rota.bo), rota.cy, device="Cy’s phone")
    row = db.session.scalars(
        sa.select(Event).where(Event.subject_kind == "swap", Event.subject_id == asked.id).order_by(Event.id)
    ).all()[-1]
    assert (row.actor_id, row.data["before"], row.data["after"]) == (rota.cy.id, "approved", "released")
    assert row.at == utc("2026-10-28 14:11")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"start": utc("2026-10-28 13:59")}, "/start"),
        ({"start": NIGHT_END, "end": NIGHT_START}, "/end"),
        ({"end": NIGHT_START}, "/end"),
        ({"start": utc("2026-11-03 00:00"), "end": utc("2026-11-04 00:00")}, "/start"),  # Bo’s week
        ({"end": NIGHT_START + timedelta(days=93)}, "/end"),
        ({"mode": SwapMode.ONE}, "/to"),
        ({"mode": SwapMode.EXCHANGE}, "/to"),
        ({"to": [999]}, "/to"),
        ({"in_return": IN_RETURN}, "/in_return"),
        ({"note_text": "x" * 1001}, "/note"),
    ],
)
def test_R17_what_makes_no_sense_is_refused_with_its_place(
    rota: Rota, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        rota.ask(**changes)
    assert pointer in [place for place, _ in refused.value.errors]
    assert db.session.query(Swap).count() == 0


def test_R17_a_request_that_would_change_nothing_is_refused_in_words(rota: Rota) -> None:
    with pytest.raises(InvalidField, match="Bo is not on call in these hours, so there is nothing to cover"):
        rota.ask(owner=rota.bo, by=rota.bo)
    with pytest.raises(InvalidField, match="take over now"):
        rota.ask(start=utc("2026-10-28 13:00"))


def test_R17_the_request_is_bound_to_the_pieces_the_owner_has(rota: Rota) -> None:
    asked = rota.ask(start=utc("2026-11-02 12:00"), end=utc("2026-11-02 20:00"))
    [piece] = asked.pieces
    assert (piece["layer"], piece["start"], piece["end"]) == (
        "Weekly", "2026-11-02T12:00:00+00:00", "2026-11-02T15:00:00+00:00",
    )  # fmt: skip
    rota.do(accept, asked, rota.cy)
    assert rota.on_call(utc("2026-11-02 14:59")) == "Cy"
    assert rota.on_call(utc("2026-11-02 15:00")) == "Bo"  # his own week, although 20:00 was asked for


def test_R18_one_named_person_is_asked_and_nobody_else_may_accept(rota: Rota) -> None:
    asked = rota.ask(mode=SwapMode.ONE, to=[rota.bo.id])
    assert (len(rota.told(rota.bo)), rota.told(rota.cy)) == (1, [])
    with pytest.raises(NotAllowed):
        rota.do(accept, asked, rota.cy)
    rota.do(accept, asked, rota.bo)
    assert rota.on_call(IN_THE_NIGHT) == "Bo"
    assert rota.told(rota.ana) == ["Bo has Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST"]


def test_R18_an_exchange_gives_both_legs_or_none(rota: Rota) -> None:
    asked = rota.ask(mode=SwapMode.EXCHANGE, to=[rota.bo.id], in_return=IN_RETURN)
    assert (rota.on_call(IN_THE_NIGHT), rota.on_call(IN_RETURN[0])) == ("Ana", "Bo")
    rota.do(accept, asked, rota.bo)
    assert (rota.on_call(IN_THE_NIGHT), rota.on_call(IN_RETURN[0])) == ("Bo", "Ana")
    rota.do(undo, asked, rota.bo)
    assert (rota.on_call(IN_THE_NIGHT), rota.on_call(IN_RETURN[0])) == ("Ana", "Bo")
    # Bo gives the hours in return away: now the exchange as a whole cannot be
    other = rota.ask(owner=rota.bo, by=rota.bo, start=IN_RETURN[0], end=IN_RETURN[1])
    rota.do(accept, other, rota.cy)
    with pytest.raises(NothingToCover, match="Bo is not on call in these hours any more: Cy is"):
        rota.do(accept, asked, rota.bo)
    assert (rota.on_call(IN_THE_NIGHT), rota.on_call(IN_RETURN[0])) == ("Ana", "Cy")


def test_R18_the_hours_of_an_exchange_may_not_overlap(rota: Rota) -> None:
    with pytest.raises(InvalidField) as refused:
        rota.ask(mode=SwapMode.EXCHANGE, to=[rota.bo.id], in_return=(NIGHT_START, NIGHT_END))
    assert {place for place, _ in refused.value.errors} == {"/in_return/start"}


def test_R18_to_take_over_now_acts_at_once_and_tells_the_one_who_had_it(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    with transaction():
        row = swap.take_over(rota.schedule, by=rota.cy, at=app_clock.now())
    assert (row.state, row.mode, row.end) == (SwapState.ACTIVE, SwapMode.TAKEOVER, utc("2026-11-02 15:00"))
    assert rota.on_call(app_clock.now()) == "Cy"
    assert rota.told(rota.ana) == ["Cy has the pager now"]
    with pytest.raises(NothingToCover, match="Nobody else is on call"), transaction():
        swap.take_over(rota.schedule, by=rota.cy, at=app_clock.now())


def test_R19_who_cannot_take_it_is_told_every_reason(rota: Rota) -> None:
    asked = rota.ask()
    with pytest.raises(CannotTake) as refused:
        rota.do(accept, asked, rota.ana)
    assert [each.check for each in refused.value.findings] == [Check.OWNER]
    with pytest.raises(CannotTake) as refused:
        rota.do(accept, asked, rota.dan)
    assert [each.check for each in refused.value.findings] == [Check.NOT_ON_ROSTER]
    with transaction():
        time_off.add(user_id=rota.bo.id, start=NIGHT_START, end=NIGHT_END, by=rota.bo, at=app_clock.now())
    with pytest.raises(CannotTake, match="Bo is on time off"):
        rota.do(accept, asked, rota.bo)
    assert asked.state is SwapState.OPEN
    rota.rule(eligible=[rota.dan.id])
    rota.do(accept, asked, rota.dan)
    assert rota.on_call(IN_THE_NIGHT) == "Dan"


def test_R19_a_manager_lets_somebody_accept_with_a_reason(rota: Rota) -> None:
    asked = rota.ask()
    with pytest.raises(InvalidField):
        rota.do(lambda row, **facts: exempt(row, rota.dan, reason=" ", **facts), asked, rota.mara)
    rota.do(lambda row, **facts: exempt(row, rota.dan, reason="knows it well", **facts), asked, rota.mara)
    rota.do(accept, asked, rota.dan)
    assert rota.on_call(IN_THE_NIGHT) == "Dan"
    assert ("exempted", rota.mara.id) in rota.events(asked)


def test_R19_rest_is_kept_over_every_schedule(rota: Rota) -> None:
    asked = rota.ask(start=utc("2026-11-02 01:00"), end=utc("2026-11-02 10:00"))  # five hours before Bo’s week
    with pytest.raises(CannotTake, match="Bo has only 5 h rest before the turn that starts Mon 2 Nov, 09:00"):
        rota.do(accept, asked, rota.bo)


def test_R20_the_owner_stays_on_call_until_the_moment_of_approval(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    assert rota.told(rota.mara) == ["Approve by Sat 31 Oct, 18:00 CDT"]
    assert rota.on_call(IN_THE_NIGHT) == "Ana"
    assert db.session.query(Override).count() == 0
    rota.do(approve, asked, rota.mara)
    rota.do(approve, asked, rota.mara)  # a second tap
    assert rota.on_call(IN_THE_NIGHT) == "Bo"
    assert db.session.query(Override).count() == 1


def test_R20_without_an_approval_it_is_reminded_of_and_expires(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    rota.until(NIGHT_START)
    assert [kind for kind, _ in rota.events(asked)] == ["asked", "accepted", "reminded", "reminded"]
    for person in (rota.ana, rota.bo, rota.mara):
        assert rota.told(person)[-2:] == ["Approve by Sat 31 Oct, 18:00 CDT"] * 2
    rota.forward(minutes=1)
    assert asked.state is SwapState.EXPIRED
    assert rota.on_call(IN_THE_NIGHT) == "Ana"
    for person in (rota.ana, rota.bo, rota.mara):
        assert rota.told(person)[-1].startswith("Expired: ")
    with pytest.raises(InvalidTransition, match="expired"):
        rota.do(approve, asked, rota.mara)


def test_R20_what_has_begun_is_not_approved_even_before_the_engine_saw_it(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    rota.clock.moment = NIGHT_START + timedelta(minutes=1)
    with pytest.raises(InvalidTransition, match="too late to approve"):
        rota.do(approve, asked, rota.mara)


def test_R20_a_rule_approves_by_itself_and_says_which(rota: Rota) -> None:
    rota.rule(needs_approval=True, auto_hours_ahead=24, auto_rest_kept=True)
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    assert (asked.state, asked.because) == (SwapState.APPROVED, "Approved by rule: 24 h ahead, rest kept.")


def test_R21_declined_rejected_and_expired_leave_the_owner_on_call(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    first = rota.ask(mode=SwapMode.ONE, to=[rota.bo.id])
    rota.do(decline, first, rota.bo)
    rota.do(decline, first, rota.bo)  # a second tap
    second = rota.ask()
    rota.do(accept, second, rota.bo)
    rota.do(lambda row, **facts: reject(row, reason="Bo had two nights.", **facts), second, rota.mara)
    third = rota.ask()
    assert (third.state, rota.on_call(IN_THE_NIGHT)) == (SwapState.OPEN, "Ana")
    rota.until(NIGHT_START + timedelta(minutes=1))
    assert [each.state for each in (first, second, third)] == [
        SwapState.DECLINED, SwapState.REJECTED, SwapState.EXPIRED,
    ]  # fmt: skip
    assert rota.on_call(IN_THE_NIGHT) == "Ana"
    assert "Not approved: Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST" in rota.told(rota.bo)


def test_R21_a_request_to_several_is_declined_when_the_last_of_them_has(rota: Rota) -> None:
    asked = rota.ask(to=[rota.bo.id, rota.cy.id])
    rota.do(decline, asked, rota.bo)
    assert asked.state is SwapState.OPEN
    rota.do(decline, asked, rota.cy)
    assert asked.state is SwapState.DECLINED
