"""When a policy asks: a plan and where its run stands → what to do now."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.escalation import (
    LAST_RESORT_TIMES,
    End,
    PageLastResort,
    PageStep,
    Plan,
    Progress,
    decide,
    past_reminders,
    plan_of,
)
from app.domain.policy import Step, Target, TargetKind
from app.domain.words import EscalationState

ADA = (Target(TargetKind.USER, 1),)
MINUTE = timedelta(minutes=1)


def step(wait: float = 5, **changes: object) -> Step:
    return Step(timedelta(minutes=wait), ADA, **changes)  # type: ignore[arg-type]


def story(plan: Plan) -> list[tuple[float, str]]:
    """All that a run does when somebody is reached each time and nobody answers: minute and what."""
    at, told, progress = timedelta(0), [], Progress(EscalationState.RUNNING)
    while True:
        match decide(plan, progress):
            case PageStep() as page:
                told.append((at / MINUTE, f"{page.round}.{page.step}.{page.reminder}"))
                at, progress = at + page.wait, page.then
            case PageLastResort() as turn:
                told.append((at / MINUTE, f"last resort {turn.reminder}"))
                at, progress = at + turn.wait, turn.then
            case End():
                return told


def until_last_resort(plan: Plan) -> list[tuple[float, str]]:
    told = story(plan)
    return told[: next(place for place, (_, what) in enumerate(told) if what == "last resort 0") + 1]


def test_L_ESC_07_a_single_step_asks_every_five_minutes_four_times() -> None:
    assert until_last_resort(plan_of([step()])) == [
        (0, "0.0.0"), (5, "0.0.1"), (10, "0.0.2"), (15, "0.0.3"), (20, "last resort 0"),
    ]  # fmt: skip


def test_L_ESC_06_a_step_reminds_three_times_while_it_waits_and_then_asks_the_next() -> None:
    told = until_last_resort(plan_of([step(8), step(5, reminders=0)]))
    assert told == [
        (0, "0.0.0"), (2, "0.0.1"), (4, "0.0.2"), (6, "0.0.3"), (8, "0.1.0"), (13, "last resort 0"),
    ]  # fmt: skip


def test_L_ESC_06_without_reminders_everybody_is_still_asked_once() -> None:
    assert until_last_resort(plan_of([step(5, reminders=0)])) == [(0, "0.0.0"), (5, "last resort 0")]


def test_a_gap_that_was_set_holds_and_reminders_that_come_too_late_are_left_out() -> None:
    told = until_last_resort(plan_of([step(5, every=2 * MINUTE), step(1, reminders=0)]))
    assert told == [(0, "0.0.0"), (2, "0.0.1"), (4, "0.0.2"), (5, "0.1.0"), (6, "last resort 0")]


def test_a_short_step_is_not_filled_with_reminders() -> None:
    assert until_last_resort(plan_of([step(0.5), step(0.5)])) == [
        (0, "0.0.0"), (0.5, "0.1.0"), (1, "last resort 0"),
    ]  # fmt: skip
    assert until_last_resort(plan_of([step(0.5)])) == [(0, "0.0.0"), (0.5, "last resort 0")]


def test_119_a_policy_repeats_all_its_steps() -> None:
    told = until_last_resort(plan_of([step(5, reminders=0), step(5, reminders=0)], repeat=1))
    assert [what for _, what in told] == ["0.0.0", "0.1.0", "1.0.0", "1.1.0", "last resort 0"]


def test_a_policy_without_steps_asks_the_last_resort_at_once() -> None:
    assert story(plan_of([]))[0] == (0, "last resort 0")


def test_what_is_hurried_leaves_the_reminders_of_its_step_out() -> None:
    plan = plan_of([step(8), step(8)])
    assert past_reminders(plan, Progress(EscalationState.RUNNING, 0, 0, 2)).step == 1
    begun = Progress(EscalationState.RUNNING, 0, 1, 0)
    assert past_reminders(plan, begun) == begun, "its first page is still to come"


steps = st.builds(
    step,
    st.floats(0.1, 60),
    reminders=st.integers(0, 6),
    every=st.none() | st.integers(1, 90).map(lambda minutes: minutes * MINUTE),
)


@given(st.lists(steps, max_size=5), st.integers(0, 3))
def test_every_step_of_every_round_is_asked_once_in_order_and_then_the_last_resort(
    some: list[Step], repeat: int
) -> None:
    told = story(plan_of(some, repeat=repeat))
    firsts = [what for _, what in told if what.endswith(".0") and "last" not in what]
    assert firsts == [f"{round_}.{number}.0" for round_ in range(repeat + 1) for number in range(len(some))]
    assert sum("last resort" in what for _, what in told) == LAST_RESORT_TIMES
    assert [at for at, _ in told] == sorted(at for at, _ in told)
    assert len({what for _, what in told}) == len(told), "no page is asked for twice (INV-4)"


@given(st.lists(steps, min_size=1, max_size=4))
def test_reminders_never_outlive_their_step_nor_exceed_what_was_asked(some: list[Step]) -> None:
    for one, rung in zip(some, plan_of(some).rungs, strict=True):
        assert rung.pages[0] == timedelta(0)
        assert all(time < rung.wait for time in rung.pages)
        assert len(rung.pages) <= one.reminders + 1
        assert rung.wait >= one.wait
