"""Swaps after they were agreed on: undone, released, changed, cut, cancelled, objected to."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock as app_clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.swap import NothingToCover
from app.domain.words import SwapMode, SwapState
from app.notices.models import Notice
from app.oncall import override, swap, time_off
from app.oncall.models import Override, Swap
from app.oncall.queries import on_call_at
from app.oncall.remove import remove_schedule
from app.oncall.swap_answer import accept, approve
from app.oncall.swap_people import CannotTake
from app.oncall.swap_release import offer, release, take_offer, undo, withdraw
from app.people.models import User
from app.people.rights import NotAllowed
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

IN_THE_NIGHT = utc("2026-11-01 03:00")
IN_RETURN = (utc("2026-11-07 14:00"), utc("2026-11-07 20:00"))  # Saturday of Bo's week


def test_R22_an_undo_is_free_for_ten_minutes_and_a_release_after(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    with pytest.raises(NotAllowed):
        rota.do(undo, asked, rota.cy)
    rota.forward(minutes=10)
    rota.do(undo, asked, rota.bo)
    assert (asked.state, rota.on_call(IN_THE_NIGHT)) == (SwapState.OPEN, "Ana")
    rota.do(accept, asked, rota.bo)
    rota.forward(minutes=11)
    with pytest.raises(InvalidTransition, match="Release the hours"):
        rota.do(undo, asked, rota.bo)
    released = rota.do(release, asked, rota.bo)
    assert rota.do(release, asked, rota.bo) == released  # a second tap
    assert rota.on_call(IN_THE_NIGHT) == "Bo"  # responsible until somebody else accepts
    rota.do(accept, released, rota.cy)
    assert (asked.state, rota.on_call(IN_THE_NIGHT)) == (SwapState.RELEASED, "Cy")
    # and when Cy gives it up, it is Bo’s again
    rota.do(undo, released, rota.cy)
    assert (asked.state, rota.on_call(IN_THE_NIGHT)) == (SwapState.APPROVED, "Bo")


def test_R22_other_hours_need_the_taker_again_and_fewer_only_notice(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    inside = {"start": NIGHT_START + timedelta(hours=1), "end": NIGHT_END}
    rota.do(lambda row, **facts: swap.change(row, **inside, **facts), asked, rota.ana)
    assert (asked.state, rota.on_call(NIGHT_START), rota.on_call(IN_THE_NIGHT)) == (
        SwapState.APPROVED, "Ana", "Bo",
    )  # fmt: skip
    assert rota.told(rota.bo)[-1].startswith("Fewer hours: ")
    longer = {"start": NIGHT_START, "end": NIGHT_END + timedelta(hours=1)}
    rota.do(lambda row, **facts: swap.change(row, **longer, **facts), asked, rota.ana)
    assert (asked.state, rota.on_call(IN_THE_NIGHT)) == (SwapState.OPEN, "Ana")
    assert rota.told(rota.bo)[-1].startswith("Other hours: ")
    rota.do(accept, asked, rota.bo)
    assert rota.on_call(NIGHT_END + timedelta(minutes=59)) == "Bo"


def test_R23_only_whoever_is_resolved_may_give_hours_away(rota: Rota) -> None:
    first = rota.ask()
    with pytest.raises(InvalidField, match="Bo is not on call"):
        rota.ask(owner=rota.bo, by=rota.bo)
    rota.do(accept, first, rota.bo)
    with pytest.raises(InvalidField, match="Ana is not on call"):
        rota.ask()
    second = rota.ask(owner=rota.bo, by=rota.bo)
    rota.do(accept, second, rota.cy)
    assert rota.on_call(IN_THE_NIGHT) == "Cy"


def test_R23_two_requests_for_the_same_hours_and_the_first_approval_wins(rota: Rota) -> None:
    """INV-13: two overlapping swap approvals: one wins, the other gets told."""
    rota.rule(needs_approval=True)
    first, second = rota.ask(), rota.ask(start=NIGHT_START + timedelta(hours=1))
    rota.do(accept, first, rota.bo)
    rota.do(accept, second, rota.cy)
    rota.do(approve, second, rota.mara)
    with pytest.raises(NothingToCover, match="Ana is not on call in these hours any more: Cy is"):
        rota.do(approve, first, rota.mara)
    assert rota.on_call(IN_THE_NIGHT) == "Cy"


def test_R23_given_back_the_owner_has_it_and_the_history_keeps_all_three(rota: Rota) -> None:
    there = rota.ask()
    rota.do(accept, there, rota.bo)
    back = rota.ask(owner=rota.bo, by=rota.bo, mode=SwapMode.ONE, to=[rota.ana.id])
    rota.do(accept, back, rota.ana)
    [holder] = on_call_at(rota.schedule.id, IN_THE_NIGHT)
    assert holder.name == "Ana"
    assert len(holder.reasons) == 3


def test_R23_who_cancels_ends_what_was_built_on_it_and_everybody_is_told(rota: Rota) -> None:
    first = rota.ask()
    rota.do(accept, first, rota.bo)
    late = {"start": NIGHT_START + timedelta(hours=5), "end": NIGHT_END}
    second = rota.ask(owner=rota.bo, by=rota.bo, **late)
    rota.do(accept, second, rota.cy)
    assert (first.state, rota.on_call(late["start"])) == (SwapState.APPROVED, "Cy")
    rota.do(swap.cancel, first, rota.ana)
    assert (second.state, rota.on_call(late["start"])) == (SwapState.CANCELLED, "Ana")
    assert rota.told(rota.cy)[-1].startswith("Cancelled: ")


def test_R24_part_of_a_shift_leaves_the_rest_with_its_owner(rota: Rota) -> None:
    asked = rota.ask(start=utc("2026-10-29 21:00"), end=utc("2026-10-30 01:00"))
    rota.do(accept, asked, rota.cy)
    assert rota.shifts(utc("2026-10-29 13:00"), utc("2026-10-30 09:00")) == [
        ("Ana", utc("2026-10-29 13:00"), utc("2026-10-29 21:00")),
        ("Cy", utc("2026-10-29 21:00"), utc("2026-10-30 01:00")),
        ("Ana", utc("2026-10-30 01:00"), utc("2026-10-30 09:00")),
    ]


def test_R24_an_offer_of_a_part_is_the_owners_to_take_and_the_rest_stays_open(rota: Rota) -> None:
    rota.rule(rest_hours=0)
    asked = rota.ask()
    midnight, four = utc("2026-11-01 05:00"), utc("2026-11-01 09:00")
    offered = rota.do(lambda row, **facts: offer(row, start=midnight, end=four, **facts), asked, rota.bo)
    assert rota.on_call(midnight) == "Ana"
    assert rota.told(rota.ana)[-1].startswith("Bo could take ")
    part = rota.do(take_offer, offered, rota.ana)
    assert (part.state, part.taker_id, rota.on_call(midnight)) == (SwapState.APPROVED, rota.bo.id, "Bo")
    with pytest.raises(InvalidTransition, match="stands no longer"):
        rota.do(take_offer, offered, rota.ana)
    with pytest.raises(InvalidTransition, match="was taken"):
        rota.do(withdraw, offered, rota.bo)
    left = sa.select(Swap).where(Swap.state == SwapState.OPEN).order_by(Swap.start)
    assert [(row.start, row.end) for row in db.session.scalars(left)] == [
        (NIGHT_START, midnight),
        (four, NIGHT_END),
    ]
    for row in db.session.scalars(left).all():
        rota.do(accept, row, rota.cy)
    assert [name for name, *_ in rota.shifts(NIGHT_START, NIGHT_END)] == ["Cy", "Bo", "Cy"]


def test_R24_an_offer_that_makes_no_sense_is_refused(rota: Rota) -> None:
    asked = rota.ask()
    with pytest.raises(InvalidField, match="within the hours"):
        rota.do(
            lambda row, **facts: offer(row, start=NIGHT_START, end=utc("2026-11-01 15:00"), **facts),
            asked,
            rota.bo,
        )
    with pytest.raises(CannotTake):
        rota.do(lambda row, **facts: offer(row, start=NIGHT_START, end=NIGHT_END, **facts), asked, rota.dan)


def test_R25_cancelling_an_active_cover_acts_from_now_and_what_was_stays(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    rota.until(utc("2026-11-01 02:00"))
    rota.do(swap.cancel, asked, rota.ana)
    assert rota.shifts(NIGHT_START, NIGHT_END) == [
        ("Bo", NIGHT_START, utc("2026-11-01 02:01")),
        ("Ana", utc("2026-11-01 02:01"), NIGHT_END),
    ]


def test_R25_an_active_cover_may_end_earlier_but_not_start_earlier(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    rota.until(utc("2026-11-01 02:00"))
    for wrong in ({"start": NIGHT_START + timedelta(hours=1), "end": NIGHT_END},
                  {"start": NIGHT_START, "end": utc("2026-11-01 01:00")}):  # fmt: skip
        with pytest.raises(InvalidField, match="what has passed"):
            rota.do(lambda row, wrong=wrong, **facts: swap.change(row, **wrong, **facts), asked, rota.ana)
    rota.do(lambda row, **facts: swap.change(row, start=NIGHT_START, end=utc("2026-11-01 10:00"), **facts),
            asked, rota.ana)  # fmt: skip
    assert rota.on_call(utc("2026-11-01 10:00")) == "Ana"
    rota.until(utc("2026-11-01 10:00"))
    assert asked.state is SwapState.DONE


def test_R27_a_manager_asks_on_behalf_and_the_owner_may_object_until_the_start(rota: Rota) -> None:
    asked = rota.ask(by=rota.mara)
    assert rota.told(rota.ana)[0].startswith("Cover is sought for you: ")
    rota.do(accept, asked, rota.bo)  # the taker’s consent is enough
    assert rota.on_call(IN_THE_NIGHT) == "Bo"
    rota.do(swap.object_, asked, rota.ana)
    assert (asked.state, rota.on_call(IN_THE_NIGHT)) == (SwapState.CANCELLED, "Ana")
    assert rota.told(rota.bo)[-1].startswith("Ana objects: ")
    again = rota.ask(by=rota.mara)
    rota.do(accept, again, rota.bo)
    rota.until(NIGHT_START)
    with pytest.raises(InvalidTransition, match="have begun"):
        rota.do(swap.object_, again, rota.ana)
    own = rota.ask(start=utc("2026-11-02 03:00"), end=utc("2026-11-02 04:00"))
    with pytest.raises(InvalidTransition, match="Cancel it instead"):
        rota.do(swap.object_, own, rota.ana)


def test_R1_hours_of_somebody_on_leave_are_still_theirs_to_give_away(rota: Rota) -> None:
    with transaction():
        time_off.add(user_id=rota.ana.id, start=NIGHT_START, end=NIGHT_END, by=rota.ana, at=app_clock.now())
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    assert rota.on_call(IN_THE_NIGHT) == "Bo"


def test_R30_no_notice_says_tomorrow_and_all_name_the_day(rota: Rota) -> None:
    rota.rule(needs_approval=True)
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    rota.do(approve, asked, rota.mara)
    said = [title for user in (rota.ana, rota.bo, rota.cy, rota.mara) for title in rota.told(user)]
    assert said
    assert all("Sat 31 Oct" in title for title in said)
    assert not any("tomorrow" in title.lower() for title in said)


def test_R30_whoever_lives_by_another_clock_reads_every_message_by_both(rota: Rota) -> None:
    rota.rule(needs_approval=True, rest_hours=0)
    with transaction():
        rota.ana.time_zone = rota.bo.time_zone = "Europe/Stockholm"
    asked = rota.ask()
    half = {"start": NIGHT_START, "end": utc("2026-11-01 05:00")}
    rota.do(lambda row, **facts: offer(row, **half, **facts), asked, rota.cy)
    rota.do(accept, asked, rota.bo)
    rota.until(NIGHT_START - timedelta(hours=20))
    rota.do(approve, asked, rota.mara)
    rota.do(swap.cancel, asked, rota.mara)
    night = "Sun 1 Nov, 00:00–15:00 CET in Stockholm. "
    offered = "Sun 1 Nov, 00:00–06:00 CET in Stockholm. "
    assert [own for own, _ in bodies(rota.bo)] == [night] * len(bodies(rota.bo))
    assert len(bodies(rota.bo)) == 4  # asked, reminded, approved, cancelled
    assert [own for own, _ in bodies(rota.ana)] == [offered, night, night, night, night]
    assert {own for own, _ in bodies(rota.mara)} == {"Sat 31 Oct, 23:00 GMT – Sun 1 Nov, 14:00 GMT in London. "}
    assert not any(" in Chicago" in body for own, rest in bodies(rota.cy) for body in (own, rest))


def bodies(user: User) -> list[tuple[str, str]]:
    """What this person was told beneath the titles: the hours by their own clock, and the rest."""
    rows = sa.select(Notice.body).where(Notice.user_id == user.id).order_by(Notice.id)
    return [(own + found, rest) for own, found, rest in (b.partition(". ") for b in db.session.scalars(rows))]


def test_an_exception_of_a_swap_is_changed_only_by_the_swap(rota: Rota) -> None:
    rota.do(accept, rota.ask(), rota.bo)
    row = db.session.scalars(sa.select(Override)).one()
    with pytest.raises(InvalidTransition, match="belong to a swap"):
        rota.do(override.cancel, row, rota.mara)


def test_R26_a_schedule_that_is_deleted_ends_its_swaps_and_tells(rota: Rota) -> None:
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    rota.rule(needs_approval=True)
    rota.ask(start=utc("2026-10-30 12:00"), end=utc("2026-10-30 20:00"))
    rota.do(remove_schedule, db.session.merge(rota.schedule), rota.mara)
    assert db.session.query(Swap).count() == 0
    assert rota.told(rota.bo)[-1].startswith("Cancelled: ")
