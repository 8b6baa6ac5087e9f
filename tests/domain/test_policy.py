"""Escalation policies from JSON and back."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.invalid import Faults, InvalidField
from app.domain.policy import (
    DEFAULT_WAIT,
    MOST_IN_A_RUN,
    Policy,
    Step,
    Target,
    TargetKind,
    leads_back,
    lengths,
    parse_ask_again,
    parse_steps,
    steps_to_json,
    targets_in,
    unfolded,
)

ADA = {"kind": "user", "id": "7"}


def test_steps_are_read_and_written_back() -> None:
    json = [
        {"wait_minutes": 5, "targets": [ADA, {"kind": "schedule", "id": "3"}]},
        {"wait_minutes": 0.5, "targets": [ADA]},
    ]
    steps = parse_steps(json)
    assert steps == (
        Step(timedelta(minutes=5), (Target(TargetKind.USER, 7), Target(TargetKind.SCHEDULE, 3))),
        Step(timedelta(seconds=30), (Target(TargetKind.USER, 7),)),
    )
    assert steps_to_json(steps) == json
    assert [pointer for pointer, _ in targets_in(steps)][1:] == [
        "/steps/0/targets/1/id",
        "/steps/1/targets/0/id",
    ]


def test_a_step_waits_five_minutes_unless_told_otherwise() -> None:
    assert parse_steps([{"targets": [ADA]}])[0].wait == timedelta(minutes=5)


def test_a_policy_survives_its_snapshot() -> None:
    policy = Policy(parse_steps([{"targets": [ADA]}]), repeat=2, last_resort_user_id=9)
    assert Policy.from_json(policy.to_json()) == policy
    assert Policy.from_json({"steps": [], "id": 4, "name": "none"}) == Policy(())
    with pytest.raises(InvalidField):
        Policy.from_json(None)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"wait_minutes": 0}, "/steps/0/wait_minutes"),
        ({"wait_minutes": -5}, "/steps/0/wait_minutes"),
        ({"wait_minutes": "5"}, "/steps/0/wait_minutes"),
        ({"wait_minutes": True}, "/steps/0/wait_minutes"),
        ({"wait_minutes": float("nan")}, "/steps/0/wait_minutes"),
        ({"wait_minutes": float("inf")}, "/steps/0/wait_minutes"),
        ({"wait_minutes": 10**9}, "/steps/0/wait_minutes"),
        ({"targets": []}, "/steps/0/targets"),
        ({"targets": None}, "/steps/0/targets"),
        ({"targets": [{"kind": "pigeon", "id": "7"}]}, "/steps/0/targets/0/kind"),
        ({"targets": [{"kind": "user", "id": "ada"}]}, "/steps/0/targets/0/id"),
        ({"targets": [{"kind": "user"}]}, "/steps/0/targets/0/id"),
        ({"wait": 5}, "/steps/0/wait"),
    ],
)
def test_a_fault_is_named_with_its_place(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidField) as refused:
        parse_steps([{"wait_minutes": 5, "targets": [ADA]} | change])
    assert [place for place, _ in refused.value.errors] == [pointer]


def leading_to(*policies: int) -> tuple[Step, ...]:
    return tuple(Step(DEFAULT_WAIT, (Target(TargetKind.POLICY, number),)) for number in policies)


@pytest.mark.parametrize(
    ("policy_id", "steps", "others", "circles"),
    [
        (1, leading_to(1), {}, True),  # to itself
        (1, leading_to(2), {2: leading_to(3), 3: leading_to(1)}, True),  # round by two others
        (1, leading_to(2), {2: leading_to(3), 3: leading_to(2)}, True),  # into a circle of others
        (None, leading_to(2), {2: leading_to(3), 3: ()}, False),
        (
            1,
            leading_to(2, 3),
            {2: leading_to(4), 3: leading_to(4), 4: ()},
            False,
        ),  # twice the same is no circle
        (1, leading_to(9), {}, False),  # one that is gone
    ],
)
def test_120_steps_that_lead_back_are_found_however_far_round(
    policy_id: int | None, steps: tuple[Step, ...], others: dict[int, tuple[Step, ...]], circles: bool
) -> None:
    assert leads_back(policy_id, steps, others) is circles
    if circles:  # what a stored circle would do to a run: nothing, it ends (INV-12)
        assert unfolded(steps, others | {policy_id or 0: steps}) == ()


def test_120_policies_that_name_each_other_over_and_over_come_to_a_bearable_run() -> None:
    """Twenty steps each, that all lead to the next of thirty policies: 20 to the 30th."""
    nest = {number: leading_to(*[number + 1] * 20) for number in range(1, 30)}
    one = (Step(DEFAULT_WAIT, (Target(TargetKind.USER, 1),)),)
    assert not leads_back(0, leading_to(1), nest)
    assert unfolded(leading_to(1), nest) == (), "the last of them is gone"
    run = unfolded(leading_to(1), nest | {30: one})
    assert run == one * (MOST_IN_A_RUN - 1), "with room for a person who is asked first"
    assert Policy.from_json(Policy((*one, *run)).to_json()).steps == (*one, *run)
    assert lengths(nest | {30: one})[1] == 20**29
    assert lengths({1: leading_to(2), 2: leading_to(1)}) == {1: 0, 2: 0}


@pytest.mark.parametrize(
    ("minutes", "fits"), [(4, False), (5, True), (7 * 24 * 60, True), (7 * 24 * 60 + 1, False)]
)
def test_an_acknowledgement_may_hold_from_five_minutes_to_seven_days(minutes: int, fits: bool) -> None:
    faults = Faults()
    held = parse_ask_again(minutes, faults)
    assert [place for place, _ in faults.errors] == ([] if fits else ["/acknowledge_timeout_minutes"])
    if fits:
        assert held == timedelta(minutes=minutes)
