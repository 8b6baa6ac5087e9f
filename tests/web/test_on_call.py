"""The on-call board: who has it, until when, why; and whom a gap falls to."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock
from app.alerts import last_resort
from app.database import db, transaction
from app.domain.words import Role
from app.oncall.models import EscalationPolicy, Override, Schedule, TimeOff
from app.oncall.queries import on_call_at
from app.paging.models import PushSubscription
from app.people.models import User
from tests.support.browser_forms import visit
from tests.support.cast import Cast, make, make_team, make_user
from tests.support.clock import TestClock
from tests.support.oncall import layer_json

NONSENSE = (
    "yesterday", "2026-13-01T00:00", "1999-12-31T23:59", "2100-01-01T00:00", "0001-01-01T00:00+23:59", "T", "'",
    "9" * 99, "2026-11-12T03:20[Europe/London]", "-2026-11-12", "NaN",
)  # fmt: skip


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    """Ada and Ben take weekly turns for Payments, Ada this week (Thursday 12 November 2026)."""
    with transaction():
        cast = Cast(last_resort=True)
        make_schedule(cast)
    return cast


def make_schedule(cast: Cast, **changes: object) -> Schedule:
    turns = [[cast.ada.id, cast.ben.id], [cast.ben.id, cast.ada.id]]
    columns = {
        "name": "Payments primary", "team_id": cast.payments.id, "time_zone": "Europe/London",
        "layers": [layer_json("2026-11-09T09:00", turns)], "created_at": cast.ada.created_at,
        "updated_at": cast.ada.created_at,
    }  # fmt: skip
    schedule = make(Schedule, **(columns | changes))
    cast.policy.steps = [
        {"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(schedule.id)}]},
    ]
    db.session.add(cast.policy)
    return schedule


def board_for(app: APIFlask, user: User, address: str = "/on-call") -> str:
    answer = visit(app, user, address)
    assert answer.status_code == 200
    return answer.text


def test_R1_somebody_without_a_device_stays_on_call_and_is_warned_of(app: APIFlask, cast: Cast) -> None:
    schedule_id = db.session.scalars(sa.select(Schedule.id)).one()
    for gone_at in (None, clock.now()):
        with transaction():
            db.session.execute(sa.update(PushSubscription).values(removed_at=gone_at))
        of_ada = board_for(app, cast.mara).partition('class="turn"')[2].partition("</li>")[0]
        assert "Ada" in of_ada
        assert ("No device to ring" in of_ada) is (gone_at is not None)
        assert [each.name for each in on_call_at(schedule_id, clock.now())] == ["Ada", "Ben"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_D2_board_schedule_and_Me_say_whose_device_was_not_proven_within_30_days(
    app: APIFlask, cast: Cast
) -> None:
    schedule_id = db.session.scalars(sa.select(Schedule.id)).one()
    old = "not proven for 41 days"
    screens = {"/on-call": old, f"/schedules/{schedule_id}": old, "/me": "1 device, none proven"}
    for days, is_told in ((29, False), (41, True)):
        with transaction():
            db.session.merge(cast.devices["Ada"]).verified_at = clock.now() - timedelta(days=days)
            db.session.merge(cast.devices["Ben"]).verified_at = clock.now()
        said = [words in board_for(app, cast.ada, screen).lower() for screen, words in screens.items()]
        assert said == [is_told] * 3


def test_it_says_who_has_it_in_which_role_where_and_until_when(app: APIFlask, cast: Cast) -> None:
    page = board_for(app, cast.ada)
    assert "Payments primary" in page
    assert "Mon 16 Nov, 09:00 GMT" in page
    ada, ben = page.index("Ada"), page.rindex("Ben")
    assert ada < ben
    assert ">you<" in page
    assert "Backup · 04:10 in Stockholm" in page


def test_every_person_comes_with_the_whole_chain_of_reasons(app: APIFlask, cast: Cast) -> None:
    page = board_for(app, cast.ben)
    assert "Payments primary: weekly, Ada’s turn until Mon 16 Nov, 09:00 GMT" in page
    assert '<details class="why"' in page


def test_a_cover_is_said_with_its_end(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    with transaction():
        make(
            Override, schedule_id=db.session.query(Schedule).one().id, start=clock(),
            end=clock() + timedelta(hours=5), user_id=cast.cleo.id, replaces_user_id=cast.ada.id,
            created_at=clock(),
        )  # fmt: skip
    assert "Primary · covers Ada to 08:10 · 03:10 in London" in board_for(app, cast.ada)


def test_a_gap_is_said_with_the_last_resort_and_the_reasons(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        for person in (cast.ada, cast.ben):
            make(
                TimeOff, user_id=person.id, start=clock(), end=clock() + timedelta(days=1), note="",
                created_at=clock(),
            )  # fmt: skip
    page = board_for(app, cast.dan)
    assert "Nobody is on call" in page
    assert "Pages go to Mara, last resort." in page
    assert "initials nobody" in page  # the hatch
    assert "Ada is on time off until Fri 13 Nov, 03:10 GMT" in page


def test_a_gap_before_a_further_step_names_that_step_and_not_the_last_resort(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        empty = make_schedule(cast, name="Nobody's", layers=[])
        cast.policy.steps = [
            {"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(empty.id)}]},
            {"wait_minutes": 5, "targets": [{"kind": "user", "id": str(cast.ben.id)}]},
        ]
        db.session.add(cast.policy)
    assert "Pages go to Ben, step 2 of Payments critical." in board_for(app, cast.ada)


def test_the_board_and_the_engine_agree_on_the_last_resort(app: APIFlask, cast: Cast) -> None:
    with transaction():
        cast.mara.is_active = False
        db.session.add(cast.mara)
        make_schedule(cast, name="Nobody's", layers=[])
    policy = db.session.get_one(EscalationPolicy, cast.policy.id)
    line = last_resort.line_of(policy.team_id, policy.name, policy.last_resort_user_id)
    assert [person.name for person in line[0][0]] == ["Root"]
    assert "Pages go to Root, last resort." in board_for(app, cast.ada)


def test_a_team_without_a_schedule_says_who_is_asked_instead(app: APIFlask, cast: Cast) -> None:
    with transaction():
        make_team("Ice cream")
    assert "No schedule and no policy. Pages go to Root, last resort." in board_for(app, cast.ada)


def test_another_time_is_answered_in_the_zone_of_whoever_asks(app: APIFlask, cast: Cast) -> None:
    in_london = board_for(app, cast.ada, "/on-call?at=2026-11-16T09:00")
    in_stockholm = board_for(app, cast.ben, "/on-call?at=2026-11-16T09:00")  # an hour before the handoff
    assert "Ben’s turn until Mon 23 Nov, 09:00 GMT" in in_london
    assert "Ada’s turn until Mon 16 Nov, 09:00 GMT" in in_stockholm
    assert "Not now." in in_london
    assert "Mon 16 Nov, 09:00 CET" in in_stockholm
    assert "<live-line" not in in_london


@pytest.mark.parametrize("at", ["2026-11-16T09:00%2B00:00", "2026-11-16T09:00+00:00", "2026-11-16T09:00Z"])
def test_another_time_may_carry_its_own_zone(app: APIFlask, cast: Cast, at: str) -> None:
    assert "Mon 16 Nov, 10:00 CET" in board_for(app, cast.ben, f"/on-call?at={at}")


def test_what_is_no_time_is_said_beside_the_field_and_the_board_is_of_now(app: APIFlask, cast: Cast) -> None:
    for typed in NONSENSE:
        answer = visit(app, cast.ada, "/on-call", query_string={"at": typed})
        assert answer.status_code == 400, typed
        assert "Give a day and a time" in answer.text
        assert "Ada’s turn until Mon 16 Nov" in answer.text


def test_before_there_is_a_team_it_leads_to_the_set_up(app: APIFlask) -> None:
    with transaction():
        root = make_user("Root", Role.ADMINISTRATOR)
    assert "There is no team yet" in board_for(app, root)


def test_L_ROL_05_a_stakeholder_reads_it_and_a_stranger_signs_in_first(app: APIFlask, cast: Cast) -> None:
    assert "Payments" in visit(app, cast.eli, "/on-call").text
    assert visit(app, None, "/on-call").headers["Location"].endswith("/login?next=/on-call")
