"""The check of a schedule with its rows: on save, after each change, every day, and who is told."""

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.database import db, transaction
from app.domain.claims import Claim, Finding, Level, errors_in
from app.domain.interval import Interval
from app.domain.invalid import InvalidField
from app.domain.timeline import Subject
from app.engine import jobs
from app.notices.models import Notice
from app.oncall import override, proof, remove, schedules, time_off
from app.oncall.findings import findings_of, still
from app.oncall.models import EscalationPolicy, Schedule, ScheduleCheck
from app.timeline.queries import events_about
from tests.support.cast import Cast, make
from tests.support.clock import TestClock
from tests.support.oncall import layer_json, utc


def alone(cast: Cast) -> list[dict[str, Any]]:
    return [layer_json("2026-11-09T09:00", [[cast.ada.id]])]


def replaced(cast: Cast, schedule: Schedule, **changes: Any) -> Schedule:
    columns: dict[str, Any] = {
        name: getattr(schedule, name) for name in ("name", "team_id", "time_zone", "layers")
    }
    version = schedule.version
    with transaction():
        return schedules.replace(schedule, version=version, by=cast.mara, at=clock.now(), **(columns | changes))


def of(claim: Claim, found: tuple[Finding, ...]) -> list[tuple[Level, str]]:
    return [(each.level, each.sentence) for each in found if each.claim is claim]


def kept(schedule: Schedule) -> tuple[Finding, ...]:
    checked = findings_of(schedule.id)
    assert checked is not None
    return checked.findings


def test_saving_keeps_what_the_check_found(cast: Cast, weekly: Schedule) -> None:
    assert {each.claim for each in kept(weekly)} >= {Claim.COVERED, Claim.ACTIVE, Claim.REST}
    assert errors_in(kept(weekly)) == []
    assert findings_of(weekly.id + 1) is None


def test_an_error_takes_a_reason_which_the_event_keeps(cast: Cast, weekly: Schedule) -> None:
    with transaction():
        cast.ben.is_active = False
    with pytest.raises(proof.Refuted) as refused:
        replaced(cast, weekly, name="Renamed")
    words = "Ben’s account is switched off, and the layer Weekly names them"
    assert [finding.sentence for finding in refused.value.findings] == [words]
    assert ("/override_reason", words) in refused.value.errors
    with pytest.raises(proof.Refuted):
        replaced(cast, weekly, name="Renamed", override_reason="  ")
    with pytest.raises(InvalidField, match="at most"):
        replaced(cast, weekly, name="Renamed", override_reason="x" * 1001)
    db.session.expire_all()
    assert (weekly.name, weekly.version) == ("Payments primary", 1)
    replaced(cast, weekly, name="Renamed", override_reason="Ben is back on Monday")
    event = events_about(Subject.SCHEDULE, weekly.id)[-1]
    assert event.data["override_reason"] == "Ben is back on Monday"
    assert event.data["saved_over"] == [{"claim": "active", "user_ids": [cast.ben.id]}]
    assert of(Claim.ACTIVE, kept(weekly)) == [(Level.ERROR, words)]


def test_requirements_stay_unless_others_are_sent(cast: Cast, weekly: Schedule) -> None:
    replaced(cast, weekly, requirements={"people": 2, "hours": "always"})
    replaced(cast, weekly, name="Renamed")
    assert (weekly.requirements["people"], weekly.requirements["hours"]) == (2, "always")
    with pytest.raises(InvalidField) as refused:
        replaced(cast, weekly, requirements={"people": 0, "hours": [{"weekdays": []}], "colour": 1})
    assert [pointer for pointer, _ in refused.value.errors] == [
        "/requirements/colour",
        "/requirements/hours/0/weekdays",
        "/requirements/hours/0/start",
        "/requirements/hours/0/end",
        "/requirements/people",
    ]


def test_the_engine_finds_a_gap_after_time_off_is_entered_and_tells_the_managers_once(
    cast: Cast, weekly: Schedule, clock: TestClock
) -> None:
    replaced(cast, weekly, layers=alone(cast))
    assert jobs.check_schedules() == 0  # checked when it was saved
    start = utc("2026-12-24 10:00")
    with transaction():
        time_off.add(user_id=cast.ada.id, start=start, end=start + timedelta(hours=4), by=cast.ada, at=clock())
    assert jobs.check_schedules() == 1
    words = "Nobody on Thu 24 Dec, 10:00 – 14:00 GMT"
    assert of(Claim.COVERED, kept(weekly)) == [(Level.ERROR, words)]
    [finding] = errors_in(kept(weekly))
    assert finding.intervals == (Interval(start, start + timedelta(hours=4)),)
    told = db.session.query(Notice).all()
    assert [(each.title, each.link) for each in told] == [
        (f"Payments primary: {words}", f"/schedules/{weekly.id}") for _ in told
    ]
    assert told
    clock.advance(days=1)
    assert jobs.check_schedules() == 1  # every day
    assert db.session.query(Notice).count() == len(told)  # the same error is no news


def test_an_override_of_nobody_is_found_too(cast: Cast, weekly: Schedule, clock: TestClock) -> None:
    replaced(cast, weekly, layers=alone(cast))
    start = utc("2026-12-24 10:00")
    with transaction():
        override.add(
            schedule_id=weekly.id, start=start, end=start + timedelta(hours=1), replaces_user_id=cast.ada.id,
            by=cast.mara, at=clock(),
        )  # fmt: skip
    assert jobs.check_schedules() == 1
    assert [level for level, _ in of(Claim.COVERED, kept(weekly))] == [Level.ERROR]


def test_a_check_of_what_was_changed_meanwhile_is_not_kept(cast: Cast, weekly: Schedule) -> None:
    assert still(weekly.id, 1) == weekly
    replaced(cast, weekly, name="Renamed")
    assert still(weekly.id, 1) is None


def test_people_are_counted_through_the_steps_of_the_policies_that_ask(cast: Cast, weekly: Schedule) -> None:
    replaced(cast, weekly, layers=alone(cast))
    with transaction():
        make(
            EscalationPolicy, name="Payments", team_id=cast.payments.id, created_at=clock.now(),
            updated_at=clock.now(),
            steps=[
                {"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(weekly.id)}]},
                {"wait_minutes": 5, "targets": [{"kind": "user", "id": str(cast.ben.id)}]},
            ],
        )  # fmt: skip
    replaced(cast, weekly, requirements={"people": 2})
    assert [level for level, _ in of(Claim.DEPTH, kept(weekly))] == [Level.PROVEN]
    with pytest.raises(proof.Refuted, match="Fewer than 2 different people through step 1 of Payments"):
        replaced(cast, weekly, requirements={"people": 2, "through_step": 1})


def test_a_policy_that_asks_by_way_of_another_is_counted_with_that_ones_steps(
    cast: Cast, weekly: Schedule
) -> None:
    replaced(cast, weekly, layers=alone(cast))
    columns: dict[str, Any] = {
        "team_id": cast.payments.id, "created_at": clock.now(), "updated_at": clock.now()
    }  # fmt: skip
    with transaction():
        inner = make(
            EscalationPolicy, name="Inner", **columns,
            steps=[
                {"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(weekly.id)}]},
                {"wait_minutes": 5, "targets": [{"kind": "user", "id": str(cast.ben.id)}]},
            ],
        )  # fmt: skip
        make(
            EscalationPolicy, name="Outer", **columns,
            steps=[
                {"wait_minutes": 5, "targets": [{"kind": "user", "id": str(cast.ada.id)}]},
                {"wait_minutes": 5, "targets": [{"kind": "policy", "id": str(inner.id)}]},
            ],
        )  # fmt: skip
    with pytest.raises(proof.Refuted, match="Fewer than 2 different people through step 2 of Outer"):
        replaced(cast, weekly, requirements={"people": 2, "through_step": 2})


def test_somebody_first_in_line_on_two_schedules_is_found_when_the_second_is_made(
    cast: Cast, weekly: Schedule
) -> None:
    with transaction():
        second = schedules.create(
            name="Second", team_id=cast.payments.id, time_zone="Europe/London", layers=alone(cast),
            by=cast.mara, at=clock.now(),
        )  # fmt: skip
    [(level, words), *_] = of(Claim.ONE_PLACE, kept(second))
    assert level is Level.WARNING
    assert words.startswith("Ada is first in line here and on Payments primary ")


def test_a_check_goes_with_its_schedule(cast: Cast, weekly: Schedule) -> None:
    with transaction():
        remove.remove_schedule(weekly, by=cast.mara, at=clock.now())
    assert db.session.query(ScheduleCheck).count() == 0
