"""The rules of swaps, without rows: states, hours, checks, approval, words, edits of the rotation."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.fairness import FairnessRules
from app.domain.interval import Interval
from app.domain.invalid import Faults
from app.domain.layer import Layer
from app.domain.lifecycle import InvalidTransition
from app.domain.reason import OnCallRole
from app.domain.schedule import resolve
from app.domain.swap import (
    EFFECTIVE,
    OVER,
    PENDING,
    SWAP_MOVES,
    SwapRules,
    by_time,
    hours,
    may_undo,
    next_due,
    only_shrinks,
    reminder_due,
    swap_after,
)
from app.domain.swap_checks import Check, Duty, Taker, failures, warnings
from app.domain.swap_edits import Bound, Fate, touched
from app.domain.swap_hours import ShiftPiece, check_hours, pieces_of
from app.domain.swap_words import both_zones, length_words, span_words, weight_words
from app.domain.words import ChangeKind, SwapState
from tests.support.oncall import (
    ANA,
    BO,
    CY,
    override,
    rotation,
    schedule,
    utc,
)
from tests.support.oncall import (
    hours as open_hours,
)

CHICAGO, LONDON = ZoneInfo("America/Chicago"), ZoneInfo("Europe/London")
# Sat 31 Oct 18:00 CDT to Sun 1 Nov 08:00 CST: clocks go back at 02:00, so 15 real hours
THE_NIGHT = Interval(utc("2026-10-31 23:00"), utc("2026-11-01 14:00"))
WEEKLY = schedule(Layer("Weekly", 1, rotation("2026-10-26 09:00", ANA, BO, CY)))


def test_R16_every_state_is_reached_and_the_ones_that_are_over_lead_nowhere() -> None:
    assert set(SWAP_MOVES.values()) | {SwapState.DRAFT} == set(SwapState)
    assert {state for state, _ in SWAP_MOVES} & OVER == {SwapState.RELEASED}  # it may come back to its taker
    assert PENDING | EFFECTIVE | OVER | {SwapState.DRAFT} == set(SwapState)


@pytest.mark.parametrize(
    ("state", "move"),
    [
        (SwapState.EXPIRED, "approve"),
        (SwapState.OPEN, "approve"),
        (SwapState.ACCEPTED, "accept"),
        (SwapState.DONE, "cancel"),
        (SwapState.REJECTED, "accept"),
        (SwapState.ACTIVE, "change"),
    ],
)
def test_R16_a_move_the_state_does_not_allow_is_refused_in_words(state: SwapState, move: str) -> None:
    with pytest.raises(InvalidTransition, match="This swap is"):
        swap_after(state, move)


def test_R17_the_hours_are_the_pieces_the_owner_really_has() -> None:
    span = Interval(utc("2026-10-31 12:00"), utc("2026-11-02 18:00"))
    [piece] = pieces_of(WEEKLY, ANA, span)
    assert (piece.start, piece.end) == (utc("2026-10-31 12:00"), utc("2026-11-02 15:00"))
    assert (piece.layer, piece.turn_start, piece.role) == (
        "Weekly",
        utc("2026-10-26 14:00"),
        OnCallRole.PRIMARY,
    )
    assert ShiftPiece.from_json(piece.to_json()) == piece
    assert pieces_of(WEEKLY, CY, span) == ()


def test_R17_restricted_hours_make_several_pieces_of_one_turn() -> None:
    nights = schedule(
        Layer("Nights", 1, rotation("2026-10-26 09:00", ANA, BO), (open_hours("22:00", "06:00"),))
    )
    found = pieces_of(nights, ANA, Interval(utc("2026-10-27 14:00"), utc("2026-10-29 14:00")))
    assert [piece.interval.length for piece in found] == [timedelta(hours=8)] * 2
    assert len({piece.id for piece in found}) == 1


@pytest.mark.parametrize(
    ("start", "found", "says"),
    [
        ("2026-10-31 22:59", (1,), "take over now"),
        ("2026-10-31 23:00", (), "Ana is not on call in these hours, so there is nothing to cover."),
        ("2026-10-31 23:00", (1,), None),
        ("2026-11-01 00:00", (1,), None),
    ],
)
def test_R17_the_start_lies_ahead_and_a_real_minute_is_covered(
    start: str, found: tuple[Any, ...], says: str | None
) -> None:
    faults = Faults()
    check_hours(found, start=utc(start), now=utc("2026-10-31 23:00"), owner="Ana", faults=faults)
    assert [pointer for pointer, _ in faults.errors] == (["/start"] if says else [])
    assert says is None or says in faults.errors[0][1]


BO_AS_TAKER = Taker(BO, "Bo", True, True, (), (), True, True)


def refused(changes: dict[str, Any]) -> list[Check]:
    columns = {name: getattr(BO_AS_TAKER, name) for name in Taker.__slots__} | changes
    found = failures(
        Taker(**columns), [THE_NIGHT], owner_id=ANA, schedule_id=1, rest=timedelta(hours=11), zone=CHICAGO
    )
    assert all(each.says.startswith("Bo") and each.says.endswith(".") for each in found)
    return [each.check for each in found]


def duty(start: str, end: str, role: OnCallRole = OnCallRole.PRIMARY, schedule_id: int = 2) -> Duty:
    return Duty(schedule_id, "Search", Interval(utc(start), utc(end)), role)


@pytest.mark.parametrize(
    ("changes", "checks"),
    [
        ({}, []),
        ({"user_id": ANA}, [Check.OWNER]),
        ({"is_active": False}, [Check.INACTIVE]),
        ({"may_take": False}, [Check.NOT_ON_ROSTER]),
        ({"is_reachable": False}, [Check.UNREACHABLE]),
        ({"away": (Interval(utc("2026-11-01 13:59"), utc("2026-11-05 00:00")),)}, [Check.AWAY]),
        ({"away": (Interval(utc("2026-11-01 14:00"), utc("2026-11-05 00:00")),)}, []),
        ({"duties": (duty("2026-10-31 10:00", "2026-10-31 23:01"),)}, [Check.ON_CALL]),
        ({"duties": (duty("2026-10-31 10:00", "2026-10-31 23:01", OnCallRole.BACKUP),)}, []),
        # 5 h between, 11 h are needed; turns that touch are one turn
        ({"duties": (duty("2026-10-31 10:00", "2026-10-31 18:00"),)}, [Check.REST]),
        ({"duties": (duty("2026-11-01 20:00", "2026-11-02 10:00"),)}, [Check.REST]),
        ({"duties": (duty("2026-11-01 14:00", "2026-11-02 10:00"),)}, []),
        ({"duties": (duty("2026-11-02 01:00", "2026-11-02 10:00"),)}, []),
        ({"is_active": False, "may_take": False}, [Check.INACTIVE, Check.NOT_ON_ROSTER]),
    ],
)
def test_R19_every_failure_of_an_acceptance_is_named(changes: dict[str, Any], checks: list[Check]) -> None:
    assert refused(changes) == checks


def test_R19_a_failure_says_what_is_and_what_is_needed() -> None:
    taker = Taker(BO, "Bo", True, True, (duty("2026-10-31 10:00", "2026-10-31 18:00"),), (), True, True)
    [found] = failures(taker, [THE_NIGHT], owner_id=ANA, schedule_id=1, rest=timedelta(hours=11), zone=CHICAGO)
    assert found.says == (
        "Bo has only 5 h rest after the turn that ends Sat 31 Oct, 13:00 CDT; 11 h are needed."
    )


def test_R19_an_unproven_phone_and_a_backup_only_warn() -> None:
    behind = duty("2026-10-31 10:00", "2026-11-03 00:00", OnCallRole.BACKUP, schedule_id=1)
    taker = Taker(BO, "Bo", True, True, (behind,), (), True, False)
    assert [each.check for each in warnings(taker, [THE_NIGHT], schedule_id=1)] == [
        Check.BEHIND,
        Check.UNPROVEN,
    ]
    assert refused({"is_proven": False}) == []


@pytest.mark.parametrize(
    ("rules", "by_itself"),
    [
        (SwapRules(), True),
        (SwapRules(needs_approval=True), False),
        (SwapRules(needs_approval=True, auto_ahead=timedelta(hours=48)), True),
        (SwapRules(needs_approval=True, auto_ahead=timedelta(hours=49)), False),
        (SwapRules(needs_approval=True, auto_rest_kept=True), False),
        (SwapRules(needs_approval=True, auto_on_roster=True), True),
        (SwapRules(needs_approval=True, auto_on_roster=True, auto_rest_kept=True), False),
    ],
)
def test_R20_a_rule_approves_only_when_all_that_is_set_holds(rules: SwapRules, by_itself: bool) -> None:
    answer = rules.approves_by_itself(
        start=THE_NIGHT.start, now=THE_NIGHT.start - timedelta(hours=48), on_roster=True, rest_kept=False,
        was_exempt=False,
    )  # fmt: skip
    assert (answer is not None) == by_itself


def test_R20_who_was_exempted_is_looked_at_by_a_person() -> None:
    rules = SwapRules(needs_approval=True, auto_on_roster=True)
    at = THE_NIGHT.start
    assert not rules.approves_by_itself(start=at, now=at, on_roster=True, rest_kept=True, was_exempt=True)


def test_R20_time_reminds_a_day_and_two_hours_before_and_expires_at_the_start() -> None:
    start, reminded = THE_NIGHT.start, None
    due = next_due(SwapState.ACCEPTED, THE_NIGHT, start - timedelta(days=3), reminded=None)
    assert due == start - timedelta(hours=24)
    assert reminder_due(THE_NIGHT, due, reminded=None) == timedelta(hours=24)
    reminded = timedelta(hours=24)
    assert reminder_due(THE_NIGHT, due, reminded=reminded) is None
    due = next_due(SwapState.ACCEPTED, THE_NIGHT, due, reminded=reminded)
    assert due == start - timedelta(hours=2)
    reminded = reminder_due(THE_NIGHT, due, reminded=reminded)
    assert reminded == timedelta(hours=2)
    begun = start + timedelta(minutes=1)  # schedules know no seconds: the minute of the start still counts
    assert next_due(SwapState.ACCEPTED, THE_NIGHT, due, reminded=reminded) == begun
    assert by_time(SwapState.ACCEPTED, THE_NIGHT, begun - timedelta(seconds=1)) is None
    assert by_time(SwapState.ACCEPTED, THE_NIGHT, begun) == "expire"
    assert by_time(SwapState.OPEN, THE_NIGHT, begun) == "expire"


def test_R20_of_reminders_missed_only_the_nearest_is_sent() -> None:
    an_hour = THE_NIGHT.start - timedelta(hours=1)
    assert reminder_due(THE_NIGHT, an_hour, reminded=None) == timedelta(hours=2)
    assert reminder_due(THE_NIGHT, THE_NIGHT.start, reminded=None) is None


def test_R16_time_begins_and_finishes_what_is_agreed() -> None:
    start, end = THE_NIGHT.start, THE_NIGHT.end
    assert next_due(SwapState.APPROVED, THE_NIGHT, start - timedelta(days=1), reminded=None) == start
    assert by_time(SwapState.APPROVED, THE_NIGHT, start) == "begin"
    assert next_due(SwapState.ACTIVE, THE_NIGHT, start, reminded=None) == end
    assert by_time(SwapState.ACTIVE, THE_NIGHT, end - timedelta(seconds=1)) is None
    assert by_time(SwapState.ACTIVE, THE_NIGHT, end) == "finish"
    assert next_due(SwapState.DONE, THE_NIGHT, end, reminded=None) is None


def test_R22_an_undo_is_free_for_ten_minutes() -> None:
    accepted = utc("2026-10-30 12:00")
    assert may_undo(accepted, accepted + timedelta(minutes=10))
    assert not may_undo(accepted, accepted + timedelta(minutes=10, seconds=1))


def test_R22_only_hours_inside_the_agreed_ones_need_no_new_consent() -> None:
    inside = Interval(THE_NIGHT.start + timedelta(hours=1), THE_NIGHT.end)
    assert only_shrinks(THE_NIGHT, inside)
    assert only_shrinks(THE_NIGHT, THE_NIGHT)
    assert not only_shrinks(inside, THE_NIGHT)


def test_R23_a_chain_ends_with_the_last_and_giving_back_ends_with_the_first() -> None:
    handed_on = [
        override(1, "2026-10-31 23:00", "2026-11-01 14:00", BO, ANA),
        override(2, "2026-10-31 23:00", "2026-11-01 14:00", CY, BO),
    ]
    given_back = [handed_on[0], override(2, "2026-10-31 23:00", "2026-11-01 14:00", ANA, BO)]
    for rows, holder in ((handed_on, CY), (given_back, ANA)):
        config = schedule(*WEEKLY.layers, overrides=tuple(rows))
        [piece] = pieces_of(config, holder, THE_NIGHT)
        assert piece.interval == THE_NIGHT
        assert piece.turn_start == utc("2026-10-26 14:00")


def test_R30_times_are_absolute_with_weekday_and_both_zones() -> None:
    assert span_words(THE_NIGHT, CHICAGO) == "Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST"
    day = Interval(utc("2026-11-28 08:00"), utc("2026-11-28 22:00"))
    assert span_words(day, LONDON) == "Sat 28 Nov, 08:00–22:00 GMT"
    assert both_zones(day, LONDON, ZoneInfo("Europe/Stockholm")) == (
        "Sat 28 Nov, 08:00–22:00 GMT (Sat 28 Nov, 09:00–23:00 CET in Stockholm)"
    )
    assert both_zones(day, LONDON, ZoneInfo("Europe/Dublin")) == span_words(day, LONDON)


def test_R30_the_night_of_the_worked_example_has_fifteen_real_hours() -> None:
    assert hours(THE_NIGHT.length) == "15 h"
    assert length_words(THE_NIGHT, CHICAGO) == "15 h, clocks go back in these hours"
    spring = Interval(utc("2026-03-08 00:00"), utc("2026-03-08 13:00"))
    assert length_words(spring, CHICAGO) == "13 h, clocks go forward in these hours"
    assert hours(timedelta(minutes=90)) == "1 h 30 min"


def bound(**changes: Any) -> Bound:
    span = changes.pop("span", THE_NIGHT)
    return Bound(7, ANA, span, pieces_of(WEEKLY, ANA, span))


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        ("2026-10-31 23:00", "2026-11-01 14:00", "counts as 30: weekend and night"),  # the worked example
        ("2026-10-28 14:00", "2026-10-28 22:00", "counts as 8"),
        ("2026-10-28 20:00", "2026-10-29 05:00", "counts as 13: night and evening"),
        ("2026-11-26 15:00", "2026-11-26 17:00", "counts as 6: holiday"),
    ],
)
def test_hours_say_what_they_count_as_and_for_what(start: str, end: str, says: str) -> None:
    rules = FairnessRules(holidays=frozenset({date(2026, 11, 26)}))
    assert weight_words([Interval(utc(start), utc(end))], CHICAGO, rules) == says


def test_R26_an_edit_that_leaves_the_hours_alone_touches_nothing() -> None:
    other = schedule(*WEEKLY.layers, Layer("Below", 0, rotation("2026-10-26 09:00", CY)))
    assert touched(bound(), WEEKLY, other) is None


def test_R26_a_cover_moves_with_its_shift() -> None:
    # the handoff moves from 09:00 to 10:00, so Ana's week goes on until 10:00: both ends move
    later = schedule(Layer("Weekly", 1, rotation("2026-10-26 10:00", ANA, BO, CY)))
    week = Interval(utc("2026-10-26 14:00"), utc("2026-11-02 15:00"))
    found = touched(bound(span=week), WEEKLY, later)
    assert found is not None
    assert found.moved == Interval(utc("2026-10-26 15:00"), utc("2026-11-02 16:00"))
    assert found.fate(None) is Fate.MOVE
    assert found.fate(Fate.KEEP) is Fate.KEEP
    # the same night is one week later when somebody is put before Ana: by the wall clock 18:00 to 08:00
    inserted = schedule(Layer("Weekly", 1, rotation("2026-10-26 09:00", BO, ANA, CY)))
    found = touched(bound(), WEEKLY, inserted)
    assert found is not None
    assert found.moved == Interval(utc("2026-11-08 00:00"), utc("2026-11-08 14:00"))
    assert found.left == ()
    assert found.fate(Fate.KEEP) is Fate.CANCEL


def test_R26_a_cover_of_a_shift_that_is_gone_is_cancelled() -> None:
    without = schedule(Layer("Weekly", 1, rotation("2026-10-26 09:00", BO, CY)))
    found = touched(bound(), WEEKLY, without)
    assert found is not None
    assert (found.moved, found.fate(None)) == (None, Fate.CANCEL)


def test_the_chain_of_reasons_reads_layer_then_swap_then_takeover() -> None:
    """The worked example, step 5: 01:30 for the second time is 07:30Z."""
    night, rest = ("2026-10-31 23:00", "2026-11-01 14:00"), ("2026-11-01 01:30", "2026-11-01 14:00")
    config = schedule(
        *WEEKLY.layers,
        overrides=(
            override(1, *night, BO, ANA, kind=ChangeKind.SWAP),
            override(2, *rest, CY, BO, kind=ChangeKind.TAKEOVER),
        ),
    )
    [on_call] = resolve(config, utc("2026-11-01 07:30"))
    names = {ANA: "Ana", BO: "Bo", CY: "Cy"}
    said = [each.words(schedule="Payments primary", zone=CHICAGO, names=names) for each in on_call.reasons]
    assert said == [
        "Payments primary: weekly, Ana’s turn until Mon 2 Nov, 09:00 CST",
        "Payments primary: Bo covers for Ana by a swap until Sun 1 Nov, 08:00 CST",
        "Payments primary: Cy took over from Bo until Sun 1 Nov, 08:00 CST",
    ]
    assert on_call.reasons[-1].to_json()["change"] == "takeover"
