"""D14 over rows: a ring is proposed, agreed to by all three, and counts all at once or not at all."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.words import RingState, SwapMode, SwapState
from app.oncall import ring, swap, time_off
from app.oncall.models import Override, Swap
from app.oncall.ring_models import Ring
from app.oncall.swap_answer import accept
from app.oncall.swap_people import CannotTake
from app.oncall.swap_release import undo
from app.people.models import User
from app.people.rights import NotAllowed
from app.timeline.models import Event
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import Rota

# twelve hours of each one's week; Ana wants Bo's, he wants Cy's, she wants Ana's
ANAS = utc("2026-10-31 17:00"), utc("2026-11-01 05:00")
BOS = utc("2026-11-07 18:00"), utc("2026-11-08 06:00")
CYS = utc("2026-11-14 18:00"), utc("2026-11-15 06:00")
CYS_OTHER = utc("2026-11-12 18:00"), utc("2026-11-13 06:00")


class Wishes:
    """Three exchanges that do not match in pairs."""

    def __init__(self, rota: Rota) -> None:
        self.rota = rota
        self.anas, self.bos, self.cys = (
            rota.ask(
                start=span[0], end=span[1], mode=SwapMode.EXCHANGE, to=[to.id], in_return=back, owner=by, by=by
            )
            for span, by, to, back in (
                (ANAS, rota.ana, rota.bo, BOS),
                (BOS, rota.bo, rota.cy, CYS),
                (CYS, rota.cy, rota.ana, ANAS),
            )
        )

    def propose(self) -> Ring:
        found: Ring = self.rota.do(ring.propose, self.anas, self.rota.ana)
        return found

    def on_call(self) -> list[str]:
        return [self.rota.on_call(span[0]) for span in (ANAS, BOS, CYS)]


@pytest.fixture
def wishes(rota: Rota) -> Wishes:
    return Wishes(rota)


def test_D14_nothing_changes_until_all_three_agree_and_then_everything_at_once(wishes: Wishes) -> None:
    rota = wishes.rota
    made = wishes.propose()
    assert rota.told(rota.bo)[-1] == "A ring of three: Payments primary"
    rota.do(ring.agree, made, rota.bo)
    rota.do(ring.agree, made, rota.bo)  # a second tap
    assert (made.state, wishes.on_call()) == (RingState.OPEN, ["Ana", "Bo", "Cy"])
    rota.do(ring.agree, made, rota.cy)
    assert (made.state, wishes.on_call()) == (RingState.AGREED, ["Cy", "Ana", "Bo"])
    states = [row.state for row in (wishes.anas, wishes.bos, wishes.cys)]
    assert states == [SwapState.APPROVED] * 3
    kinds = sa.select(Event.kind).where(Event.subject_kind == "ring").order_by(Event.id)
    assert list(db.session.scalars(kinds)) == ["asked", "accepted", "accepted", "approved"]
    assert rota.told(rota.ana)[-1] == "The ring counts: Payments primary"


def test_D14_with_approval_a_manager_decides_about_all_of_it(wishes: Wishes) -> None:
    rota = wishes.rota
    rota.rule(needs_approval=True)
    made = wishes.propose()
    for person in (rota.bo, rota.cy):
        rota.do(ring.agree, made, person)
    assert (made.state, wishes.on_call()) == (RingState.ACCEPTED, ["Ana", "Bo", "Cy"])
    assert rota.told(rota.mara)[-1] == "Approve a ring of three"
    rota.do(ring.approve, made, rota.mara)
    rota.do(ring.approve, made, rota.mara)  # a second tap
    assert wishes.on_call() == ["Cy", "Ana", "Bo"]
    assert db.session.query(Override).count() == 3


def test_D14_one_who_declines_leaves_everything_as_it_was_and_free_for_another_ring(wishes: Wishes) -> None:
    rota = wishes.rota
    made = wishes.propose()
    with pytest.raises(NotAllowed):
        rota.do(ring.decline, made, rota.dan)
    rota.do(ring.decline, made, rota.cy)
    rota.do(ring.decline, made, rota.cy)  # a second tap
    assert (made.state, wishes.on_call()) == (RingState.DECLINED, ["Ana", "Bo", "Cy"])
    with pytest.raises(InvalidTransition, match="This ring is declined"):
        rota.do(ring.agree, made, rota.bo)
    assert wishes.propose().id != made.id


def test_D14_a_ring_of_which_a_part_was_taken_meanwhile_is_over(wishes: Wishes) -> None:
    rota = wishes.rota
    made = wishes.propose()
    rota.do(accept, wishes.anas, rota.bo)
    rota.do(ring.agree, made, rota.cy)
    assert made.state is RingState.VOID
    assert wishes.on_call() == ["Bo", "Ana", "Cy"], "only what two agreed on"
    assert rota.told(rota.ana)[-1] == "The ring is over: Payments primary"


def test_D14_of_a_ring_in_which_somebody_cannot_any_more_nothing_happens(wishes: Wishes) -> None:
    rota = wishes.rota
    made = wishes.propose()
    rota.do(ring.agree, made, rota.bo)
    with transaction():
        time_off.add(user_id=rota.cy.id, start=ANAS[0], end=ANAS[1], by=rota.cy, at=rota.clock())
    with pytest.raises(CannotTake, match="Cy is on time off"):
        rota.do(ring.agree, made, rota.cy)
    assert wishes.on_call() == ["Ana", "Bo", "Cy"]
    assert db.session.query(Override).count() == 0
    with pytest.raises(InvalidTransition, match="No ring of three fits"):
        rota.do(ring.propose, rota.ask(), rota.ana)


def test_D14_what_three_agreed_on_is_not_one_s_to_undo_and_ends_whole(wishes: Wishes) -> None:
    rota = wishes.rota
    made = wishes.propose()
    for person in (rota.bo, rota.cy):
        rota.do(ring.agree, made, person)
    with pytest.raises(InvalidTransition, match="Three have agreed"):
        rota.do(undo, wishes.anas, rota.cy)
    with pytest.raises(InvalidTransition, match="Three have agreed"):
        rota.do(
            lambda row, **facts: swap.change(row, start=ANAS[0], end=ANAS[1] + timedelta(hours=1), **facts),
            wishes.anas, rota.ana,
        )  # fmt: skip
    rota.do(swap.cancel, wishes.bos, rota.mara)
    assert wishes.on_call() == ["Ana", "Bo", "Cy"]
    states = sa.select(Swap.state).order_by(Swap.id)
    assert list(db.session.scalars(states)) == [SwapState.CANCELLED] * 3


def test_D14_a_leg_whose_hours_go_back_to_their_first_owner_ends_the_other_two(rota: Rota) -> None:
    """Bo has Cy's hours by a swap and gives them on in the ring; then Cy calls that swap off (R23)."""
    first = rota.ask(start=CYS[0], end=CYS[1] + timedelta(hours=2), owner=rota.cy, by=rota.cy)
    rota.do(accept, first, rota.bo)
    asked = [
        rota.ask(start=start, end=end, mode=SwapMode.EXCHANGE, to=[to.id], in_return=back, owner=by, by=by)
        for (start, end), by, to, back in (
            (ANAS, rota.ana, rota.bo, CYS),
            (CYS, rota.bo, rota.cy, CYS_OTHER),
            (CYS_OTHER, rota.cy, rota.ana, ANAS),
        )
    ]
    made = rota.do(ring.propose, asked[0], rota.ana)
    for person in (rota.bo, rota.cy):
        rota.do(ring.agree, made, person)
    assert [rota.on_call(span[0]) for span in (ANAS, CYS, CYS_OTHER)] == ["Cy", "Ana", "Bo"]
    rota.do(swap.cancel, first, rota.cy)
    assert [rota.on_call(span[0]) for span in (ANAS, CYS, CYS_OTHER)] == ["Ana", "Cy", "Cy"]
    assert [row.state for row in asked] == [SwapState.CANCELLED] * 3


def test_D14_the_last_two_who_agree_in_the_same_instant_make_it_count_once(
    app: APIFlask, wishes: Wishes, clock: TestClock
) -> None:
    made, rota = wishes.propose().id, wishes.rota
    meet, failed = threading.Barrier(2), list[BaseException]()

    def agrees(user_id: int) -> None:
        with app.app_context():
            meet.wait(timeout=30)
            try:
                with transaction():
                    row, user = db.session.get_one(Ring, made), db.session.get_one(User, user_id)
                    ring.agree(row, by=user, at=clock())
            except BaseException as error:
                failed.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=agrees, args=(person.id,)) for person in (rota.bo, rota.cy)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    db.session.rollback()
    assert (failed, wishes.on_call()) == ([], ["Cy", "Ana", "Bo"])
    assert db.session.query(Override).count() == 3
