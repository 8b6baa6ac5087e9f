"""The check of a schedule (D5): each claim refuted with its exact hours, or proven."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.claims import ALWAYS, HORIZON, Claim, Finding, Level, Person, Requirements
from app.domain.daily import DailyHours
from app.domain.hours import Restriction
from app.domain.interval import Interval
from app.domain.layer import Layer
from app.domain.prover import Case, Ladder, Target, prove
from app.domain.rotation import Unit
from app.domain.schedule import ScheduleConfig
from app.domain.walk import Walk
from tests.support.oncall import (
    ANA,
    BO,
    CY,
    DI,
    WORKDAYS,
    always,
    hours,
    override,
    rotation,
    schedule,
    time_off,
    utc,
)

LONDON, CHICAGO = ZoneInfo("Europe/London"), ZoneInfo("America/Chicago")
START = utc("2026-11-12 12:00")  # a Thursday
NAMES = {ANA: "Ana", BO: "Bo", CY: "Cy", DI: "Di", 5: "Ed", 6: "Fay"}
PEOPLE = {user_id: Person(name, LONDON) for user_id, name in NAMES.items()}


def checked(
    config: ScheduleConfig,
    *,
    start: datetime = START,
    length: timedelta = HORIZON,
    others: tuple[ScheduleConfig, ...] = (),
    ladders: tuple[Ladder, ...] = (),
    persons: dict[int, Person] = PEOPLE,
    **requirements: Any,
) -> list[Finding]:
    walks = tuple(Walk(other, start, start + length) for other in others)
    case = Case(Walk(config, start, start + length), Requirements(**requirements), persons, walks, ladders)
    return list(prove(case))


def about(claim: Claim, findings: list[Finding]) -> list[tuple[Level, str]]:
    return [(each.level, each.sentence) for each in findings if each.claim is claim]


def london(*layers: Layer, **changes: Any) -> ScheduleConfig:
    return schedule(*layers, zone="Europe/London", **changes)


def shift(name: str, person: int, start: str, end: str, **changes: Any) -> Layer:
    return Layer(name, 1, rotation("2025-12-01 00:00", person), (hours(start, end),), **changes)


def other(id: int, name: str, *layers: Layer) -> ScheduleConfig:
    return ScheduleConfig(id, name, "Europe/London", layers, (), (), frozenset(NAMES))


class TestCovered:
    def test_a_schedule_without_gap_is_proven_covered(self) -> None:
        assert about(Claim.COVERED, checked(london(always(ANA)), hours=ALWAYS)) == [
            (
                Level.PROVEN,
                "Somebody is on call in all required hours, proven until Sat 20 Jan 2029, 12:00 GMT",
            )
        ]

    def test_a_daily_gap_is_one_sentence(self) -> None:
        config = london(shift("Days", ANA, "22:00", "21:00"))
        found = checked(config, start=utc("2026-11-16 12:00"), hours=ALWAYS)
        assert about(Claim.COVERED, found) == [
            (Level.ERROR, "Nobody 21:00 – 22:00 every day, first on Mon 16 Nov, 21:00 GMT")
        ]
        [finding] = [each for each in found if each.claim is Claim.COVERED]
        assert len(finding.intervals) == 800
        assert finding.intervals[0] == Interval(utc("2026-11-16 21:00"), utc("2026-11-16 22:00"))
        assert finding.intervals[200].start == utc("2027-06-04 20:00")  # in summer, the same clock time

    def test_hours_no_layer_speaks_of_are_a_warning_until_they_are_required(self) -> None:
        config = london(
            Layer("Office", 1, rotation("2026-01-05 00:00", ANA), (hours("09:00", "17:00", WORKDAYS),))
        )
        assert {level for level, _ in about(Claim.COVERED, checked(config))} == {Level.WARNING}
        office = (Restriction(WORKDAYS, time(9), time(17)),)
        assert [level for level, _ in about(Claim.COVERED, checked(config, hours=office))] == [Level.PROVEN]

    def test_R1_hours_that_a_layer_promises_and_time_off_empties_are_an_error(self) -> None:
        config = london(always(ANA), time_off=(time_off(ANA, "2026-12-24 10:00", "2026-12-24 14:00"),))
        found = checked(config)
        assert about(Claim.COVERED, found) == [(Level.ERROR, "Nobody on Thu 24 Dec, 10:00 – 14:00 GMT")]
        assert about(Claim.LEAVE, found) == [
            (Level.WARNING, "Ana is on time off in their own turn on Thu 24 Dec, 10:00 – 14:00 GMT")
        ]

    def test_the_time_before_the_first_handoff_is_no_error(self) -> None:
        config = london(Layer("Later", 1, rotation("2026-11-16 09:00", ANA)))
        assert about(Claim.COVERED, checked(config, hours=ALWAYS))[0] == (
            Level.WARNING,
            "Nobody until the schedule begins on Mon 16 Nov, 09:00 GMT",
        )

    def test_a_schedule_that_names_nobody_says_so(self) -> None:
        assert about(Claim.COVERED, checked(london())) == [
            (Level.WARNING, "Nobody, as no layer names anybody, from Thu 12 Nov, 12:00 GMT on")
        ]

    def test_R15_two_zones_that_change_clocks_on_other_days_leave_exactly_these_hours_empty(self) -> None:
        config = london(
            shift("London", ANA, "08:00", "20:00"),
            shift("Chicago", BO, "14:00", "02:00", time_zone="America/Chicago"),
        )
        start = utc("2026-01-01 00:00")
        found = checked(config, start=start, length=timedelta(days=365), hours=ALWAYS, one_person_only=True)
        gaps = [each for finding in found if finding.claim is Claim.COVERED for each in finding.intervals]
        spring = [utc("2026-03-08 00:00") + timedelta(days=day) for day in range(21)]
        autumn = [utc("2026-10-25 00:00") + timedelta(days=day) for day in range(7)]
        # in the night of 8 March Chicago's 02:00 comes at 03:00, so that its shift lasts until London's begins
        nobody = spring[1:] + autumn
        assert gaps == [Interval(day + timedelta(hours=7), day + timedelta(hours=8)) for day in nobody]
        both = [each for finding in found if finding.claim is Claim.ONE_PERSON for each in finding.intervals]
        assert both == [
            Interval(day + timedelta(hours=19), day + timedelta(hours=20)) for day in spring + autumn
        ]
        assert about(Claim.COVERED, found) == [
            (
                Level.ERROR,
                "Nobody 07:00 – 08:00 on 20 days from Mon 9 Mar, 07:00 GMT, then 7 days from Sun 25 Oct",
            )
        ]
        assert about(Claim.ONE_PERSON, found)[0][1].startswith(
            "Ana and Bo share a place that is for one person 19:00 – 20:00"
        )


class TestDepth:
    def test_fewer_people_than_asked_for_are_found(self) -> None:
        config = london(always(ANA, BO), time_off=(time_off(BO, "2026-12-24 10:00", "2026-12-24 14:00"),))
        assert about(Claim.DEPTH, checked(config)) == []
        assert about(Claim.DEPTH, checked(config, people=2)) == [
            (Level.ERROR, "Fewer than 2 different people are on call on Thu 24 Dec, 10:00 – 14:00 GMT")
        ]
        assert [level for level, _ in about(Claim.DEPTH, checked(london(always(ANA, BO)), people=2))] == [
            Level.PROVEN
        ]

    def test_people_are_counted_through_the_steps_of_a_policy_over_several_schedules(self) -> None:
        first = london(always(ANA))
        second = other(2, "Second", shift("Days", ANA, "09:00", "10:00"), always(BO))
        ladder = Ladder("Payments", ((Target(schedule_id=1),), (Target(schedule_id=2),)))
        found = checked(first, others=(second,), ladders=(ladder,), people=2)
        assert about(Claim.DEPTH, found) == [
            (
                Level.ERROR,
                "Fewer than 2 different people through step 2 of Payments 09:00 – 10:00 every day,"
                " first on Fri 13 Nov, 09:00 GMT",
            )
        ]
        named = Ladder("Payments", (*ladder.steps, (Target(user_id=CY),)))
        assert (
            about(Claim.DEPTH, checked(first, others=(second,), ladders=(named,), people=2))[0][0]
            is Level.PROVEN
        )
        cut = checked(first, others=(second,), ladders=(named,), people=2, through_step=1)
        assert about(Claim.DEPTH, cut) == [
            (
                Level.ERROR,
                "Fewer than 2 different people through step 1 of Payments from Thu 12 Nov, 12:00 GMT on",
            )
        ]

    def test_whoever_follows_on_a_schedule_stands_behind_who_has_it(self) -> None:
        weekly = london(Layer("Weekly", 1, rotation("2026-01-05 09:00", ANA, BO)))
        behind = Ladder("Payments", ((Target(schedule_id=1),), (Target(next_on=1),)))
        assert [level for level, _ in about(Claim.DEPTH, checked(weekly, ladders=(behind,), people=2))] == [
            Level.PROVEN
        ]
        # Ana alone: nobody follows her; three are never reached by two
        alone = checked(london(always(ANA)), ladders=(behind,), people=2)
        assert [level for level, _ in about(Claim.DEPTH, alone)] == [Level.ERROR]
        assert about(Claim.DEPTH, checked(weekly, ladders=(behind,), people=3))[0][0] is Level.ERROR

    def test_who_follows_must_be_somebody_else_than_anybody_of_now(self) -> None:
        config = london(Layer("Weekly", 1, rotation("2026-01-05 09:00", (ANA, BO), (BO, ANA), CY)))
        walk = Walk(config, utc("2026-01-05 09:00"), utc("2026-01-26 09:00"))
        assert walk.next_up == ((CY,), (CY,), ())


class TestPeople:
    def test_R3_a_person_without_an_account_is_an_error_in_a_layer_and_in_an_override(self) -> None:
        config = london(
            always(ANA),
            Layer("Second", 0, rotation("2026-01-05 00:00", BO)),
            overrides=(override(1, "2026-12-01 00:00", "2026-12-02 00:00", CY, ANA),),
            active_users=frozenset({ANA}),
            onlookers=frozenset({BO}),
        )
        assert about(Claim.ACTIVE, checked(config)) == [
            (Level.ERROR, "Bo only looks on, and the layer Second names them"),
            (Level.ERROR, "Cy’s account is switched off, and an override names them"),
        ]
        assert about(Claim.ACTIVE, checked(london(always(ANA))))[0][0] is Level.PROVEN

    def test_nobody_can_be_first_in_line_on_two_schedules(self) -> None:
        search = other(2, "Search", shift("Days", ANA, "09:00", "10:00"))
        assert about(Claim.ONE_PLACE, checked(london(always(ANA)), others=(search,))) == [
            (
                Level.WARNING,
                "Ana is first in line here and on Search 09:00 – 10:00 every day,"
                " first on Fri 13 Nov, 09:00 GMT",
            )
        ]
        assert about(Claim.ONE_PLACE, checked(london(always(BO)), others=(search,)))[0][0] is Level.PROVEN

    def test_rest_between_two_shifts_counts_other_schedules_too(self) -> None:
        days = london(shift("Days", ANA, "09:00", "17:00"))
        assert about(Claim.REST, checked(days))[0][0] is Level.PROVEN
        evening = other(2, "Evenings", shift("Eve", ANA, "22:00", "23:00"))
        found = about(Claim.REST, checked(days, others=(evening,)))
        assert [level for level, _ in found] == [Level.WARNING, Level.WARNING]
        assert "Ana rests less than 11 hours 17:00 – 22:00 every day, first on Thu 12 Nov, 17:00 GMT" in [
            words for _, words in found
        ]
        assert (
            about(Claim.REST, checked(days, others=(evening,), rest=timedelta(hours=5)))[0][0] is Level.PROVEN
        )

    def test_nights_in_a_row_are_counted(self) -> None:
        fortnight = london(Layer("Two weeks", 1, rotation("2026-11-02 09:00", ANA, BO, length=2)))
        [(level, words), *_] = about(Claim.NIGHTS, checked(fortnight))
        assert level is Level.WARNING
        assert words.startswith("Ana has up to 14 nights in a row, more than 7, Mon 09:00 – Mon 09:00")
        weekly = london(Layer("Weeks", 1, rotation("2026-11-02 09:00", ANA, BO)))
        assert about(Claim.NIGHTS, checked(weekly)) == [
            (Level.PROVEN, "Nobody has more than 7 nights in a row")
        ]

    def test_taking_over_in_ones_sleep_is_judged_by_ones_own_clock(self) -> None:
        config = london(Layer("Weeks", 1, rotation("2026-11-02 09:00", ANA, BO)))
        assert about(Claim.HANDOFFS, checked(config))[0][0] is Level.PROVEN
        abroad = PEOPLE | {BO: Person("Bo", CHICAGO)}
        [(level, words), *_] = about(Claim.HANDOFFS, checked(config, persons=abroad))
        assert (level, words) == (
            Level.WARNING,
            "Bo takes over at 03:00 their time, 55 times, first on Mon 23 Nov, 03:00 CST:"
            " they sleep from 22:00 to 07:00",
        )
        late = abroad | {BO: Person("Bo", CHICAGO, DailyHours(time(4), time(12)))}
        assert not [
            words for _, words in about(Claim.HANDOFFS, checked(config, persons=late)) if "03:00" in words
        ]


class TestClocks:
    def test_a_handoff_at_a_time_that_clocks_skip_is_a_warning(self) -> None:
        config = london(Layer("Daily", 1, rotation("2026-11-02 01:30", ANA, BO, unit=Unit.DAY)))
        assert about(Claim.WALL_TIMES, checked(config)) == [
            (
                Level.WARNING,
                f"Daily: the handoff at 01:30 comes at {day}, 02:00 BST, as clocks skip 01:30 that day",
            )
            for day in ("Sun 28 Mar 2027", "Sun 26 Mar 2028")
        ]

    def test_handoffs_that_keep_their_time_are_proven(self) -> None:
        config = london(Layer("Daily", 1, rotation("2026-11-02 09:00", ANA, BO, unit=Unit.DAY)))
        assert about(Claim.WALL_TIMES, checked(config)) == [
            (Level.PROVEN, "Every handoff keeps its clock time over 4 clock changes")
        ]
        fixed = schedule(always(ANA), zone="Asia/Kolkata")
        assert about(Claim.WALL_TIMES, checked(fixed)) == [
            (Level.PROVEN, "Clocks do not change here, so every handoff keeps its time")
        ]


def test_every_claim_is_answered_and_errors_come_first() -> None:
    config = london(always(ANA), active_users=frozenset())
    found = checked(config, people=2, one_person_only=True)
    assert {finding.claim for finding in found} == set(Claim)
    levels = [list(Level).index(finding.level) for finding in found]
    assert levels == sorted(levels)
