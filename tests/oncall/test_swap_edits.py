"""R26: an edit of the rotation moves, keeps or cancels each swap, and tells whom it concerns."""

from collections.abc import Mapping
from typing import Any

from app import clock as app_clock
from app.database import db, transaction
from app.domain.swap_edits import Fate
from app.domain.words import SwapMode, SwapState
from app.oncall import schedules, swap_edits
from app.oncall.models import Schedule
from app.oncall.swap_answer import accept
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
