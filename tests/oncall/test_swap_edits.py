"""R26: an edit of the rotation moves, keeps or cancels each swap, and tells whom it concerns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from app import clock as app_clock
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.swap_edits import Fate
from app.domain.words import SwapMode, SwapState
from app.oncall import schedules, swap_edits, time_off
from app.oncall.models import Schedule, Swap
from app.oncall.swap_answer import accept, approve, exempt
from app.oncall.swap_people import CannotTake
from app.people.models import User
from tests.support.oncall import layer_json, utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota


def edit(
    rota: Rota, *people: int, start: str = "2026-10-26T09:00", swaps: Mapping[int, Fate] | None = None
) -> None:
    with transaction():
        row: Any = db.session.get(Schedule, rota.schedule.id)
        schedules.replace(
            row, version=row.version, name=row.name, team_id=row.team_id, time_zone=row.time_zone,
            layers=[layer_json(start, [[user_id] for user_id in people])], swaps=swaps, by=rota.mara,
            at=app_clock.now(),
        )  # fmt: skip


def test_R26_by_default_a_swap_moves_with_the_shift_piece(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    edit(rota, rota.cy.id, rota.ana.id, rota.bo.id)  # Ana’s week is the next one now
    moved_start = utc("2026-11-08 00:00")  # Saturday 18:00 by the wall clock, an hour later in UTC
    assert (asked.state, asked.start, asked.end) == (SwapState.APPROVED, moved_start, utc("2026-11-08 14:00"))
    assert (rota.on_call(NIGHT_START), rota.on_call(moved_start)) == ("Cy", "Bo")
    for person in (rota.ana, rota.bo):
        assert rota.told(person)[-1] == "Moved with the shift: Sat 7 Nov, 18:00 CST – Sun 8 Nov, 08:00 CST"


def test_R26_kept_by_time_where_the_owner_still_has_the_hours(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    edit(rota, rota.ana.id, rota.bo.id, rota.cy.id, start="2026-10-26T20:00", swaps={asked.id: Fate.KEEP})
    assert (asked.start, asked.end, rota.on_call(NIGHT_START)) == (NIGHT_START, NIGHT_END, "Bo")


def test_R26_cancelled_with_notice_where_the_shift_is_gone_or_somebody_says_so(rota: Rota) -> None:
    gone = rota.ask()
    rota.do(accept, gone, rota.bo)
    edit(rota, rota.bo.id, rota.cy.id)
    assert gone.state is SwapState.CANCELLED
    assert rota.told(rota.bo)[-1].startswith("Cancelled: ")
    assert rota.told(rota.ana)[-1].startswith("Cancelled: ")
    edit(rota, rota.ana.id, rota.bo.id, rota.cy.id, start="2026-10-05T09:00")  # so that it is Ana’s week again
    unwanted = rota.ask()
    rota.do(accept, unwanted, rota.bo)
    edit(rota, rota.cy.id, rota.ana.id, rota.bo.id, swaps={unwanted.id: Fate.CANCEL})
    assert unwanted.state is SwapState.CANCELLED


def test_R26_an_edit_that_leaves_the_hours_alone_leaves_the_swap_alone(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    version, told = asked.version, rota.told(rota.bo)
    edit(rota, rota.ana.id, rota.bo.id, rota.dan.id)
    assert (asked.version, rota.told(rota.bo)) == (version, told)


def test_R26_an_open_request_moves_too_and_waits_on(rota: Rota) -> None:
    asked = rota.ask()
    edit(rota, rota.cy.id, rota.ana.id, rota.bo.id)
    assert (asked.state, asked.start) == (SwapState.OPEN, utc("2026-11-08 00:00"))


def test_R26_an_exchange_of_which_a_leg_is_gone_ends_whole(rota: Rota) -> None:
    back = (utc("2026-11-07 14:00"), utc("2026-11-07 20:00"))
    asked = rota.ask(mode=SwapMode.EXCHANGE, to=[rota.bo.id], in_return=back)
    rota.do(accept, asked, rota.bo)
    edit(rota, rota.ana.id, rota.cy.id, rota.bo.id)  # the hours in return are in Cy’s week now
    assert (asked.state, rota.on_call(NIGHT_START), rota.on_call(back[0])) == (SwapState.CANCELLED, "Ana", "Cy")


def test_R26_a_draft_lists_the_swaps_it_touches_and_changes_nothing(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    with transaction():
        row: Any = db.session.get(Schedule, rota.schedule.id)
        before = swap_edits.before_edit(row, at=app_clock.now())
        after = next(iter(before.values()))
        draft = type(after)(
            **{name: getattr(after, name) for name in after.__dataclass_fields__} | {"layers": ()}
        )
        [found] = swap_edits.affected_by(row, before, at=app_clock.now(), after=draft)
    assert (found.swap.id, found.fate) == (asked.id, Fate.CANCEL)
    assert rota.on_call(NIGHT_START) == "Bo"


def off(rota: Rota, user: User, start: datetime, end: datetime) -> None:
    with transaction():
        time_off.add(user_id=user.id, start=start, end=end, by=user, at=app_clock.now())


def let(rota: Rota, row: Swap, user: User) -> None:
    rota.do(lambda row, **facts: exempt(row, user, reason="Knows it.", **facts), row, rota.mara)


MOVED = utc("2026-11-08 00:00"), utc("2026-11-08 14:00")


def test_R26_a_taker_who_cannot_have_the_moved_hours_is_asked_again_and_the_owner_has_them(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    off(rota, rota.bo, *MOVED)
    edit(rota, rota.cy.id, rota.ana.id, rota.bo.id)
    assert (asked.state, asked.taker_id, (asked.start, asked.end)) == (SwapState.OPEN, None, MOVED)
    assert rota.on_call(MOVED[0]) == "Ana", "not nobody, and not somebody on leave"
    assert rota.told(rota.bo)[-1] == "You cannot cover: Sat 7 Nov, 18:00 CST – Sun 8 Nov, 08:00 CST"
    assert rota.told(rota.ana)[-1] == "Still yours: Sat 7 Nov, 18:00 CST – Sun 8 Nov, 08:00 CST"


def test_R26_an_exception_made_for_other_hours_does_not_move_along(rota: Rota) -> None:
    """Mara let Bo accept in spite of his leave in the first night; nobody has said that about the second."""
    asked = rota.ask()
    off(rota, rota.bo, NIGHT_START, NIGHT_END)
    let(rota, asked, rota.bo)
    rota.do(accept, asked, rota.bo)
    off(rota, rota.bo, *MOVED)
    edit(rota, rota.cy.id, rota.ana.id, rota.bo.id)
    assert (asked.state, rota.on_call(MOVED[0])) == (SwapState.OPEN, "Ana")


def test_R26_who_was_let_in_from_outside_the_roster_goes_along_with_the_shift(rota: Rota) -> None:
    asked = rota.ask()
    let(rota, asked, rota.dan)
    rota.do(accept, asked, rota.dan)
    edit(rota, rota.cy.id, rota.ana.id, rota.bo.id)
    assert (asked.state, rota.on_call(MOVED[0])) == (SwapState.APPROVED, "Dan")


def test_R26_an_approval_of_a_moved_swap_sees_what_stands_against_an_exempted_taker(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    asked = rota.ask()
    let(rota, asked, rota.dan)
    rota.do(accept, asked, rota.dan)
    off(rota, rota.dan, *MOVED)
    edit(rota, rota.cy.id, rota.ana.id, rota.bo.id)
    assert (asked.state, asked.start) == (SwapState.ACCEPTED, MOVED[0])
    with pytest.raises(CannotTake, match=r"^Dan is on time off until Sun 8 Nov, 08:00 CST\.$"):
        rota.do(approve, asked, rota.mara)


def test_R19_an_exception_is_for_what_stood_against_it_then(rota: Rota) -> None:
    """Dan is let in from outside the roster, and goes on leave before the approval: that is looked at anew."""
    rota.rule(needs_approval=True)
    asked = rota.ask()
    let(rota, asked, rota.dan)
    rota.do(accept, asked, rota.dan)
    off(rota, rota.dan, NIGHT_START, NIGHT_END)
    with pytest.raises(CannotTake, match="Dan is on time off"):
        rota.do(approve, asked, rota.mara)
    rota.do(lambda row, **facts: approve(row, reason="He will be back.", **facts), asked, rota.mara)
    assert asked.state is SwapState.APPROVED


def test_R26_whoever_is_removed_while_their_request_is_open_is_told_and_nobody_can_take_it(rota: Rota) -> None:
    asked = rota.ask()
    edit(rota, rota.bo.id, rota.cy.id)  # Ana is gone from the rotation
    assert asked.state is SwapState.CANCELLED
    assert rota.told(rota.ana)[-1].startswith("Cancelled: ")
    with pytest.raises(InvalidTransition):
        rota.do(accept, asked, rota.cy)
    assert rota.on_call(NIGHT_START) == "Bo"


def test_R19_whoever_is_removed_while_a_request_to_them_is_open_cannot_take_it(rota: Rota) -> None:
    asked = rota.ask()
    edit(rota, rota.ana.id, rota.cy.id)  # Bo is gone, Ana keeps her week
    assert asked.state is SwapState.OPEN
    with pytest.raises(CannotTake):
        rota.do(accept, asked, rota.bo)
    assert (asked.state, rota.on_call(NIGHT_START)) == (SwapState.OPEN, "Ana")
    rota.do(accept, asked, rota.cy)
    assert rota.on_call(NIGHT_START) == "Cy"
