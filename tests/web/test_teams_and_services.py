"""Teams by tabs with their checklist, and services that are deactivated, looked after again, or removed."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.alerts import integrations
from app.alerts.models import Alert, Integration, Service
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.people.models import Team
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post, visit
from tests.support.cast import make_integration
from tests.support.world import World
from tests.web.conftest import SeenBy

SERVICE, TEAM = "/services/1", "/teams/1"
EVENT = {"event_action": "trigger", "payload": {"summary": "x", "source": "y", "severity": "error"}}


@pytest.fixture
def key(world: World) -> str:
    """A living key of checkout-api."""
    with transaction():
        door = db.session.get_one(Integration, world.cast.integration.id)
        return integrations.replace_keys(door, by=db.session.merge(world.cast.root), at=world.now)


def enqueue(app: APIFlask, key: str) -> int:
    answer = app.test_client().post("/v2/enqueue", json=EVENT | {"routing_key": key})
    return int(answer.status_code)


def service() -> Service:
    db.session.rollback()
    return db.session.get_one(Service, 1)


def test_L_SVC_06_a_deactivated_service_answers_as_for_a_wrong_key_until_it_is_looked_after_again(
    app: APIFlask, world: World, seen_by: SeenBy, key: str
) -> None:
    ada = seen_by(world.cast.ada)
    assert enqueue(app, key) == 202
    for _ in range(2):
        post(ada, f"{SERVICE}/deactivation", {}, page=SERVICE)
    assert (enqueue(app, key), enqueue(app, "no such key")) == (enqueue(app, "no such key"), enqueue(app, key))
    assert enqueue(app, key) != 202
    assert "checkout-api</a>" not in ada.get("/services").text
    assert "checkout-api</a>" in ada.get("/services?tab=deactivated").text
    assert "Its keys are refused" in ada.get(SERVICE).text
    post(ada, f"{SERVICE}/deactivation/removal", {}, page=SERVICE)
    assert enqueue(app, key) == 202


def test_L_SVC_06_ways_in_stay_shut_while_the_service_is_deactivated(
    app: APIFlask, world: World, seen_by: SeenBy
) -> None:
    ada = seen_by(world.cast.ada)
    post(ada, f"{SERVICE}/deactivation", {}, page=SERVICE)
    assert post(ada, f"{SERVICE}/integrations", {"kind": "generic"}, page=SERVICE).status_code == 409
    assert post(ada, "/integrations/1/keys", {}, page=SERVICE).status_code == 409
    root = Api(app.test_client(), world.cast.root)
    assert_problem(root.post("/integrations", {"name": "x", "kind": "events_v2", "service_id": "1"}), 422)
    assert root.get("/services/1").get_json()["is_active"] is False
    assert [one["id"] for one in root.get("/services", is_active="false").get_json()["items"]] == ["1"]
    assert root.patch("/services/1", {"is_active": True}).get_json()["is_active"] is True


def test_L_SVC_05_a_service_with_a_history_is_deactivated_and_that_stays(
    app: APIFlask, world: World, seen_by: SeenBy, key: str
) -> None:
    enqueue(app, key)
    post(seen_by(world.cast.ada), f"{SERVICE}/removal", {}, page=SERVICE)
    assert not service().is_active
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Alert)) == 1


def test_a_service_that_nothing_happened_to_goes_with_its_ways_in(world: World, seen_by: SeenBy) -> None:
    ada = seen_by(world.cast.ada)
    assert "is gone" in ada.get(post(ada, f"{SERVICE}/removal", {}, page=SERVICE).location).text
    assert ada.get(SERVICE).status_code == 404
    assert db.session.scalars(sa.select(Integration)).all() == []


@pytest.mark.parametrize("act", ["deactivation", "deactivation/removal", "removal"])
def test_another_teams_person_changes_no_service(world: World, seen_by: SeenBy, act: str) -> None:
    assert post(seen_by(world.cast.dan), f"{SERVICE}/{act}", {}, page="/me").status_code == 404
    assert service().is_active


def test_L_SVC_02_a_service_says_its_kind(world: World, seen_by: SeenBy) -> None:
    ada, fields = seen_by(world.cast.ada), {"name": "checkout-api", "kind": "application"}
    post(ada, SERVICE, fields, page=SERVICE)
    assert "application" in ada.get("/services").text
    assert post(ada, SERVICE, fields | {"kind": "legend"}, page=SERVICE).status_code == 422


def team() -> Team:
    db.session.rollback()
    return db.session.get_one(Team, 1)


def test_L_TEAM_03_L_TEAM_07_a_team_is_described_renamed_and_found(world: World, seen_by: SeenBy) -> None:
    mara, here = seen_by(world.cast.mara), f"{TEAM}?tab=settings"
    cleo, eli = world.cast.cleo.id, world.cast.eli.id
    fields: dict[str, Any] = {"name": "Money", "description": "Moves it.", "tags": "pci, ledger, PCI"}
    fields["manager_id"] = cleo
    assert post(mara, TEAM, fields, page=here).status_code == 303
    assert (team().name, team().tags, team().manager_id) == ("Money", ["pci", "ledger"], cleo)
    assert "Money</a>" in mara.get("/teams?q=LEDGER").text
    assert "No team matches." in mara.get("/teams?q=cobol").text
    for field, bad_value in {"name": "search", "tags": "x" * 41, "manager_id": eli}.items():
        answer = post(mara, TEAM, fields | {field: bad_value}, page=here)
        assert answer.status_code == 422
        assert f'id="{field}-problem"' in answer.text
    assert team().name == "Money"


def test_L_TEAM_02_the_checklist_links_each_missing_piece_and_holds_nothing_back(
    app: APIFlask, world: World
) -> None:
    page = visit(app, world.cast.mara, TEAM).text
    assert "It has no schedule: nobody is on call for it." in page
    assert "Cleo has no device that could ring." in page
    assert "Payments: " in visit(app, world.cast.mara, "/").text
    assert "of its set-up missing" not in visit(app, world.cast.ada, "/").text
    world.fire()
    world.tick()
    assert world.paged() == ["Ada"]


def test_the_checklist_is_for_those_who_may_read_the_teams_services(app: APIFlask, world: World) -> None:
    assert "Set-up" not in visit(app, world.cast.dan, TEAM).text
    assert "checkout-api" not in visit(app, world.cast.dan, f"{TEAM}?tab=services").text


def test_L_TEAM_07_a_team_has_who_is_on_call_members_services_and_settings_in_tabs(
    app: APIFlask, world: World
) -> None:
    page = visit(app, world.cast.mara, TEAM).text
    tabs = page.partition('class="tabs"')[2].partition("</nav>")[0]
    assert re.findall(r">([^<]+)</a>", tabs) == ["On call", "Members", "Services", "Settings"]
    for address in re.findall(r'href="([^"]+)"', tabs):
        assert visit(app, world.cast.mara, address).status_code == 200, address


def test_L_SVC_01_L_SVC_04_several_ways_in_feed_one_service_and_its_team_is_that_of_every_alert(
    world: World,
) -> None:
    with transaction():
        checkout = db.session.merge(world.cast.checkout)
        doors = [db.session.merge(world.cast.integration), make_integration(checkout, "generic")]
        for door in doors:
            receive(IncomingAlert(door.kind, "Disk full"), door, at=world.now)
    found = db.session.execute(sa.select(Alert.service_id, Alert.team_id).order_by(Alert.id)).all()
    assert found == [(checkout.id, world.cast.payments.id)] * 2


def test_L_TEAM_08_a_member_without_a_shift_is_flagged(app: APIFlask, world: World) -> None:
    assert "In no shift" in visit(app, world.cast.ada, f"{TEAM}?tab=members").text


def test_L_TEAM_05_what_stands_in_the_way_of_removing_a_team_is_named(
    app: APIFlask, world: World, seen_by: SeenBy
) -> None:
    mara = seen_by(world.cast.mara)
    answer = post(mara, f"{TEAM}/removal", {}, page=f"{TEAM}?tab=settings")
    assert answer.status_code == 409
    assert "the service checkout-api and the escalation policy Payments critical" in answer.text
    refused = assert_problem(Api(app.test_client(), world.cast.root).delete("/teams/1"), 409)
    assert "checkout-api" in refused["detail"]
    with transaction():
        policy = db.session.merge(world.cast.policy)
        before, policy.steps = policy.steps, [{"wait_minutes": 5, "targets": [{"kind": "team", "id": "2"}]}]
    answer = post(mara, "/teams/2/removal", {}, page="/teams/2?tab=settings")
    assert "the escalation policy Payments critical, which asks it" in answer.text
    with transaction():
        db.session.merge(policy).steps = before
    assert post(mara, "/teams/2/removal", {}, page="/teams/2?tab=settings").status_code == 303
    assert mara.get("/teams/2").status_code == 404


def test_only_its_managers_change_a_team(world: World, seen_by: SeenBy) -> None:
    for path in (TEAM, f"{TEAM}/removal"):
        assert post(seen_by(world.cast.ada), path, {"name": "x"}, page="/me").status_code == 403
    assert team().name == "Payments"
