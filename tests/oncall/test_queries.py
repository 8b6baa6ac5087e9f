"""Who is on call, from rows."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.database import db, transaction
from app.domain.words import Role
from app.oncall import override, policies, queries, schedules, time_off
from app.oncall.models import Schedule
from app.people.models import Membership
from tests.support.cast import Cast, make
from tests.support.clock import THU_0310
from tests.support.oncall import layer_json, utc

NEXT_MONDAY = utc("2026-11-16 09:00")


def test_the_primary_comes_first_and_says_why(cast: Cast, weekly: Schedule) -> None:
    ada, ben = queries.on_call_at(weekly.id, THU_0310)
    assert (ada.name, ada.role, ben.name, ben.role) == ("Ada", "primary", "Ben", "backup")
    assert ada.reasons == ("Payments primary: weekly, Ada’s turn until Mon 16 Nov, 09:00 GMT",)
    assert [each.name for each in queries.on_call_at(weekly.id, NEXT_MONDAY)] == ["Ben", "Ada"]
    assert queries.on_call_at(999, THU_0310) == ()


class TestWhomAStepPages:
    def names(self, *targets: tuple[str, int]) -> list[str]:
        asked = queries.people_for([{"kind": kind, "id": str(id_)} for kind, id_ in targets], THU_0310)
        assert all(reasons for _, reasons in asked)
        return [user.name for user, _ in asked]

    def test_a_schedule_pages_its_primaries(self, cast: Cast, weekly: Schedule) -> None:
        assert self.names(("schedule", weekly.id)) == ["Ada"]

    def test_R1_without_a_primary_it_pages_the_backups(self, cast: Cast, weekly: Schedule) -> None:
        with transaction():
            time_off.add(user_id=cast.ada.id, start=THU_0310, end=NEXT_MONDAY, by=cast.ada, at=clock.now())
        [(user, reasons)] = queries.people_for([{"kind": "schedule", "id": weekly.id}], THU_0310)
        assert user.name == "Ben"
        assert reasons == [
            "Payments primary: weekly, Ben’s turn as backup until Mon 16 Nov, 09:00 GMT",
            "Ada is on time off until Mon 16 Nov, 09:00 GMT",
        ]

    def test_R1_a_person_named_outright_is_not_paged_on_time_off(self, cast: Cast) -> None:
        assert self.names(("user", cast.ada.id), ("user", cast.ben.id)) == ["Ada", "Ben"]
        with transaction():
            time_off.add(user_id=cast.ada.id, start=THU_0310, end=NEXT_MONDAY, by=cast.ada, at=clock.now())
        assert self.names(("user", cast.ada.id), ("user", cast.ben.id)) == ["Ben"]

    def test_feature_120_a_team_is_everybody_who_is_in_it_then_and_can_answer(self, cast: Cast) -> None:
        team = ("team", cast.payments.id)
        assert self.names(team) == ["Ada", "Ben", "Cleo", "Mara"]
        with transaction():
            make(Membership, team_id=cast.payments.id, user_id=cast.dan.id)
            make(Membership, team_id=cast.payments.id, user_id=cast.eli.id)  # who only looks on
            cast.cleo.is_active = False
            time_off.add(user_id=cast.ada.id, start=THU_0310, end=NEXT_MONDAY, by=cast.ada, at=clock.now())
        assert self.names(team) == ["Ben", "Mara", "Dan"]
        assert self.names(("user", cast.mara.id), team) == ["Mara", "Ben", "Dan"], "each once"
        assert self.names(("team", 999)) == []

    def test_a_switched_off_account_is_not_paged(self, cast: Cast, weekly: Schedule) -> None:
        with transaction():
            cast.ada.is_active = False
        assert self.names(("user", cast.ada.id), ("schedule", weekly.id)) == ["Ben"]

    def test_a_stakeholder_is_passed_over_as_one_who_looks_on(self, cast: Cast, weekly: Schedule) -> None:
        with transaction():
            cast.ada.role = Role.STAKEHOLDER
        [(user, reasons)] = queries.people_for([{"kind": "schedule", "id": weekly.id}], THU_0310)
        assert user.name == "Ben"
        assert reasons[-1] == "Ada only looks on and answers no alerts"

    def test_somebody_asked_twice_is_paged_once_with_both_reasons(self, cast: Cast, weekly: Schedule) -> None:
        [(user, reasons)] = queries.people_for(
            [{"kind": "user", "id": cast.ada.id}, {"kind": "schedule", "id": weekly.id}], THU_0310
        )
        assert user.id == cast.ada.id
        assert reasons[0] == "Named in this step"
        assert reasons[1].startswith("Payments primary")

    def test_R5_what_is_not_there_any_more_asks_nobody_and_holds_up_nothing(self, cast: Cast) -> None:
        assert self.names(("user", 999), ("schedule", 999), ("pigeon", 1), ("user", cast.ben.id)) == ["Ben"]

    def test_R5_a_schedule_that_cannot_be_read_pages_nobody_and_says_so(
        self, cast: Cast, weekly: Schedule, caplog: pytest.LogCaptureFixture
    ) -> None:
        with transaction():
            weekly.layers = [{"rotation": "spoilt"}]
            weekly.time_zone = "Mars/Olympus"
        with caplog.at_level(logging.ERROR):
            assert self.names(("schedule", weekly.id), ("user", cast.ben.id)) == ["Ben"]
        assert "nobody is on call" in caplog.text
        assert "Mars/Olympus" in caplog.text

    def test_no_target_asks_nobody(self, cast: Cast) -> None:
        assert self.names() == []


def test_shifts_and_gaps_are_the_whole_range(cast: Cast, weekly: Schedule) -> None:
    with transaction():
        for person in (cast.ada, cast.ben):
            time_off.add(
                user_id=person.id,
                start=utc("2026-11-14 22:00"),
                end=utc("2026-11-15 08:00"),
                by=person,
                at=clock.now(),
            )
    held, gaps = queries.shifts(weekly.id, utc("2026-11-13 00:00"), utc("2026-11-18 00:00"))
    assert [(each.start, each.end, [person.name for person in each.people]) for each in held] == [
        (utc("2026-11-13 00:00"), utc("2026-11-14 22:00"), ["Ada", "Ben"]),
        (utc("2026-11-15 08:00"), NEXT_MONDAY, ["Ada", "Ben"]),
        (NEXT_MONDAY, utc("2026-11-18 00:00"), ["Ben", "Ada"]),
    ]
    assert [(gap.start, gap.end) for gap in gaps] == [(utc("2026-11-14 22:00"), utc("2026-11-15 08:00"))]
    assert queries.shifts(999, THU_0310, NEXT_MONDAY) == ((), ())


def test_an_override_acts_for_its_hours(cast: Cast, weekly: Schedule) -> None:
    with transaction():
        override.add(
            schedule_id=weekly.id, start=THU_0310, end=utc("2026-11-12 08:00"), user_id=cast.cleo.id,
            replaces_user_id=cast.ada.id, by=cast.ada, at=clock.now(),
        )  # fmt: skip
    cleo, ben = queries.on_call_at(weekly.id, THU_0310)
    assert (cleo.name, ben.name) == ("Cleo", "Ben")
    assert cleo.reasons == (
        "Payments primary: weekly, Ada’s turn until Mon 16 Nov, 09:00 GMT",
        "Payments primary: Cleo covers for Ada until Thu 12 Nov, 08:00 GMT",
    )
    assert queries.on_call_at(weekly.id, utc("2026-11-12 08:00"))[0].name == "Ada"


class TestTheBoard:
    def test_every_schedule_says_who_has_it_and_until_when(self, cast: Cast, weekly: Schedule) -> None:
        [row] = queries.on_call_board(THU_0310)
        assert (row.schedule.name, row.schedule.team.name) == ("Payments primary", "Payments")
        assert [person.name for person in row.people] == ["Ada", "Ben"]
        assert row.until == NEXT_MONDAY
        assert row.why_nobody == ()

    def test_a_gap_says_until_when_and_why(self, cast: Cast, weekly: Schedule) -> None:
        with transaction():
            search = schedules.create(
                name="Search", team_id=cast.search.id, time_zone="Europe/London", by=cast.root, at=clock.now(),
                layers=[layer_json("2026-11-09T09:00", [[cast.dan.id]])],
            )  # fmt: skip
            time_off.add(
                user_id=cast.dan.id, start=THU_0310, end=utc("2026-11-12 08:00"), by=cast.dan, at=clock.now()
            )
        row = queries.on_call_board(THU_0310)[1]
        assert row.schedule.id == search.id
        assert row.people == ()
        assert row.until == utc("2026-11-12 08:00")
        assert row.why_nobody == ("Dan is on time off until Thu 12 Nov, 08:00 GMT",)

    def test_someone_who_always_has_it_has_it_without_end(self, cast: Cast) -> None:
        with transaction():
            schedules.create(
                name="Search", team_id=cast.search.id, time_zone="Europe/London", by=cast.root, at=clock.now(),
                layers=[layer_json("2026-11-09T09:00", [[cast.dan.id]])],
            )  # fmt: skip
        assert queries.on_call_board(THU_0310)[0].until is None

    def test_the_board_asks_the_database_as_often_for_many_schedules_as_for_one(
        self, cast: Cast, weekly: Schedule
    ) -> None:
        with transaction():
            for number in range(5):
                schedules.create(
                    name=f"Search {number}", team_id=cast.search.id, time_zone="Europe/London", by=cast.root,
                    at=clock.now(), layers=[layer_json("2026-11-09T09:00", [[cast.dan.id]])],
                )  # fmt: skip
        db.session.expire_all()
        asked: list[str] = []
        sa.event.listen(db.engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
        assert len(queries.on_call_board(THU_0310)) == 6
        assert len([statement for statement in asked if statement.startswith("SELECT")]) == 4


class TestMyNextShift:
    def test_the_running_one_says_until_when(self, cast: Cast, weekly: Schedule) -> None:
        shift = queries.next_shift(cast.ada, THU_0310)
        assert shift is not None
        assert (shift.schedule.name, shift.role, shift.is_now, shift.end) == (
            "Payments primary",
            "primary",
            True,
            NEXT_MONDAY,
        )

    def test_one_to_come_says_from_when(self, cast: Cast) -> None:
        with transaction():
            schedules.create(
                name="Search", team_id=cast.search.id, time_zone="Europe/London", by=cast.root, at=clock.now(),
                layers=[layer_json("2026-11-09T09:00", [[cast.ada.id], [cast.dan.id]])],
            )  # fmt: skip
        shift = queries.next_shift(cast.dan, THU_0310)
        assert shift is not None
        assert (shift.start, shift.end, shift.is_now) == (NEXT_MONDAY, NEXT_MONDAY + timedelta(days=7), False)

    def test_a_cover_is_a_shift_too_and_nobody_else_has_one(self, cast: Cast, weekly: Schedule) -> None:
        assert queries.next_shift(cast.cleo, THU_0310) is None
        with transaction():
            override.add(
                schedule_id=weekly.id, start=utc("2026-11-14 18:00"), end=utc("2026-11-15 08:00"),
                user_id=cast.cleo.id, replaces_user_id=cast.ada.id, by=cast.ada, at=clock.now(),
            )  # fmt: skip
        shift = queries.next_shift(cast.cleo, THU_0310)
        assert shift is not None
        assert (shift.start, shift.end) == (utc("2026-11-14 18:00"), utc("2026-11-15 08:00"))


def test_explaining_a_policy_asks_who_is_on_call_when_each_step_fires(cast: Cast, weekly: Schedule) -> None:
    schedule, cleo = {"kind": "schedule", "id": weekly.id}, {"kind": "user", "id": cast.cleo.id}
    with transaction():
        policy = policies.create(
            name="Handoff", team_id=cast.payments.id, repeat=1, by=cast.mara, at=clock.now(),
            steps=[{"wait_minutes": 10, "targets": [schedule]}, {"wait_minutes": 5, "targets": [cleo]}],
        )  # fmt: skip
        time_off.add(user_id=cast.cleo.id, start=THU_0310, end=NEXT_MONDAY, by=cast.cleo, at=clock.now())
    before = NEXT_MONDAY - timedelta(minutes=5)
    told = queries.explain(policy, before)
    assert [
        (ask.round, ask.step, ask.at - before, [user.name for user, _ in ask.people]) for ask in told.asks
    ] == [
        (0, 0, timedelta(0), ["Ada"]),
        (0, 1, timedelta(minutes=10), ["Cleo"]),
        (1, 0, timedelta(minutes=15), ["Ben"]),
        (1, 1, timedelta(minutes=25), ["Cleo"]),
    ]
    assert told.last_resort_at == before + timedelta(minutes=30)
    away = queries.explain(policy, THU_0310)  # a step with nobody does not wait
    assert [ask.at - THU_0310 for ask in away.asks] == [
        timedelta(minutes=minutes) for minutes in (0, 10, 10, 20)
    ]
    assert queries.explain(None, THU_0310) == queries.Explanation((), THU_0310)
