"""Who is on call: layers, overrides, time off and switched-off accounts together."""

import pytest

from app.domain.layer import Layer
from app.domain.reason import OnCallRole, Why
from app.domain.rotation import Unit
from app.domain.schedule import (
    OnCall,
    Override,
    ScheduleConfig,
    TimeOff,
    answer_at,
    gaps,
    next_change,
    pieces,
    resolve,
    resolve_range,
)
from tests.support.oncall import (
    ANA,
    BO,
    CY,
    DI,
    ED,
    EVERYBODY,
    always,
    hours,
    override,
    rotation,
    schedule,
    time_off,
    utc,
    wall,
)

AT = utc("2026-11-12 12:00")
DAY = "2026-11-12 00:00", "2026-11-13 00:00"
PRIMARY, BACKUP = OnCallRole.PRIMARY, OnCallRole.BACKUP


def who(config: ScheduleConfig) -> list[tuple[int, OnCallRole]]:
    return [(person.user_id, person.role) for person in resolve(config, AT)]


def ids(config: ScheduleConfig) -> list[int]:
    return [person.user_id for person in resolve(config, AT)]


def given(id: int, user_id: int | None, replaces: int | None) -> Override:
    """An override over the whole day; later ids took effect later."""
    return override(id, *DAY, user_id, replaces)


def off(user_id: int) -> TimeOff:
    return time_off(user_id, *DAY)


class TestLayers:
    def test_R1_the_higher_priority_answers_and_the_lower_fills(self) -> None:
        night = Layer("nights", 2, rotation("2026-01-05 00:00", BO), (hours("22:00", "08:00"),))
        pieces = resolve_range(schedule(always(ANA), night, zone="UTC"), utc(DAY[0]), utc(DAY[1]))
        assert [(f"{piece.start:%H:%M}", piece.on_call[0].user_id) for piece in pieces] == [
            ("00:00", BO),
            ("08:00", ANA),
            ("22:00", BO),
        ]

    def test_R1_everyone_of_the_same_level_is_on_call(self) -> None:
        assert who(schedule(always(ANA, BO, name="a"), always(CY, name="b"))) == [
            (ANA, PRIMARY),
            (CY, PRIMARY),
            (BO, BACKUP),
        ]

    def test_nobody_is_on_call_twice_and_the_better_role_counts(self) -> None:
        assert who(schedule(always(ANA, BO, name="a"), always(BO, ANA, name="b"))) == [
            (ANA, PRIMARY),
            (BO, PRIMARY),
        ]

    def test_a_layer_that_starts_later_is_not_asked_before(self) -> None:
        later = Layer("new", 9, rotation("2026-11-12 12:01", BO))
        assert ids(schedule(always(ANA), later, zone="UTC")) == [ANA]

    def test_R2_at_the_handoff_only_the_incoming_person_is_on_call(self) -> None:
        weekly = schedule(Layer("weekly", 0, rotation("2026-11-05 12:00", ANA, BO)), zone="UTC")
        assert ids(weekly) == [BO]
        assert [person.user_id for person in resolve(weekly, utc("2026-11-12 11:59:59"))] == [ANA]

    def test_without_layers_there_is_nobody(self) -> None:
        assert answer_at(schedule(), AT) == type(answer_at(schedule(), AT))((), (), None)
        assert [interval.length.days for interval in gaps(schedule(), utc(DAY[0]), utc(DAY[1]))] == [1]


class TestTimeOff:
    def test_R1_the_backup_shows_through(self) -> None:
        config = schedule(always(ANA, BO, priority=1), always(CY), time_off=(off(ANA),))
        assert who(config) == [(BO, BACKUP)]
        assert [(reason.kind, reason.user_id) for reason in resolve(config, AT)[0].reasons] == [
            (Why.TURN, BO),
            (Why.AWAY, ANA),
        ]

    def test_R1_then_the_lower_layer(self) -> None:
        config = schedule(always(ANA, BO, priority=1), always(CY), time_off=(off(ANA), off(BO)))
        assert who(config) == [(CY, PRIMARY)]
        assert [(reason.kind, reason.user_id) for reason in resolve(config, AT)[0].reasons] == [
            (Why.TURN, CY),
            (Why.AWAY, ANA),
            (Why.AWAY, BO),
        ]

    def test_R1_and_when_nobody_is_left_it_is_a_gap_with_its_reason(self) -> None:
        config = schedule(always(ANA), time_off=(time_off(ANA, "2026-11-12 22:00", "2026-11-13 08:00"),))
        assert [
            (gap.start, gap.end) for gap in gaps(config, utc("2026-11-12 00:00"), utc("2026-11-15 00:00"))
        ] == [(utc("2026-11-12 22:00"), utc("2026-11-13 08:00"))]
        answer = answer_at(config, utc("2026-11-13 00:00"))
        assert answer.on_call == ()
        assert [(reason.kind, reason.user_id, reason.end) for reason in answer.passed_over] == [
            (Why.AWAY, ANA, utc("2026-11-13 08:00"))
        ]

    def test_other_people_of_the_level_stay(self) -> None:
        assert ids(schedule(always(ANA, name="a"), always(BO, name="b"), time_off=(off(ANA),))) == [BO]


class TestSwitchedOffAccounts:
    def test_R3_a_layer_that_names_one_is_skipped_and_the_lower_shows_through(self) -> None:
        config = schedule(always(ANA, priority=1), always(BO), active_users=EVERYBODY - {ANA})
        assert who(config) == [(BO, PRIMARY)]
        assert resolve(config, AT)[0].reasons[1].kind is Why.INACTIVE

    def test_R3_whoever_only_looks_on_is_passed_over_for_that_and_not_as_switched_off(self) -> None:
        config = schedule(
            always(ANA, priority=1), always(BO), active_users=EVERYBODY - {ANA}, onlookers=frozenset({ANA})
        )
        assert who(config) == [(BO, PRIMARY)]
        assert resolve(config, AT)[0].reasons[1].kind is Why.ONLOOKER

    def test_R3_an_override_that_names_one_does_not_blank_the_schedule(self) -> None:
        without_di = EVERYBODY - {DI}
        assert ids(schedule(always(ANA), overrides=(given(1, DI, ANA),), active_users=without_di)) == [ANA]
        assert ids(schedule(always(ANA), overrides=(given(1, DI, None),), active_users=without_di)) == [ANA]


class TestOverrides:
    @pytest.mark.parametrize(
        ("overrides", "expected"),
        [
            pytest.param([given(1, CY, None)], [(CY, PRIMARY), (ANA, PRIMARY), (BO, BACKUP)], id="add"),
            pytest.param([given(1, None, ANA)], [(BO, BACKUP)], id="remove the primary"),
            pytest.param([given(1, None, BO)], [(ANA, PRIMARY)], id="remove the backup"),
            pytest.param([given(1, CY, ANA)], [(CY, PRIMARY), (BO, BACKUP)], id="replace"),
            pytest.param([given(1, CY, BO)], [(ANA, PRIMARY), (CY, BACKUP)], id="replace the backup"),
            pytest.param([given(1, CY, ED)], [(ANA, PRIMARY), (BO, BACKUP)], id="replace somebody not on call"),
            pytest.param(
                [given(1, None, ED)], [(ANA, PRIMARY), (BO, BACKUP)], id="remove somebody not on call"
            ),
            pytest.param([given(1, BO, ANA)], [(BO, PRIMARY)], id="the backup covers for the primary"),
            pytest.param([given(1, BO, None)], [(BO, PRIMARY), (ANA, PRIMARY)], id="add the backup"),
            pytest.param(
                [given(1, None, ANA), given(2, None, BO)], [(DI, PRIMARY)], id="remove all: lower layer"
            ),
        ],
    )
    def test_the_three_kinds(self, overrides: list[Override], expected: list[tuple[int, OnCallRole]]) -> None:
        config = schedule(always(ANA, BO, priority=1), always(DI, name="low"), overrides=tuple(overrides))
        assert who(config) == expected

    @pytest.mark.parametrize(
        ("overrides", "expected"),
        [
            pytest.param([(BO, ANA), (CY, BO)], CY, id="passed on"),
            pytest.param([(BO, ANA), (ANA, BO)], ANA, id="given back"),
            pytest.param([(BO, ANA), (CY, ANA)], CY, id="given away anew: the newest wins"),
            pytest.param([(CY, BO), (BO, ANA)], BO, id="the first came too early to act"),
            pytest.param([(BO, ANA), (None, ANA)], BO, id="who has left cannot be removed again"),
            pytest.param(
                [(BO, ANA), (None, BO)], ANA, id="a cover taken off: the covered person shows through"
            ),
            pytest.param([(None, ANA), (BO, ANA)], BO, id="a removed person's place given to another"),
            pytest.param([(BO, ANA), (CY, BO), (DI, CY)], DI, id="three links"),
        ],
    )
    def test_R1_stacked_in_the_order_they_took_effect(
        self, overrides: list[tuple[int | None, int]], expected: int
    ) -> None:
        rows = tuple(given(number, to, from_) for number, (to, from_) in enumerate(overrides))
        assert ids(schedule(always(ANA), overrides=rows)) == [expected]

    def test_R1_the_moment_they_took_effect_counts_and_not_the_number(self) -> None:
        older = override(2, *DAY, BO, ANA, took_effect="2026-10-01 08:00")
        newer = override(1, *DAY, CY, ANA, took_effect="2026-10-01 08:01")
        config = schedule(always(ANA), overrides=(older, newer))
        assert ids(config) == [CY]
        cut = resolve(config, AT)[0].reasons[-1]
        assert (cut.kind, cut.user_id, cut.override_id, cut.other_user_id) == (Why.CUT, BO, 2, CY)

    def test_added_then_removed_is_off_and_removed_then_added_is_on(self) -> None:
        assert ids(schedule(always(ANA), overrides=(given(1, BO, None), given(2, None, BO)))) == [ANA]
        assert ids(schedule(always(ANA), overrides=(given(1, None, ANA), given(2, ANA, None)))) == [ANA]

    def test_R1_a_cover_for_somebody_on_time_off_stands(self) -> None:
        config = schedule(always(ANA, BO), overrides=(given(1, CY, ANA),), time_off=(off(ANA),))
        assert who(config) == [(CY, PRIMARY), (BO, BACKUP)]

    def test_R1_when_the_cover_is_away_the_covered_person_shows_through(self) -> None:
        config = schedule(always(ANA), overrides=(given(1, BO, ANA),), time_off=(off(BO),))
        assert ids(config) == [ANA]
        assert [(reason.kind, reason.user_id) for reason in resolve(config, AT)[0].reasons] == [
            (Why.TURN, ANA),
            (Why.AWAY, BO),
        ]

    def test_R1_a_cover_passed_on_by_somebody_on_time_off_stands(self) -> None:
        rows = (given(1, BO, ANA), given(2, CY, BO))
        assert ids(schedule(always(ANA), overrides=rows, time_off=(off(BO),))) == [CY]

    def test_an_override_fills_a_gap_only_for_its_hours(self) -> None:
        config = schedule(overrides=(override(1, "2026-11-12 20:00", "2026-11-12 22:00", ANA, None),))
        pieces = resolve_range(config, utc(DAY[0]), utc(DAY[1]))
        assert [(f"{piece.start:%H:%M}", len(piece.on_call)) for piece in pieces] == [
            ("00:00", 0),
            ("20:00", 1),
            ("22:00", 0),
        ]

    def test_R24_a_partial_cover_cuts_the_shift_in_three(self) -> None:
        """21:00-01:00 of a 13:00-01:00 shift leaves 13-21; a part in the middle leaves both sides."""
        late = Layer("late", 1, rotation("2026-11-12 13:00", ANA, unit=Unit.DAY), (hours("13:00", "01:00"),))
        for until, after in (("2026-11-13 01:00", []), ("2026-11-13 00:30", [("00:30", [ANA])])):
            config = schedule(late, zone="UTC", overrides=(override(1, "2026-11-12 21:00", until, CY, ANA),))
            pieces = resolve_range(config, utc("2026-11-12 12:00"), utc("2026-11-13 02:00"))
            assert [(f"{piece.start:%H:%M}", [each.user_id for each in piece.on_call]) for piece in pieces] == [
                ("12:00", []), ("13:00", [ANA]), ("21:00", [CY]), *after, ("01:00", []),
            ]  # fmt: skip


def test_the_worked_night_of_2026_11_01_resolves_as_told() -> None:
    """Ana's week; Bo covers Sat 18:00 to Sun 08:00, falls ill, Cy takes over at 20:30. Clocks go back that
    night.
    """
    weekly = Layer("weekly", 0, rotation("2026-10-05 09:00", BO, CY, DI, ANA))
    covered = override(
        1, "2026-10-31 23:00", "2026-11-01 14:00", BO, ANA
    )  # 18:00 CDT … 08:00 CST: 15 h, not 14
    taken = override(2, "2026-11-01 01:30", "2026-11-01 14:00", CY, BO)
    assert covered.end - covered.start == utc("2026-01-01 15:00") - utc("2026-01-01 00:00")
    config = schedule(weekly, overrides=(covered, taken))
    pieces = resolve_range(config, utc("2026-10-31 12:00"), utc("2026-11-02 15:00"))
    assert [(piece.start, piece.on_call[0].user_id) for piece in pieces] == [
        (utc("2026-10-31 12:00"), ANA),
        (utc("2026-10-31 23:00"), BO),
        (utc("2026-11-01 01:30"), CY),
        (utc("2026-11-01 14:00"), ANA),
    ]
    [at_0130_again] = resolve(config, utc("2026-11-01 07:30"))
    assert at_0130_again.user_id == CY
    assert [(reason.kind, reason.user_id, reason.other_user_id) for reason in at_0130_again.reasons] == [
        (Why.TURN, ANA, None),
        (Why.COVER, BO, ANA),
        (Why.COVER, CY, BO),
    ]


def test_R6_the_reason_of_a_restricted_layer_names_turn_and_hours() -> None:
    night = Layer("nights", 2, rotation("2026-11-09 09:00", ANA), (hours("22:00", "08:00"),))
    [person] = resolve(schedule(night, zone="UTC"), utc("2026-11-12 23:00"))
    turn, open_hours = person.reasons
    assert (turn.kind, turn.layer, turn.rhythm, turn.role) == (Why.TURN, "nights", "weekly", PRIMARY)
    assert (turn.start, turn.end) == (utc("2026-11-09 09:00"), utc("2026-11-16 09:00"))
    assert (open_hours.kind, open_hours.start, open_hours.end) == (
        Why.HOURS,
        utc("2026-11-12 22:00"),
        utc("2026-11-13 08:00"),
    )


def test_the_next_change_is_when_other_people_have_it() -> None:
    config = schedule(Layer("weekly", 0, rotation("2026-11-09 09:00", ANA, ANA, BO)), zone="UTC")
    assert next_change(pieces(config, AT, utc("2027-01-01 00:00"))) == utc("2026-11-23 09:00")
    assert next_change(pieces(config, AT, utc("2026-11-20 00:00"))) is None
    assert next_change(pieces(schedule(always(ANA)), AT, utc("2027-01-01 00:00"))) is None


def test_a_moment_of_another_zone_is_the_same_moment_and_a_naive_one_is_refused() -> None:
    config = schedule(Layer("weekly", 0, rotation("2026-11-05 12:00", ANA, BO)), zone="UTC")
    with pytest.raises(ValueError, match="needs its zone"):
        resolve(config, wall("2026-11-12 12:00"))
    assert resolve(config, AT.astimezone(schedule(zone="Asia/Tokyo").zone)) == resolve(config, AT)


def test_an_empty_range_has_no_pieces() -> None:
    assert resolve_range(schedule(always(ANA)), AT, AT) == ()
    assert isinstance(resolve(schedule(always(ANA)), AT)[0], OnCall)
