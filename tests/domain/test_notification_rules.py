"""Which ways a page takes, and when (features 43 and 45)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.notification_rules import Address, Rule, never_fires, plan
from app.domain.words import ChannelKind, Urgency

PUSH, MAIL, PHONE = Address(ChannelKind.PUSH), Address(ChannelKind.EMAIL), Address(ChannelKind.VOICE, 7)
MINUTE = timedelta(minutes=1)
HIGH, LOW = Urgency.HIGH, Urgency.LOW


def rule(address: Address, minutes: float, urgency: Urgency = HIGH) -> Rule:
    return Rule(urgency, address, minutes * MINUTE)


def told(
    rules: list[Rule], usable: list[Address], urgency: Urgency = HIGH, **when: timedelta
) -> dict[Address, float]:
    return {step.address: step.after / MINUTE for step in plan(rules, usable, urgency, **when).steps}


def test_43_each_way_has_its_delay_and_each_urgency_its_own() -> None:
    mine = [rule(MAIL, 4), rule(PUSH, 0), rule(MAIL, 0, LOW)]
    assert told(mine, [PUSH, MAIL]) == {PUSH: 0, MAIL: 4}
    assert told(mine, [PUSH, MAIL], LOW) == {MAIL: 0}


def test_43_whoever_chose_nothing_is_rung_then_called_then_written_to() -> None:
    assert told([], [PUSH, MAIL, PHONE]) == {PUSH: 0, PHONE: 2, MAIL: 3}
    assert told([], [PUSH, MAIL, PHONE], LOW) == {PUSH: 0}


def test_57_a_way_that_does_not_work_gives_its_moment_to_the_next() -> None:
    assert told([rule(PUSH, 0), rule(MAIL, 4)], [MAIL]) == {MAIL: 0}
    assert told([], [MAIL]) == {MAIL: 0}
    assert told([rule(PUSH, 2), rule(MAIL, 4)], [PUSH, MAIL]) == {PUSH: 2, MAIL: 4}, (
        "a delay that was chosen stays"
    )


def test_45_where_no_rule_is_of_use_one_way_that_works_is_used() -> None:
    found = plan([rule(PHONE, 0)], [PUSH, MAIL], HIGH)
    assert (found.is_fallback, [step.address for step in found.steps]) == (True, [PUSH])
    assert plan([], [], HIGH).steps == ()


def test_52_a_reminder_uses_what_was_used_by_then_and_leaves_the_rest_to_the_first_page() -> None:
    mine = [rule(PUSH, 0), rule(MAIL, 4)]
    assert told(mine, [PUSH, MAIL], since=2 * MINUTE) == {PUSH: 0}
    assert told(mine, [PUSH, MAIL], since=5 * MINUTE) == {PUSH: 0, MAIL: 0}
    assert told([rule(MAIL, 4)], [PUSH, MAIL], since=2 * MINUTE) == {MAIL: 2}


def test_43_what_comes_when_the_page_is_over_is_left_out_but_never_all() -> None:
    assert told([rule(PUSH, 0), rule(MAIL, 9)], [PUSH, MAIL], within=5 * MINUTE) == {PUSH: 0}
    assert told([rule(MAIL, 9)], [PUSH, MAIL], within=5 * MINUTE) == {MAIL: 2.5}


def test_43_a_rule_that_can_never_fire_is_warned_of() -> None:
    assert never_fires(rule(MAIL, 4), [MAIL], 5 * MINUTE) is None
    assert never_fires(rule(MAIL, 4), [MAIL], None) is None
    assert "waits 4 min at most" in str(never_fires(rule(MAIL, 4), [MAIL], 4 * MINUTE))
    assert "does not work now" in str(never_fires(rule(PHONE, 0), [MAIL], None))


addresses = st.sampled_from([PUSH, MAIL, PHONE, Address(ChannelKind.EMAIL, 3)])
minutes = st.integers(0, 60)
rules = st.lists(st.builds(rule, addresses, minutes, st.sampled_from(Urgency)), max_size=6)


@given(rules, st.lists(addresses, unique=True), st.sampled_from(Urgency), minutes, minutes)
def test_45_whoever_can_be_reached_is_paged_while_the_page_lives(
    some: list[Rule], usable: list[Address], urgency: Urgency, since: int, within: int
) -> None:
    life = (within + 1) * MINUTE
    found = plan(some, usable, urgency, since=since * MINUTE, within=life)
    assert bool(found.steps) == bool(usable)
    assert all(step.address in usable and timedelta(0) <= step.after < life for step in found.steps)
    assert len({step.address for step in found.steps}) == len(found.steps)
