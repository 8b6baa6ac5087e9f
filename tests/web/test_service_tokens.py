"""Programs that belong to nobody: made by administrators, never paged or listed, ended at once."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.alerts import last_resort
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import Role
from app.oncall.queries import people_for
from app.people import change_user, queries, service_accounts
from app.people.models import ApiToken, User
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

PAGE = "/organisation/tokens"
TERRAFORM = {"name": "Terraform", "role": "administrator", "scope": "admin", "lasts": "365"}


def make(root: FlaskClient, **changes: str) -> str:
    answer = post(root, PAGE, TERRAFORM | changes, page=PAGE)
    assert answer.status_code == 200
    found = re.search(r'<pre id="token"[^>]*>(nb_[\w-]+)<', answer.text)
    assert found is not None
    return found[1]


def ask(client: FlaskClient, token: str, path: str = "/api/v1/users") -> int:
    return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_SEC4_a_program_has_a_token_of_its_own_shown_once_and_ended_at_once(
    client: FlaskClient, world: World, seen_by: SeenBy
) -> None:
    root = seen_by(world.cast.root)
    token = make(root)
    assert ask(client, token) == 200
    assert token not in root.get(PAGE).text
    assert "last used" in root.get(PAGE).text
    number = db.session.scalars(sa.select(ApiToken.id)).one()
    assert post(root, f"{PAGE}/{number}/removal", {}, page=PAGE).status_code == 303
    assert ask(client, token) == 401
    assert post(root, f"{PAGE}/{number}/removal", {}, page=PAGE).status_code == 303


def test_it_goes_on_when_whoever_made_it_leaves(client: FlaskClient, world: World, seen_by: SeenBy) -> None:
    token = make(seen_by(world.cast.root), role="manager", scope="write")
    with transaction():
        db.session.merge(world.cast.cleo).role = Role.ADMINISTRATOR
    with transaction():
        cleo, root = db.session.merge(world.cast.cleo), db.session.merge(world.cast.root)
        change_user.let_go(root, by=cleo, at=world.now)
    assert ask(client, token, "/api/v1/teams") == 200


def test_it_is_never_paged_never_listed_and_no_administrator_who_could_let_anybody_in(
    client: FlaskClient, world: World, seen_by: SeenBy
) -> None:
    make(seen_by(world.cast.root))
    account = db.session.scalars(sa.select(User).where(User.is_service)).one()
    assert account not in [*queries.active_users(), *queries.responders(), *queries.administrators()]
    assert "Terraform" not in seen_by(world.cast.root).get("/people").text
    assert people_for([{"kind": "user", "id": str(account.id)}], world.now) == []
    named = [
        user.id for people, _ in last_resort.line_of(world.cast.payments.id, None, None) for user in people
    ]
    assert account.id not in named
    with transaction():
        root, mara = db.session.merge(world.cast.root), db.session.merge(world.cast.mara)
        with pytest.raises(InvalidField, match="last administrator"):
            change_user.let_go(root, by=mara, at=world.now)


def test_its_scope_is_within_its_role_and_what_is_wrong_is_told(world: World, seen_by: SeenBy) -> None:
    root = seen_by(world.cast.root)
    for changes in ({"name": ""}, {"role": "emperor"}, {"role": "responder"}, {"lasts": "7"}, {"scope": "x"}):
        assert post(root, PAGE, TERRAFORM | changes, page=PAGE).status_code == 422, changes
    assert db.session.scalars(sa.select(ApiToken)).all() == []


def test_only_administrators_make_them_and_personal_tokens_are_none(world: World, seen_by: SeenBy) -> None:
    assert seen_by(world.cast.mara).get(PAGE).status_code == 403
    ada = seen_by(world.cast.ada)
    post(ada, "/me/tokens", {"name": "mine", "scope": "read", "lasts": "30"}, page="/me/tokens")
    number = db.session.scalars(sa.select(ApiToken.id)).one()
    assert post(seen_by(world.cast.root), f"{PAGE}/{number}/removal", {}, page=PAGE).status_code == 404
    with transaction():
        assert list(service_accounts.living()) == []


def test_INV12_somebody_who_now_only_looks_on_is_passed_over_by_the_step(world: World) -> None:
    with transaction():
        db.session.merge(world.cast.ada).role = Role.STAKEHOLDER
    world.fire()
    world.tick()
    assert world.paged() == ["Ben"]
