"""R29: one instant through every screen, feed, message and endpoint, and all of them name the same people.

Ana has the week. Bo takes her night by a swap, an override gives part of it to Cy, Cy is away for part of that;
later Ana is away and nobody covers.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import icalendar
import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from click.testing import CliRunner

from app import clock as app_clock
from app.alerts import readiness, team_readiness
from app.alerts.models import Alert, Integration, Service
from app.alerts.outlook import outlook
from app.alerts.receive import receive
from app.cli import main
from app.database import db, transaction
from app.domain.alert import IncomingAlert, Said
from app.domain.words import PageKind, Role, Severity
from app.engine import jobs
from app.incidents import assemble
from app.incidents.promote import promote
from app.oncall import feeds, override, queries, time_off
from app.oncall.models import EscalationPolicy
from app.oncall.swap_answer import accept
from app.paging.models import Page
from app.people.models import User
from tests.support.api import Api
from tests.support.browser_forms import visit
from tests.support.cast import make, make_integration, make_service, make_user
from tests.support.oncall import utc
from tests.support.rota import Rota

MOMENTS = {
    "a turn": ("2026-10-31 22:00", ["Ana"]),
    "a swap": ("2026-11-01 00:00", ["Bo"]),
    "an override on the swap": ("2026-11-01 01:30", ["Cy"]),
    "time off of whoever overrides": ("2026-11-01 02:30", ["Bo"]),
    "time off, the second it begins": ("2026-11-01 02:00", ["Bo"]),
    "the hour that the clock repeats": ("2026-11-01 07:30", ["Bo"]),
    "time off that nobody covers": ("2026-11-02 00:30", []),
}


@pytest.fixture
def has_pages() -> bool:
    return True


@pytest.fixture
def story(rota: Rota) -> Rota:
    rota.do(accept, rota.ask(), rota.bo)
    with transaction():
        override.add(
            schedule_id=rota.schedule.id, start=utc("2026-11-01 01:00"), end=utc("2026-11-01 04:00"),
            user_id=rota.cy.id, replaces_user_id=rota.bo.id, by=rota.mara, at=rota.clock(),
        )  # fmt: skip
        for user, start, end in (
            (rota.cy, "2026-11-01 02:00", "2026-11-01 04:00"),
            (rota.ana, "2026-11-02 00:00", "2026-11-02 06:00"),
        ):
            time_off.add(user_id=user.id, start=utc(start), end=utc(end), by=user, at=rota.clock())
        policy = make(
            EscalationPolicy, name="Payments critical", team_id=rota.team.id, repeat=0,
            last_resort_user_id=rota.mara.id,
            steps=[{"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(rota.schedule.id)}]}],
            created_at=rota.clock(), updated_at=rota.clock(),
        )  # fmt: skip
        make_user("Root", Role.ADMINISTRATOR)
        make_integration(make_service("checkout-api", rota.team, policy))
    return rota


@pytest.mark.parametrize(("at", "names"), MOMENTS.values(), ids=MOMENTS.keys())
def test_R29_every_place_names_the_same_people(
    app: APIFlask, story: Rota, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at: str,
    names: list[str],
) -> None:  # fmt: skip
    moment = utc(at)
    feed = _feeds(story)
    story.until(moment)
    said = dict(_places(app, story, moment, feed))
    said["nightbell oncall now"] = _command(monkeypatch, tmp_path, database_url, moment, "oncall", "now")
    said["nightbell explain"] = _command(
        monkeypatch, tmp_path, database_url, moment, "explain", "--service", "checkout-api"
    )
    assert said == dict.fromkeys(said, names)
    reasons = [reason for each in queries.on_call_at(story.schedule.id, moment) for reason in each.reasons]
    paged, why = _paged_now(app, story, names)
    assert paged == (names or ["Mara"])
    assert set(reasons) <= set(why)
    assert set(reasons) <= set(_api_reasons(app, story, moment))
    story.forward(days=4)
    jobs.record_past_shifts()
    assert [each.name for each in queries.on_call_at(story.schedule.id, moment)] == names


def test_R29_handoffs_are_between_those_who_have_it_before_and_after(app: APIFlask, story: Rota) -> None:
    story.until(utc("2026-10-31 22:00"))
    jobs.tell_of_shifts()
    jobs.hand_over()
    handoffs = Api(app.test_client(), story.mara).get("/handoffs").get_json()["items"]
    said = [
        (each["at"], each["outgoing"] and each["outgoing"]["name"], each["incoming"]["name"])
        for each in handoffs
    ]
    number = story.schedule.id
    for at, outgoing, incoming in said:
        moment = datetime.fromisoformat(at)
        assert [each.name for each in queries.on_call_at(number, moment)] == [incoming]
        before = [each.name for each in queries.on_call_at(number, moment - timedelta(minutes=1))]
        assert before == ([outgoing] if outgoing else [])
    assert {incoming for *_, incoming in said} == {"Ana", "Bo", "Cy"}


def _places(
    app: APIFlask, story: Rota, at: datetime, feed: Callable[[User | None], str]
) -> Iterator[tuple[str, list[str]]]:
    """Each place by its name, and whom it names for this moment."""
    api, number = Api(app.test_client(), story.mara), story.schedule.id
    (row,) = api.get("/oncall").get_json()["items"]
    yield "API oncall", [user["name"] for user in row["users"]]
    (row,) = api.get("/oncall", at=at.isoformat()).get_json()["items"]
    yield "API oncall at", [user["name"] for user in row["users"]]
    span = {"from": at.isoformat(), "to": (at + timedelta(minutes=1)).isoformat()}
    shifts = api.get(f"/schedules/{number}/shifts", **span).get_json()
    yield "API shifts", [user["name"] for shift in shifts["items"] for user in shift["users"]]
    explained = api.get("/explain", service="checkout-api", at=at.isoformat()).get_json()
    yield "API explain", [user["name"] for user in explained["steps"][0]["users"]]
    board = visit(app, story.mara, "/on-call").text.partition('id="board"')[2]
    yield "On-call board", re.findall(r'<span class="name">([^<]+)', board)
    page = visit(app, story.mara, f"/schedules/{number}").text
    yield "the schedule's list", _in_the_list(page, at)
    month = visit(app, story.mara, f"/schedules/{number}?view=month&from=2026-10-31").text
    yield "the schedule's month", _in_the_month(month, at)
    team = (story.ana, story.bo, story.cy)
    profiles = {user.name: visit(app, story.mara, f"/people/{user.id}").text for user in team}
    yield "people's profiles", [name for name, page in profiles.items() if "<dd>Now, Payments primary" in page]
    room = visit(app, story.mara, f"/teams/{story.team.id}").text
    yield "the team's screen", re.findall(r'on-call">([^<]+)</a>\s*<span class="facts ">Payments primary', room)
    members = visit(app, story.mara, f"/teams/{story.team.id}?tab=members").text
    rows = members.split('<li class="row">')[1:]
    yield "the team's members", [_name_of(row) for row in rows if "On call now" in row]
    policy = visit(app, story.mara, "/escalation-policies/1").text.partition('class="story"')[2]
    yield "the policy's simulation", _in_the_story(policy)
    sheet = visit(app, story.mara, f"/shifts/{number}?at={quote(at.isoformat())}").text
    yield "the shift's sheet", _on_the_sheet(sheet.partition("<main")[2])
    chosen = visit(app, story.mara, f"/schedules/{number}?at={quote(at.isoformat())}").text
    yield "the hours beside the week", _on_the_sheet(chosen.partition('aria-label="The chosen hours"')[2])
    root = db.session.scalars(sa.select(User).where(User.role == Role.ADMINISTRATOR)).one()
    leaving = {user.name: visit(app, root, f"/people/{user.id}/departure").text for user in team}
    yield "who leaves", [name for name, page in leaving.items() if f"{name} is on call now, on Pay" in page]
    found = readiness.of([db.session.scalars(sa.select(Service)).one()], at=at)
    ready = " ".join(finding.sentence for each in found.values() for finding in each)
    yield "a service's readiness", [user.name for user in team if f"Only {user.name} would be asked" in ready]
    lacks = [item.says for item in team_readiness.of([story.team], at=at)[story.team.id]]
    nobody = not queries.on_call_at(number, at)
    assert ("Nobody is on call now on Payments primary." in lacks) is nobody
    asked = visit(app, story.mara, "/alerts/new").text
    yield "whose team's pager is asked by hand", re.findall(r">Payments: (\w+) is on call", asked)
    yield "who is asked by hand", re.findall(r">(\w+), on call, ", asked)
    jobs.tell_of_shifts()
    week = visit(app, story.mara, "/digest").text.partition("Payments primary: ")[2].partition("<")[0]
    yield "the digest", re.findall(r"(\w+) now", week)
    yield "Now", [user.name for user in team if "You have the pager" in visit(app, user, "/").text]
    yield "calendar feed", [name for event in _events(app, feed(None), at) for name in _named(event)]
    own = [user.name for user in team if _events(app, feed(user), at)]
    yield "own calendar feeds", own
    answer = app.test_client().get(feed(None), headers={"Accept": "application/json"}).get_json()
    yield (
        "calendar feed as JSON",
        [
            user["name"]
            for item in answer["items"]
            if datetime.fromisoformat(item["start"]) <= at < datetime.fromisoformat(item["end"])
            for user in item["users"]
        ],
    )


def _feeds(story: Rota) -> Callable[[User | None], str]:
    """The addresses of everybody's own calendar, and of the schedule's."""
    made: dict[int | None, str] = {}
    with transaction():
        for user in (story.ana, story.bo, story.cy):
            made[user.id] = feeds.create(user, None, at=story.clock())[1]
        made[None] = feeds.create(story.mara, story.schedule, at=story.clock())[1]
    return lambda user: f"/calendar/{made[user.id if user else None]}.ics"


def _events(app: APIFlask, address: str, at: datetime) -> list[Any]:
    file = icalendar.Calendar.from_ical(app.test_client().get(address).data)
    return [
        event
        for event in file.walk("VEVENT")
        if event["status"] == "CONFIRMED" and event["dtstart"].dt <= at < event["dtend"].dt
    ]


def _named(event: Any) -> list[str]:
    return str(event["summary"]).partition(": ")[2].split(" and ")


def _on_the_sheet(part: str) -> list[str]:
    return re.findall(r'<li class="turn">.*?<span class="name">([^<]+)', part, re.DOTALL)


def _in_the_list(page: str, at: datetime) -> list[str]:
    """Whom the day-by-day list names: the block that has begun last, by real time, on that day."""
    zone_hours = timedelta(hours=5 if at < utc("2026-11-01 07:00") else 6)
    local = (at - zone_hours).replace(tzinfo=None)
    day = page.partition(f'id="day-{local:%Y-%m-%d}"')[2].partition("</section>")[0]
    blocks = re.findall(
        r'<a class="name(?: danger)?" href="[^"]+">([^<]+)<span class="for-readers">[^<]*</span></a>\s*'
        r'<span class="facts">(\d\d:\d\d) – ',
        day,
    )
    name = [name for name, start in blocks if start <= f"{local:%H:%M}"][-1]
    return [] if name == "Nobody" else [name]


def _in_the_month(page: str, at: datetime) -> list[str]:
    """Whom the month names in the cell of that day: the block that has begun last."""
    local = (at - timedelta(hours=5 if at < utc("2026-11-01 07:00") else 6)).replace(tzinfo=None)
    cells = re.split(r'<span class="n">(\d+)</span>', page)
    days = dict(zip(cells[1::2], cells[2::2], strict=True))  # the last 1st of October's month is November's
    cell = days[str(local.day)]
    blocks = re.findall(r"<b>([^<]+)</b>(?: (\d\d:\d\d))?", cell)
    name = [name for name, start in blocks if start <= f"{local:%H:%M}"][-1]
    return [] if name == "Nobody" else [name]


def _in_the_story(part: str) -> list[str]:
    """Whom a simulated alert asks first."""
    title = _name_of(part)
    return [name for name in ("Ana", "Bo", "Cy") if name in title]


def _name_of(part: str) -> str:
    """What stands in the first name of a row, without its marks."""
    name = part.partition('<span class="name">')[2].partition('<span class="facts')[0]
    return re.sub(r"<[^>]+>", "", name).strip()


def _command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str, at: datetime, *words: str
) -> list[str]:
    monkeypatch.setenv("NIGHTBELL_INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("NIGHTBELL_DATABASE_URL", database_url)
    db.session.rollback()
    with app_clock.fixed(at):  # the command wires a clock of its own: afterwards the story's runs on
        told = CliRunner().invoke(main, [*words, "--at", at.isoformat(), "--json"])
    assert told.exit_code == 0, told.output
    answer = json.loads(told.output)
    row = (answer.get("items") or answer["steps"])[0]
    return [user["name"] for user in row["users"]]


def _paged_now(app: APIFlask, story: Rota, names: list[str]) -> tuple[list[str], list[str]]:
    """An alert comes in this minute: whom the engine pages, and the reasons that stand with the page.

    What names people beside it says the same: the alert's next, its incident's experts, whom a team sends.
    """
    incoming = IncomingAlert(dedup_key="k", title="Errors", severity=Severity.CRITICAL, status=Said.FIRING)
    with transaction():
        receive(incoming, db.session.scalars(sa.select(Integration)).one(), at=story.clock())
    alert = db.session.scalars(sa.select(Alert)).one()
    assert [user.name for user in outlook(alert).people] == (names or ["Mara"])
    assert f"Goes to <b>{(names or ['Mara'])[0]}</b>" in visit(app, story.mara, f"/alerts/{alert.number}").text
    while jobs.take_due_steps():
        pass
    pages = db.session.scalars(sa.select(Page).where(Page.kind == PageKind.PAGE).order_by(Page.id)).all()
    with transaction():
        incident = promote(db.session.merge(alert), by=story.dan, at=story.clock())
    experts = [user.name for _, user in assemble.experts(incident, story.clock())]
    assert experts == names
    room = visit(app, story.mara, f"/incidents/{incident.number}").text
    assert [name for name in ("Ana", "Bo", "Cy") if f"{name}, on call for checkout-api" in room] == names
    assert [user.name for user in assemble.primaries(story.team, story.clock())] == (names or ["Mara"])
    return [page.user.name for page in pages], [reason for page in pages for reason in page.reason]


def _api_reasons(app: APIFlask, story: Rota, at: datetime) -> list[str]:
    (row,) = Api(app.test_client(), story.mara).get("/oncall", at=at.isoformat()).get_json()["items"]
    return [reason for user in row["users"] for reason in user["reason"]]
