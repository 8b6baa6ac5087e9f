"""Bad input about who is on call, one kind after the other, as a program or a form sends it: the place and the
reason in words, and not one row of it in the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.database import db
from app.oncall.models import LedgerEntry, Override, Schedule, Shadow, Swap, SwapOffer, TimeOff
from tests.oncall.test_calendar_import import event, ics
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post, sign_in
from tests.support.clock import TestClock
from tests.support.oncall import layer_json, utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota
from tests.web.api.test_swaps import NIGHT, Programs

ROWS = (Schedule, Override, TimeOff, Swap, SwapOffer, Shadow, LedgerEntry)
BOTH_WAYS = "must be at least a minute after the start"


@pytest.fixture
def programs(app: APIFlask, client: FlaskClient, clock: TestClock) -> Programs:
    return Programs(client, Rota(clock))


@pytest.fixture
def draft(programs: Programs) -> dict[str, Any]:
    """The schedule as its editor sends it back."""
    rota = programs.rota
    layer = layer_json("2026-10-26T09:00", [[str(each.id)] for each in (rota.ana, rota.bo, rota.cy)])
    return {
        "name": "Payments primary", "team_id": str(rota.team.id), "time_zone": "America/Chicago",
        "layers": [layer],
    }  # fmt: skip


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Every row of who is on call is the same afterwards."""
    before = _rows()
    yield
    assert _rows() == before


def refused(answer: TestResponse, pointer: str, words: str) -> None:
    """422, with these words at this place."""
    body = assert_problem(answer, 422, pointer)
    found = [each["detail"] for each in body["errors"] if each["pointer"] == pointer]
    assert any(words in said for said in found), found


def test_an_unknown_zone(programs: Programs, draft: dict[str, Any]) -> None:
    path = f"/schedules/{programs.rota.schedule.id}"
    layer = draft["layers"][0]
    with nothing_changes():
        for zone in ("Mars/Olympus", "CST6CDT7", "../etc/passwd", "", "america/chicago\n"):
            refused(programs.mara.put(path, draft | {"time_zone": zone}), "#/time_zone", "zone")
            bad = draft | {"layers": [layer | {"time_zone": zone}]}
            refused(programs.mara.put(path, bad), "#/layers/0/time_zone", "zone")
        refused(
            programs.mara.post("/schedules", draft | {"name": "B", "time_zone": "EDT"}), "#/time_zone", "zone"
        )


@pytest.mark.parametrize("end", [NIGHT["start"], "2026-10-31T22:59:00Z", "2026-10-31T23:00:59Z"])
def test_an_end_before_the_start_or_at_it(programs: Programs, end: str) -> None:
    rota, hours = programs.rota, {"start": NIGHT["start"], "end": end}
    schedule = {"schedule_id": str(rota.schedule.id)}
    person = {"user_id": str(rota.ana.id)}
    back = {"mode": "exchange", "to": str(rota.bo.id), "in_return": hours}
    with nothing_changes():
        refused(programs.ana.post("/swaps", programs.night | hours), "#/end", BOTH_WAYS)
        refused(programs.ana.post("/swaps", programs.night | back), "#/in_return/end", BOTH_WAYS)
        refused(programs.mara.post("/overrides", schedule | person | hours), "#/end", BOTH_WAYS)
        refused(programs.ana.post("/time-off", person | hours), "#/end", BOTH_WAYS)
        refused(programs.mara.post("/shadows", schedule | person | hours), "#/end", BOTH_WAYS)


def test_a_swap_of_no_length_or_of_no_effect(programs: Programs) -> None:
    not_hers = {"start": "2026-11-03T15:00:00Z", "end": "2026-11-03T20:00:00Z"}  # Bo's week
    with nothing_changes():
        refused(programs.ana.post("/swaps", programs.night | {"end": NIGHT["start"]}), "#/end", BOTH_WAYS)
        refused(programs.ana.post("/swaps", programs.night | not_hers), "#/start", "Ana is not on call")
        to_herself = {"mode": "one", "to": str(programs.rota.ana.id)}
        refused(programs.ana.post("/swaps", programs.night | to_herself), "#/to", "Ana has these hours already")
    made = programs.ana.make("/swaps", programs.night)
    with nothing_changes():
        refused(programs.ana.patch(f"/swaps/{made['id']}", not_hers), "#/start", "Ana is not on call")
        same = {"user_id": str(programs.rota.bo.id), "replaces_user_id": str(programs.rota.bo.id)}
        span = NIGHT | {"schedule_id": str(programs.rota.schedule.id)}
        refused(programs.mara.post("/overrides", span | same), "#/replaces_user_id", "nothing would change")


def test_hours_that_overlap(programs: Programs) -> None:
    """What an exchange gives and takes; a second swap of hours that another has; a shadow twice at once."""
    rota = programs.rota
    back = {"start": "2026-11-01T13:00:00Z", "end": "2026-11-02T20:00:00Z"}
    exchange = {"mode": "exchange", "to": str(rota.bo.id), "in_return": back}
    with nothing_changes():
        refused(
            programs.ana.post("/swaps", programs.night | exchange), "#/in_return/start", "overlaps the hours"
        )
    first, second = (programs.ana.make("/swaps", programs.night)["id"] for _ in range(2))
    assert programs.bo.post(f"/swaps/{first}/acceptance").status_code == 200
    with nothing_changes():
        told = assert_problem(programs.cy.post(f"/swaps/{second}/acceptance"), 409)["detail"]
        assert "Ana" in told
        refused(programs.ana.post("/swaps", programs.night), "#/start", "Ana is not on call")
    assert programs.on_call() == ["Bo"]
    looks_on = {"schedule_id": str(rota.schedule.id), "user_id": str(rota.dan.id)} | NIGHT
    programs.mara.make("/shadows", looks_on)
    with nothing_changes():
        again = looks_on | {"start": "2026-11-01T13:59:00Z", "end": "2026-11-02T13:59:00Z"}
        refused(programs.mara.post("/shadows", again), "#/user_id", "Dan is a shadow here already until")


def test_participants_removed_while_swaps_are_open(programs: Programs, draft: dict[str, Any]) -> None:
    """Whom it asks is told why not; of whom it is has it cancelled, and both read so."""
    rota = programs.rota
    asked = programs.ana.make("/swaps", programs.night)["id"]
    ana, bo, cy = ([str(each.id)] for each in (rota.ana, rota.bo, rota.cy))
    edit = {"override_reason": "a smaller team"}
    programs.mara.put(f"/schedules/{rota.schedule.id}", _with_people(draft, ana, cy) | edit)
    with nothing_changes():
        told = assert_problem(programs.bo.post(f"/swaps/{asked}/acceptance"), 409, "#")
        assert told["errors"][0]["detail"].startswith("not_on_roster: Bo is not on the roster")
    assert programs.on_call() == ["Ana"]
    programs.mara.put(f"/schedules/{rota.schedule.id}", _with_people(draft, bo, cy) | edit)
    assert programs.ana.get(f"/swaps/{asked}").get_json()["state"] == "cancelled"
    assert rota.told(rota.ana)[-1].startswith("Cancelled: ")
    with nothing_changes():
        told = assert_problem(programs.cy.post(f"/swaps/{asked}/acceptance"), 409)
        assert "cancelled" in told["detail"]
    assert programs.on_call() == ["Bo"]


def test_a_rotation_of_nobody(programs: Programs, draft: dict[str, Any]) -> None:
    at, path = "#/layers/0/rotation/participants", f"/schedules/{programs.rota.schedule.id}"
    with nothing_changes():
        refused(programs.mara.put(path, _with_people(draft)), at, "must have 1 to 200 entries, has 0")
        refused(programs.mara.put(path, _with_people(draft, [])), f"{at}/0", "must have 1 to 20 entries")
        refused(programs.mara.put(path, _with_people(draft, ["999"])), f"{at}/0/0", "there is no such person")
        twice = _with_people(draft, [str(programs.rota.ana.id)] * 2)
        refused(programs.mara.put(path, twice), f"{at}/0/1", "is in this set already")


def test_R13_the_31st_of_the_month(programs: Programs, draft: dict[str, Any]) -> None:
    """Taken, and handed over on the last day where there is no 31st; a 31st that does not exist is refused."""
    monthly = {"unit": "month", "length": 1, "participants": draft["layers"][0]["rotation"]["participants"]}
    with nothing_changes():
        wrong = _rotating(draft | {"name": "Monthly"}, monthly | {"start": "2026-11-31T09:00"})
        refused(programs.mara.post("/schedules", wrong), "#/layers/0/rotation/start", "must be a time")
    good = _rotating(draft | {"name": "Monthly"}, monthly | {"start": "2026-10-31T09:00"})
    made = programs.mara.make("/schedules", good | {"override_reason": "only for the 31st"})
    span = {"from": "2026-10-31T14:00:00Z", "to": "2027-04-01T14:00:00Z"}
    shifts = programs.mara.get(f"/schedules/{made['id']}/shifts", **span).get_json()["items"]
    assert [each["start"] for each in shifts] == [
        "2026-10-31T14:00:00Z", "2026-11-30T15:00:00Z", "2026-12-31T15:00:00Z", "2027-01-31T15:00:00Z",
        "2027-02-28T15:00:00Z", "2027-03-31T14:00:00Z",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "words"),
    [
        pytest.param(b"BEGIN:VCALENDAR\r\n" + b"X" * 5 * 1024 * 1024, "5 MB", id="5 MB"),
        pytest.param(b"BEGIN:VCALENDAR\r\n" * 100_000, "nested in one another too deeply", id="in itself"),
        pytest.param(
            ics(event("20261112T090000Z", "20261112T100000Z") + "\nRRULE:FREQ=SECONDLY"),
            "repeats more often than daily", id="every second",
        ),
        pytest.param(
            ics(event("20261112T090000", "20261112T170000", params=";TZID=Olympus Standard Time")),
            "Olympus Standard Time", id="a zone of nobody",
        ),
        pytest.param(
            ics(event("20261112T090000Z", "20261112T170000Z", "Ana"),
                event("20261113T090000Z", "20261113T170000Z", "Zoe")),
            "Nobody here is called “Zoe”", id="a name of nobody",
        ),
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_used(
    programs: Programs, client: FlaskClient, file: bytes, words: str
) -> None:
    sign_in(client, programs.rota.mara)
    with nothing_changes():
        answer = _bring(client, programs.rota.schedule, file)
        assert answer.status_code in (413, 422)
        assert words in answer.text


def test_a_calendar_with_windows_names_of_zones(programs: Programs, client: FlaskClient) -> None:
    sign_in(client, programs.rota.mara)
    file = ics(event("20261112T090000", "20261112T170000", "Ana", params=";TZID=W. Europe Standard Time"))
    answer = _bring(client, programs.rota.schedule, file)
    assert answer.status_code == 303, answer.text
    (row,) = db.session.scalars(sa.select(Override)).all()
    assert (row.user_id, row.start, row.end) == (
        programs.rota.ana.id, utc("2026-11-12 08:00"), utc("2026-11-12 16:00"),
    )  # fmt: skip


def test_two_accept_in_the_same_second(programs: Programs) -> None:
    """As they arrive, one after the other within it. F-20 lets threads meet in the midst of it."""
    path = f"/swaps/{programs.ana.make('/swaps', programs.night)['id']}"
    assert programs.cy.post(f"{path}/acceptance").status_code == 200
    with nothing_changes():
        told = assert_problem(programs.bo.post(f"{path}/acceptance"), 409)
    assert told["detail"] == "Already taken by Cy, 0 s ago. You are not on call."
    assert programs.on_call() == ["Cy"]


def test_R20_approving_what_has_expired(programs: Programs, clock: TestClock) -> None:
    """Too late is said before the engine has seen it, and after."""
    programs.rota.rule(needs_approval=True)
    path = f"/swaps/{programs.ana.make('/swaps', programs.night)['id']}"
    assert programs.bo.post(f"{path}/acceptance").get_json()["state"] == "accepted"
    clock.moment = NIGHT_START + timedelta(minutes=1)
    with nothing_changes():
        told = assert_problem(programs.mara.post(f"{path}/approval", {}), 409)
        assert "too late to approve" in told["detail"]
    programs.rota.forward(minutes=1)
    assert programs.ana.get(path).get_json()["state"] == "expired"
    with nothing_changes():
        told = assert_problem(programs.mara.post(f"{path}/approval", {}), 409)
        assert "expired" in told["detail"]
        assert_problem(programs.cy.post(f"{path}/acceptance"), 409)
    clock.moment = NIGHT_END
    assert programs.on_call() == ["Ana"]


def test_a_stale_ETag(programs: Programs, draft: dict[str, Any]) -> None:
    """Of a schedule and of a swap: the second writer is told, and what the first wrote stays."""
    path = f"/schedules/{programs.rota.schedule.id}"
    _second_is_told(programs.mara, path, "PUT", draft | {"name": "First"}, draft | {"name": "Second"})
    swap = f"/swaps/{programs.ana.make('/swaps', programs.night)['id']}"
    _second_is_told(programs.ana, swap, "PATCH", NIGHT | {"start": "2026-11-01T00:00:00Z"}, NIGHT)


def _second_is_told(who: Api, path: str, verb: str, first: Any, second: Any) -> None:
    read = {"If-Match": who.get(path).headers["ETag"]}
    assert who(verb, path, first, headers=read).status_code == 200
    with nothing_changes():
        told = assert_problem(who(verb, path, second, headers=read), 412)
        assert "changed" in told["detail"]


def _with_people(draft: dict[str, Any], *sets: list[str]) -> dict[str, Any]:
    return _rotating(draft, draft["layers"][0]["rotation"] | {"participants": list(sets)})


def _rotating(draft: dict[str, Any], rotation: dict[str, Any]) -> dict[str, Any]:
    return draft | {"layers": [draft["layers"][0] | {"rotation": rotation}]}


def _bring(client: FlaskClient, schedule: Schedule, file: bytes) -> TestResponse:
    path = f"/schedules/{schedule.id}/import"
    answer = post(client, path, {"file": (BytesIO(file), "shifts.ics")}, page=path)
    answer.request.environ["wsgi.input"].close()  # the test client leaves a large one open
    return answer


def _rows() -> list[tuple[Any, ...]]:
    db.session.rollback()
    return [
        (model.__tablename__, *row)
        for model in ROWS
        for row in db.session.execute(
            sa.select(*model.__table__.columns).order_by(*model.__table__.primary_key)
        )
    ]
