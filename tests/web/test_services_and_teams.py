"""Services and teams: real doors, small; each also shut for the wrong person."""

import re
from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import clock
from app.alerts import integrations
from app.alerts.models import Integration
from app.database import db, transaction
from app.domain.timeline import Kind, Subject
from app.domain.words import TeamRole
from app.people import queries
from app.people.models import Membership
from app.timeline.queries import events_about
from tests.support.browser_forms import post, sign_in
from tests.support.cast import Cast


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


def test_a_service_says_in_words_what_it_lacks(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ada)
    for path in ("/services", f"/services/{cast.checkout.id}"):
        page = client.get(path).text
        assert "checkout-api" in page
        assert "Nobody knows whether a page rings at Ada&#39;s: no test page or drill answered lately." in page
    with transaction():
        cast.devices["Ada"].removed_at = cast.checkout.created_at
    assert "Nothing would ring for checkout-api: Ada has no device." in client.get("/services").text


def test_SEC16_a_member_makes_and_changes_services_of_the_own_team_only(
    cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.dan)
    refused = post(client, "/services", {"name": "Ledger", "team_id": str(cast.payments.id)}, page="/services")
    assert refused.status_code == 403
    for path in ("", "/deactivation", "/integrations"):
        answer = post(
            client, f"/services/{cast.checkout.id}{path}", {"name": "x", "kind": "generic"}, page="/me"
        )
        assert answer.status_code == 404
    assert post(client, f"/integrations/{cast.integration.id}/keys", {}, page="/me").status_code == 404
    made = post(client, "/services", {"name": "Index", "team_id": str(cast.search.id)}, page="/services")
    assert made.status_code == 303
    assert "Create key" in client.get(made.location).text
    assert client.get(f"/services/{cast.checkout.id}").status_code == 404
    assert "checkout-api" not in client.get("/services").text


def test_a_service_is_changed_with_an_event_and_twice_is_once(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ada)
    fields = {
        "name": "checkout",
        "escalation_policy_id": "",
        "owner_id": str(cast.ben.id),
        "description": "Pays",
    }
    for _ in range(2):
        answer = post(client, f"/services/{cast.checkout.id}", fields, page=f"/services/{cast.checkout.id}")
        assert answer.status_code == 303
    assert (cast.checkout.name, cast.checkout.escalation_policy_id) == ("checkout", None)
    assert (cast.checkout.owner_id, cast.checkout.description) == (cast.ben.id, "Pays")
    assert [event.kind for event in events_about(Subject.SERVICE, cast.checkout.id)] == [Kind.CHANGED]


def test_a_name_that_is_taken_is_refused_beside_its_field(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ada)
    fields = {"name": "Checkout-API", "team_id": str(cast.payments.id)}
    answer = post(client, "/services", fields, page="/services")
    assert answer.status_code == 422
    assert "There is a service of this name already." in answer.text
    assert 'value="Checkout-API"' in answer.text
    bad = {"name": "ok", "owner_id": "999", "escalation_policy_id": "999", "description": "x" * 2001}
    answer = post(client, f"/services/{cast.checkout.id}", bad, page="/services")
    for field in ("owner_id", "escalation_policy_id", "description"):
        assert f'id="{field}-problem"' in answer.text


def test_SEC4_a_key_ends_when_the_form_says(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ada)
    there = f"/services/{cast.checkout.id}"
    fields = {"kind": "generic", "integration_name": "Cron", "lasts": "90"}
    assert post(client, f"{there}/integrations", fields | {"lasts": "4000000"}, page=there).status_code == 422
    made = post(client, f"{there}/integrations", fields, page=there)
    found = re.search(r"Bearer (nbi_\w+)", made.text)
    assert found is not None
    door = integrations.find_by_key(found.group(1), at=clock.now())
    assert door is not None
    assert door.expires_at == clock.now() + timedelta(days=90)
    refused = post(client, f"/integrations/{door.id}/keys", {"lasts": "soon"}, page=there)
    assert refused.status_code == 422
    assert "Choose how long it lasts." in refused.text
    second = post(client, f"/integrations/{door.id}/keys", {"lasts": ""}, page=there)
    found = re.search(r"Bearer (nbi_\w+)", second.text)
    assert found is not None
    door = integrations.find_by_key(found.group(1), at=clock.now() + timedelta(days=5000))
    assert door is not None
    assert door.expires_at is None


def test_a_key_is_shown_once_and_a_second_lives_beside_it_until_the_first_is_ended(
    cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.ada)
    there = f"/services/{cast.checkout.id}"
    made = post(client, f"{there}/integrations", {"kind": "generic", "integration_name": "Cron"}, page=there)
    old = re.search(r"nbi_\w+", made.text)
    assert old is not None
    found = integrations.find_by_key(old.group(), at=clock.now())
    assert found is not None
    assert found.name == "Cron"
    changed = post(client, f"/integrations/{found.id}/keys", {}, page=there)
    new = re.search(r"nbi_\w+", changed.text)
    assert new is not None
    assert integrations.find_by_key(old.group(), at=clock.now()) is not None
    assert post(client, f"/integrations/{found.id}/keys", {}, page=there).status_code == 409
    ended = f"/integrations/{found.id}/keys/{found.key_id}/removal"
    assert post(client, ended, {}, page=there).status_code == 303
    assert integrations.find_by_key(old.group(), at=clock.now()) is None
    assert (
        post(
            client, f"/integrations/{cast.integration.id}/keys/{found.key_id}/removal", {}, page=there
        ).status_code
        == 404
    )
    assert integrations.find_by_key(new.group(), at=clock.now()) is not None
    assert new.group() not in client.get(there).text
    again = post(client, f"{there}/integrations", {"kind": "events_v2", "integration_name": "cron"}, page=there)
    assert again.status_code == 422
    assert 'id="integration_name-problem"' in again.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Integration)) == 2


def test_L_TEAM_01_a_team_is_made_by_whoever_responds_and_is_its_first_manager(
    cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.eli)
    assert post(client, "/teams", {"name": "Ledger"}, page="/me").status_code == 403
    for maker, name in ((cast.mara, "Ledger"), (cast.ada, "Vault")):
        sign_in(client, maker)
        made = post(client, "/teams", {"name": name}, page="/teams")
        assert made.status_code == 303
        members = f"{made.location}?tab=members"
        assert maker.name in client.get(members).text
        added = post(client, f"{made.location}/members", {"user_id": str(cast.dan.id)}, page=members)
        assert added.status_code == 303, "who made it fills it"
        again = post(client, "/teams", {"name": name.lower()}, page="/teams")
        assert again.status_code == 422
        assert f'value="{name.lower()}"' in again.text


def test_SEC16_members_come_and_go_by_who_manages_the_team(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ada)
    path = f"/teams/{cast.payments.id}/members"
    assert post(client, path, {"user_id": str(cast.dan.id)}, page="/me").status_code == 403
    assert post(client, f"{path}/{cast.ben.id}/removal", {}, page="/me").status_code == 403
    sign_in(client, cast.mara)
    for _ in range(2):
        fields = {"user_id": str(cast.dan.id), "role": "manager"}
        assert post(client, path, fields, page=f"/teams/{cast.payments.id}?tab=members").status_code == 303
    role = db.session.scalars(
        db.select(Membership.role).where(
            Membership.team_id == cast.payments.id, Membership.user_id == cast.dan.id
        )
    ).one()
    assert role == TeamRole.MANAGER
    for _ in range(2):
        post(client, f"{path}/{cast.dan.id}/removal", {}, page=f"/teams/{cast.payments.id}?tab=members")
    assert queries.teams_of(cast.dan) == [cast.search]
    assert post(client, path, {"user_id": str(cast.eli.id)}, page="/me").status_code == 404
    assert post(client, path, {"user_id": "x"}, page="/me").status_code == 404
    assert client.get("/teams/999").status_code == 404
