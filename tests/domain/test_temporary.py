"""Temporary schedules (R4), rotations by business days, the templates, and zone rules that change (R12)."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.claims import Claim, Level, Person
from app.domain.interval import Interval
from app.domain.invalid import InvalidField
from app.domain.layer import Layer
from app.domain.prover import Case, prove
from app.domain.reason import Reason
from app.domain.rotation import Unit
from app.domain.schedule import Override, ScheduleConfig, Temporary, gaps, resolve, resolve_range
from app.domain.templates import dealt, own_places, templates
from app.domain.temporary import parse_temporary, temporary_to_json
from app.domain.walk import Walk
from tests.support.oncall import (
    ANA,
    BO,
    CY,
    DI,
    EVERYBODY,
    always,
    hours,
    override,
    rotation,
    schedule,
    utc,
    wall,
)
from tests.support.tzdata import tzif

SATURDAY_TO_MONDAY = wall("2026-11-14 00:00"), wall("2026-11-16 00:00")


def weekend(*layers: Layer, holes_are_intended: bool = False) -> Temporary:
    return Temporary("Move", *SATURDAY_TO_MONDAY, layers, holes_are_intended)


def planned(temporary: Temporary, **changes: object) -> ScheduleConfig:
    return schedule(always(ANA), zone="Europe/London", temporary=(temporary,), **changes)


def ids(config: ScheduleConfig, at: str) -> list[int]:
    return [person.user_id for person in resolve(config, utc(at))]


BY_DAY = Layer("Saturday", 0, rotation("2026-11-14 00:00", BO), (hours("09:00", "17:00", {5}),))


class TestTemporary:
    def test_R4_its_holes_are_filled_from_the_usual_schedule(self) -> None:
        config = planned(weekend(BY_DAY))
        assert ids(config, "2026-11-14 12:00") == [BO]
        assert ids(config, "2026-11-14 18:00") == [ANA]
        assert gaps(config, utc("2026-11-13 00:00"), utc("2026-11-17 00:00")) == ()

    def test_D6_the_reason_names_the_temporary_schedule_and_survives_the_book(self) -> None:
        config = planned(weekend(BY_DAY))
        [bo] = resolve(config, utc("2026-11-14 12:00"))
        said = [
            Reason.from_json(reason.to_json()).words(schedule="Payments", zone=config.zone, names={BO: "Bo"})
            for reason in bo.reasons
        ]
        assert said == [
            "Payments, temporary schedule Move: weekly, Bo’s turn until Sat 21 Nov, 00:00 GMT",
            "Payments, temporary schedule Move: these hours are covered until Sat 14 Nov, 17:00 GMT",
        ]
        [ana] = resolve(config, utc("2026-11-14 18:00"))  # what its holes leave is the usual schedule's
        assert [reason.temporary for reason in ana.reasons] == [None]

    def test_R4_holes_that_are_intended_stay_open(self) -> None:
        config = planned(weekend(BY_DAY, holes_are_intended=True))
        assert ids(config, "2026-11-14 12:00") == [BO]
        assert gaps(config, utc("2026-11-13 00:00"), utc("2026-11-17 00:00")) == (
            Interval(utc("2026-11-14 00:00"), utc("2026-11-14 09:00")),
            Interval(utc("2026-11-14 17:00"), utc("2026-11-16 00:00")),
        )

    def test_R4_it_ends_by_itself_and_whatever_its_priority_stands_before_the_usual_layers(self) -> None:
        config = planned(weekend(always(BO, priority=-5)))
        shifts = resolve_range(config, utc("2026-11-13 00:00"), utc("2026-11-17 00:00"))
        assert [[each.user_id for each in shift.on_call] for shift in shifts] == [[ANA], [BO], [ANA]]
        assert (shifts[1].start, shifts[1].end) == (utc("2026-11-14 00:00"), utc("2026-11-16 00:00"))

    def test_R4_an_override_counts_in_a_temporary_schedule_too(self) -> None:
        change: Override = override(1, "2026-11-14 12:00", "2026-11-14 13:00", CY, BO)
        config = planned(weekend(BY_DAY, holes_are_intended=True), overrides=(change,))
        assert ids(config, "2026-11-14 12:30") == [CY]

    def test_it_is_read_and_written_as_json_and_faults_are_named(self) -> None:
        config = (weekend(BY_DAY), Temporary("Next", SATURDAY_TO_MONDAY[1], wall("2026-11-17 00:00"), ()))
        assert parse_temporary(temporary_to_json(config)) == config
        with pytest.raises(InvalidField) as refused:
            parse_temporary([*temporary_to_json(config), temporary_to_json(config)[0]])
        assert refused.value.errors == [("/temporary/2/start", "lies in Move, which ends later")]
        with pytest.raises(InvalidField) as refused:
            parse_temporary(
                [{"start": "2026-11-14T00:00", "end": "2026-11-14T00:00", "holes_are_intended": 1, "x": 1}, 7]
            )
        assert [pointer for pointer, _ in refused.value.errors] == [
            "/temporary/0/x",
            "/temporary/0/holes_are_intended",
            "/temporary/0/end",
            "/temporary/1",
            "/temporary/1/start",
            "/temporary/1/end",
        ]


class TestBusinessDays:
    def test_it_hands_over_from_monday_to_friday_and_friday_keeps_the_weekend(self) -> None:
        turns = rotation("2026-11-11 09:00", ANA, BO, CY, unit=Unit.BUSINESS_DAY)  # a Wednesday
        config = schedule(Layer("Daily", 0, turns), zone="Europe/London")
        days = [
            "2026-11-11",
            "2026-11-12",
            "2026-11-13",
            "2026-11-14",
            "2026-11-15",
            "2026-11-16",
            "2026-11-17",
        ]
        assert [ids(config, f"{day} 12:00") for day in days] == [[ANA], [BO], [CY], [CY], [CY], [ANA], [BO]]
        assert [ids(config, f"{day} 08:59") for day in days] == [[], [ANA], [BO], [CY], [CY], [CY], [ANA]]
        assert turns.rhythm == "every business day"

    @pytest.mark.parametrize("length", [1, 2, 5, 7])
    def test_turns_are_counted_as_handoffs_are(self, length: int) -> None:
        turns = rotation("2026-11-12 09:00", ANA, BO, unit=Unit.BUSINESS_DAY, length=length)
        for number in range(60):
            handoff = turns.handoff(number)
            assert handoff.weekday() < 5
            assert turns.number_at(handoff) == number
            if number:
                assert turns.number_at(handoff - timedelta(minutes=1)) == number - 1


class TestTemplates:
    START = wall("2026-11-16 09:00")
    THREE = ((ANA,), (BO,), (CY,))

    @pytest.mark.parametrize("key", ["weekly", "follow_the_sun", "week_and_weekend", "off_hours"])
    def test_a_template_covers_the_hours_it_requires(self, key: str) -> None:
        found = {
            each.key: each for each in templates(self.THREE, self.START, dealt(self.THREE, ["Europe/London"]))
        }
        template = found[key]
        config = schedule(*template.layers, zone="Europe/London")
        start = utc("2026-11-17 12:00")
        people = {user_id: Person(str(user_id), ZoneInfo("Europe/London")) for user_id in EVERYBODY}
        case = Case(Walk(config, start, start + timedelta(days=60)), template.requirements, people)
        assert Level.ERROR not in {each.level for each in prove(case) if each.claim is Claim.COVERED}

    def test_off_hours_are_all_but_the_working_day(self) -> None:
        *_, off = templates(((ANA,),), self.START, dealt(((ANA,),), ["Europe/London"]))
        config = schedule(*off.layers, zone="Europe/London")
        assert [ids(config, f"2026-11-23 {at}") for at in ("03:00", "09:00", "16:59", "17:00")] == [
            [ANA], [], [], [ANA],
        ]  # fmt: skip

    def test_follow_the_sun_gives_each_place_its_day_by_its_own_clock(self) -> None:
        places = dealt(((ANA,), (BO,)), ["Europe/London", "Pacific/Auckland"])
        _, sun, *_ = templates(((ANA,), (BO,)), self.START, places)
        assert [
            (each.name, each.time_zone, each.rotation.participants, each.restrictions[0].end)
            for each in sun.layers
        ] == [
            ("Auckland", "Pacific/Auckland", ((BO,),), time(21)),  # 13 hours ahead, until it is eight in London
            ("London", "Europe/London", ((ANA,),), time(19)),
        ]

    def test_follow_the_sun_takes_people_where_they_live(self) -> None:
        homes = {ANA: "Europe/London", BO: "America/Los_Angeles", CY: "Europe/Lisbon", DI: "Asia/Kolkata"}
        people = tuple((each,) for each in homes)
        places = own_places(people, homes, self.START)
        assert places == (
            ("Europe/London", ((ANA,), (CY,))),
            ("America/Los_Angeles", ((BO,),)),
            ("Asia/Kolkata", ((DI,),)),
        )
        _, sun, *_ = templates(people, self.START, places)
        assert [(each.name, each.restrictions[0].end) for each in sun.layers] == [
            ("Kolkata", time(13, 30)), ("London", time(16)), ("Los Angeles", time(18, 30)),
        ]  # fmt: skip
        config = schedule(*sun.layers, zone="UTC")
        assert gaps(config, utc("2026-11-18 00:00"), utc("2026-11-25 00:00")) == ()
        assert all(
            len(each.on_call) == 1
            for each in resolve_range(config, utc("2026-11-18 00:00"), utc("2026-11-25 00:00"))
        )

    def test_people_of_one_clock_are_no_places(self) -> None:
        homes = {ANA: "Europe/London", BO: "Europe/Dublin"}
        assert own_places(((ANA,), (BO,)), homes, self.START) == ()


def test_R12_when_a_zones_rules_change_the_wall_time_stays_and_the_future_moves() -> None:
    old = ZoneInfo.from_file(tzif(("2026-01-01 00:00", 2)), key="Somewhere/Capital")
    new = ZoneInfo.from_file(tzif(("2026-01-01 00:00", 2), ("2026-12-01 00:00", 3)), key="Somewhere/Capital")
    turns = rotation("2026-11-02 09:00", ANA, BO)
    before, after = ([turns.turn(number, zone).start for number in range(8)] for zone in (old, new))
    assert before[:5] == after[:5]  # what lies before the change is what it was
    assert [early - late for early, late in zip(before[5:], after[5:], strict=True)] == [timedelta(hours=1)] * 3
    assert after[5] == utc("2026-12-07 06:00")  # 09:00 by the new clock
