"""What the reference product and its way of working say of an incident, row by row, where no file does."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.database import db
from app.domain.update import NAMES
from app.notices.models import Notice
from app.people.models import User
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN, LIVE, WRITE = "/incidents/1", "/incidents/1/live", "/incidents/1/updates/new"
OPTION = {"what": "Roll back", "risk": "low", "rationale": "Began after the deploy", "kind": "mitigation"}


@pytest.fixture
def later(declared: World) -> World:
    """Ada has commanded incident 1 for eighteen minutes."""
    declared.clock.advance(minutes=18)
    return declared


def told(user: User, event: str) -> list[str]:
    rows = sa.select(Notice.title).where(Notice.user_id == user.id, Notice.event == event)
    return list(db.session.scalars(rows.order_by(Notice.id)))


def field(page: str, name: str) -> str:
    """What the form of an update is filled with."""
    found = re.search(
        rf'<textarea[^>]*name="{name}"[^>]*>([^<]*)<|<input[^>]*name="{name}"[^>]*value="([^"]*)"', page
    )
    assert found is not None, name
    return (found[1] or found[2] or "").strip()


def test_S23_L_INC_01_what_is_declared_is_told_to_its_teams_and_stands_where_everybody_looks(
    later: World, seen_by: SeenBy
) -> None:
    cast = later.cast
    assert told(cast.ben, "incident_declared") == ["SEV1 declared: Checkout errors at 14 %"]
    assert not told(cast.ada, "incident_declared")  # who made it is not told (L-NOT-07)
    for person in (cast.ben, cast.dan, cast.mara, cast.eli):
        client = seen_by(person)
        assert "Checkout errors at 14 %" in client.get("/incidents").text
        assert "Checkout errors at 14 %" in client.get(LIVE).text
    refused = post(seen_by(cast.eli), "/incidents", {"severity": "sev3"}, page="/me/security")
    assert refused.status_code == 403


def panel(page: str, heading: str) -> str:
    """What stands below a heading of the workspace, up to the next panel."""
    found = re.search(rf"<h2[^>]*>{heading}[^<]*</h2>(.*?)</section>", page, re.S)
    assert found is not None, heading
    return found[1]


def test_S31_L_WRK_01_what_is_done_in_the_workspace_stands_in_its_panel(later: World, seen_by: SeenBy) -> None:
    ada = seen_by(later.cast.ada)
    said = dict.fromkeys(NAMES, "Cards fail") | {"audience": "responders", "after": "0", "next": "60"}
    for path, fields, heading, shown in (
        ("symptoms", {"text": "502 from <it>"}, "Round 1", "502 from &lt;it&gt;"),
        ("options", OPTION, "Round 1", "Roll back"),
        ("tasks", {"text": "Call the bank"}, "Tasks", "Call the bank"),
        ("severity", {"severity": "sev2"}, "Timeline", "SEV2"),
        ("impact", {"impact": "Who pays by card"}, "Details", "Who pays by card"),
        ("notes", {"text": "Look at the plan"}, "Timeline", "Look at the plan"),
        ("updates", said, "Updates", "Cards fail"),
        ("people", {"user_id": later.cast.ben.id}, "People", "Ben"),
    ):
        assert shown not in panel(ada.get(SCREEN).text, heading), path
        assert post(ada, f"{SCREEN}/{path}", fields, page=SCREEN).status_code == 303, path
        page = ada.get(SCREEN).text
        assert shown in panel(page, heading), path
        assert f'action="{SCREEN}/{path}"' in page or path == "updates"  # which has a screen of its own
    assert "Checkout errors at 14 %" in panel(ada.get(SCREEN).text, "Alerts")


def test_S37_what_people_see_propose_and_did_is_told_to_the_commander(later: World, seen_by: SeenBy) -> None:
    cast = later.cast
    ada, ben = seen_by(cast.ada), seen_by(cast.ben)
    post(ben, f"{SCREEN}/symptoms", {"text": "502 from the gateway"}, page=SCREEN)
    post(ben, f"{SCREEN}/notes", {"text": "Shall I call the bank?", "to_all": "yes"}, page=SCREEN)
    post(ben, f"{SCREEN}/options", OPTION, page=SCREEN)
    post(ada, f"{SCREEN}/options/1/approval", {}, page=SCREEN)
    post(ben, f"{SCREEN}/options/1/start", {}, page=SCREEN)
    post(ben, f"{SCREEN}/options/1/result", {"outcome": "worked", "result": "1 %"}, page=SCREEN)
    assert [title.split(" on ")[0] for title in told(cast.ada, "incident_comment")] == [
        "Ben reports", "Ben", "Ben reports",
    ]  # fmt: skip
    assert told(cast.ada, "option_waits") == ["Decide: Roll back"]
    post(ada, f"{SCREEN}/symptoms", {"text": "Carts are empty"}, page=SCREEN)
    assert len(told(cast.ada, "incident_comment")) == 3  # nobody is told of what they wrote
    assert not told(cast.cleo, "incident_comment")


def test_S43_a_short_term_fix_is_marked_apart_from_a_permanent_one(
    later: World, seen_by: SeenBy, client: FlaskClient
) -> None:
    ada = seen_by(later.cast.ada)
    post(ada, f"{SCREEN}/options", OPTION, page=SCREEN)
    post(ada, f"{SCREEN}/options", OPTION | {"what": "Mend the query", "kind": "permanent"}, page=SCREEN)
    marks = dict(
        re.findall(r'<span class="label">([^<]*fix)</span></div>\s*<h3[^>]*>([^<]*)<', ada.get(SCREEN).text)
    )
    assert marks == {"short-term fix": "Roll back", "permanent fix": "Mend the query"}
    for path, fields in (("approval", {}), ("start", {}), ("result", {"outcome": "worked", "result": "1 %"})):
        post(ada, f"{SCREEN}/options/1/{path}", fields, page=SCREEN)
    # what restored the service is no permanent fix: that one still waits, and the incident is not over
    kinds = {each["what"]: (each["kind"], each["state"]) for each in
             Api(client, later.cast.ada).get("/incidents/1/options").get_json()["options"]}  # fmt: skip
    assert kinds == {"Roll back": ("mitigation", "done"), "Mend the query": ("permanent", "proposed")}
    assert post(ada, f"{SCREEN}/options", OPTION | {"kind": ""}, page=SCREEN).status_code == 409
    post(ada, f"{SCREEN}/mitigation", {}, page=SCREEN)
    page = ada.get(SCREEN).text
    assert re.search(r'<span class="pill ok">[^<]*(<[^>]*>)*[^<]*Mitigated', page) is not None
    assert "Round 1 · short-term fix, tried" in panel(page, "Round 2")
    assert "Mend the query" in panel(page, "Round 2")


def test_S50_the_update_names_the_services(later: World, seen_by: SeenBy) -> None:
    assert field(seen_by(later.cast.ada).get(WRITE).text, "service") == "checkout-api"


def test_S51_the_update_counts_the_time_since_it_began(later: World, seen_by: SeenBy) -> None:
    client = seen_by(later.cast.ada)
    assert field(client.get(WRITE).text, "since").endswith(", 18 min")
    later.clock.advance(hours=2)
    assert field(client.get(WRITE).text, "since").endswith(", 2 h 18 min")


def test_S53_the_update_says_how_far_it_is(later: World, seen_by: SeenBy) -> None:
    client = seen_by(later.cast.ada)
    assert field(client.get(WRITE).text, "how_far") == "Detected, finding out why"
    for path, says in (("containment", "Containing"), ("mitigation", "Mitigated, watching it")):
        post(client, f"{SCREEN}/{path}", {}, page=SCREEN)
        assert field(client.get(WRITE).text, "how_far") == says


def test_S54_the_update_tells_of_the_steps_and_what_came_of_them(later: World, seen_by: SeenBy) -> None:
    client = seen_by(later.cast.ada)
    post(client, f"{SCREEN}/options", OPTION, page=SCREEN)
    for path, fields in (("approval", {}), ("start", {})):
        post(client, f"{SCREEN}/options/1/{path}", fields, page=SCREEN)
    assert field(client.get(WRITE).text, "steps") == "Next: Roll back."
    post(client, f"{SCREEN}/options/1/result", {"outcome": "helped", "result": "14 % to 9 %"}, page=SCREEN)
    assert field(client.get(WRITE).text, "steps") == "Roll back helped: 14 % to 9 %."


def test_L_WRK_08_every_update_repeats_severity_phase_commander_and_where_to_look(
    later: World, seen_by: SeenBy
) -> None:
    ada = seen_by(later.cast.ada)
    page = ada.get(WRITE).text
    said = {name: field(page, name) for name in NAMES} | {
        "audience": "organisation",
        "after": "0",
        "next": "60",
    }
    post(ada, f"{SCREEN}/updates", said, page=WRITE)
    sent = db.session.scalars(sa.select(Notice).where(Notice.event == "incident_update")).all()
    assert {each.user.name for each in sent} >= {"Ben", "Cleo", "Dan", "Eli", "Mara"}
    for each in sent:
        assert "How bad: SEV1" in each.body
        assert "How far: Detected, finding out why" in each.body
        assert "Who: Ada leads" in each.body
        assert each.link == SCREEN


def test_L_INC_02_L_INC_08_each_field_has_its_value_and_the_alerts_lead_to_their_pages(
    later: World, seen_by: SeenBy
) -> None:
    ada = seen_by(later.cast.ada)
    post(ada, f"{SCREEN}/people", {"team": later.cast.search.id}, page=SCREEN)
    post(ada, f"{SCREEN}/impact", {"impact": "Who pays by card"}, page=SCREEN)
    page = ada.get(SCREEN).text
    head = page[page.index('<header id="incident-1"') : page.index("</header>", page.index('id="incident-1"'))]
    assert re.search(r"<h1>Checkout errors at 14 %</h1>", head)
    assert re.search(r"<b>18 min</b>", head)
    assert re.search(r"<b>Ada</b><span class=\"facts\">Commander since", head)
    for mark in ("SEV1", ">Open<"):
        assert mark in head, mark
    terms = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)<", panel(page, "Details")))
    assert (terms["Services"], terms["Who notices"], terms["Declared by"], terms["Who sees it"]) == (
        "checkout-api", "Who pays by card", "Ada", "Everybody here",
    )  # fmt: skip
    assert terms["Declared"].endswith("GMT")
    (row,) = re.findall(r'<li[^>]*id="alert-row-1".*?</li>', panel(page, "Alerts"), re.S)
    assert 'href="/alerts/1"' in row
    for fact in ("Checkout errors at 14 %", "checkout-api", "Critical"):
        assert fact in row, fact
    assert (terms["Team"], terms["Supported by"]) == ("Payments", "Search")
    assert "Commander since" in panel(page, "People")


def test_L_INC_04_the_next_move_is_offered_by_its_state_and_the_list_shows_what_is_open(
    later: World, seen_by: SeenBy
) -> None:
    client = seen_by(later.cast.ada)

    def offered() -> set[str]:
        page = client.get(SCREEN).text
        words = ("containment", "mitigation", "resolution", "closure", "reopening")
        return {each for each in words if f'action="{SCREEN}/{each}"' in page}

    assert offered() == {"containment", "mitigation", "resolution"}
    post(client, f"{SCREEN}/resolution", {"resolution": "Rolled back"}, page=SCREEN)
    assert {"closure", "reopening"} <= offered()
    assert 'id="incident-row-1"' not in client.get("/incidents").text
    assert 'id="incident-row-1"' in client.get("/incidents?tab=all").text


def test_L_INC_06_filters_are_in_the_address_or_within_a_field_and_across_them(
    later: World, seen_by: SeenBy
) -> None:
    ada = seen_by(later.cast.ada)
    assert 'aria-label="Filters"' not in ada.get("/incidents").text  # one is seen without
    for severity, title in (("sev3", "Slow search"), ("sev1", "Login fails"), ("sev2", "Old fire")):
        post(ada, "/incidents", {"severity": severity, "title": title}, page="/incidents")
    later.clock.advance(minutes=5)
    post(ada, "/incidents/4/people", {"team": later.cast.search.id}, page="/incidents/4")
    service = str(later.cast.checkout.id)

    def listed(query: str) -> list[int]:
        return [int(n) for n in re.findall(r'id="incident-row-(\d+)"', ada.get(f"/incidents?{query}").text)]

    assert listed("") == [3, 1, 4, 2]  # the worst first, the newest of these before
    assert listed("severity=sev1&severity=sev3") == [3, 1, 2]
    assert listed(f"severity=sev1&severity=sev3&service={service}") == [1]
    assert listed(f"team={later.cast.search.id}") == [4]
    assert listed("sort=-elapsed")[0] == 1
    assert listed("sort=elapsed") == [4, 3, 2, 1]
    assert listed("sort=number") == [1, 2, 3, 4]
    assert listed("severity=sev9&service=x&team=99999999999&sort=?") == [3, 1, 4, 2]
    assert "No incident of this list matches." in ada.get("/incidents?severity=sev5").text
    page = ada.get("/incidents?severity=sev1").text
    assert re.search(r'href="/incidents" aria-current="true">SEV1 <span class="n">2<', page)
    assert 'href="/incidents?severity=sev1&amp;severity=sev3"' in page
    assert 'href="/incidents?severity=sev1&amp;sort=number"' in page
    post(ada, "/incidents/1/resolution", {"resolution": "Rolled back"}, page=SCREEN)
    assert listed("tab=all&severity=sev1") == [3, 1]


def test_L_INC_10_L_WRK_06_a_stakeholder_of_any_team_reads_the_live_page_and_changes_nothing(
    later: World, seen_by: SeenBy
) -> None:
    client = seen_by(later.cast.eli)
    page = client.get(LIVE).text
    for words in ("Checkout errors at 14 %", "Ada leads", "SEV1"):
        assert words in page, words
    for path in ("containment", "notes", "severity", "tasks", "updates", "command"):
        assert post(client, f"{SCREEN}/{path}", {"text": "x"}, page="/me/security").status_code == 403, path


def test_L_INC_11_whoever_follows_is_told_of_a_changed_field_unless_they_wish_otherwise(
    later: World, seen_by: SeenBy
) -> None:
    cast = later.cast
    ada, ben, eli = seen_by(cast.ada), seen_by(cast.ben), seen_by(cast.eli)
    post(eli, f"{SCREEN}/subscription", {"watch": "yes"}, page=LIVE)
    earlier = {"detected_at": (later.now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"), "because": "My log"}
    for path, fields in (
        ("severity", {"severity": "sev2"}), ("impact", {"impact": "Who pays"}), ("detection", earlier),
        ("severity", {"severity": "sev2"}),  # the same again is no change
    ):  # fmt: skip
        assert post(ben, f"{SCREEN}/{path}", fields, page=SCREEN).status_code == 303
    heard = ["Now SEV2", "Who notices", "Other time of detection"]
    for person in (cast.eli, cast.ada):
        assert [title.partition(":")[0] for title in told(person, "incident_status")] == heard
    assert not told(cast.ben, "incident_status")  # who did it
    assert not told(cast.dan, "incident_status")  # of another team
    post(eli, f"{SCREEN}/subscription", {"watch": "no"}, page=LIVE)
    post(ada, f"{SCREEN}/severity", {"severity": "sev3"}, page=SCREEN)
    assert len(told(cast.eli, "incident_status")) == 3


def test_L_INC_12_now_lists_the_open_incident_of_whoever_is_in_it(later: World, seen_by: SeenBy) -> None:
    assert "Checkout errors at 14 %" in seen_by(later.cast.ada).get("/").text


def test_L_WRK_02_L_WRK_03_comments_and_work_notes_are_apart_and_both_stand_in_the_timeline(
    later: World, seen_by: SeenBy
) -> None:
    ada, eli = seen_by(later.cast.ada), seen_by(later.cast.eli)
    post(ada, f"{SCREEN}/notes", {"text": "The query plan changed."}, page=SCREEN)
    post(ada, f"{SCREEN}/notes", {"text": "Cards work again.", "to_all": "yes"}, page=SCREEN)
    page = ada.get(f"{SCREEN}/timeline").text
    assert "The query plan changed." in page
    assert "Cards work again." in page
    assert "The query plan changed." not in eli.get(LIVE).text  # a work note is for those who work on it


def test_L_WRK_05_the_brief_for_whoever_joins_is_one_page_reached_from_the_workspace(
    later: World, seen_by: SeenBy
) -> None:
    client = seen_by(later.cast.ben)
    assert f'href="{LIVE}"' in client.get(SCREEN).text
    page = client.get(LIVE).text
    for words in ("Checkout errors at 14 %", "Ada leads", "Nothing tried yet."):
        assert words in page, words
