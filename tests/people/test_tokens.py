"""API tokens: shown once, hashed, limited by scope, role, time and revocation."""

from datetime import timedelta

import pytest
from apiflask import APIFlask

from app.database import db
from app.domain.timeline import Kind, Subject
from app.domain.words import Role
from app.people import tokens
from app.people.models import ApiToken
from app.people.rights import Scope
from app.timeline.queries import events_about
from tests.support.cast import make_user
from tests.support.clock import TestClock


def test_SEC4_a_token_is_known_by_its_hash_and_the_row_holds_nothing_usable(
    app: APIFlask, clock: TestClock
) -> None:
    ada = make_user("Ada")
    token, plain = tokens.create(ada, name="terraform", scopes=["read"], by=ada, at=clock())
    assert plain.startswith("nb_")
    assert len(plain) == 46
    assert token.prefix == plain[:9]
    assert plain not in str([getattr(token, column.name) for column in ApiToken.__table__.columns])
    assert tokens.verify(plain, at=clock()) is token
    assert [event.kind for event in events_about(Subject.TOKEN, token.id)] == [Kind.CREATED]


def test_an_unknown_revoked_or_expired_token_opens_nothing(app: APIFlask, clock: TestClock) -> None:
    ada = make_user("Ada")
    token, plain = tokens.create(ada, name="a", scopes=["read"], at=clock())
    _, short = tokens.create(
        ada, name="b", scopes=["read"], at=clock(), expires_at=clock() + timedelta(hours=1)
    )
    assert tokens.verify("nb_wrong", at=clock()) is None
    assert tokens.verify(plain.removeprefix("nb_"), at=clock()) is None
    assert tokens.verify(short, at=clock.advance(minutes=59)) is not None
    assert tokens.verify(short, at=clock.advance(minutes=1)) is None
    tokens.revoke(token, by=ada, at=clock())
    tokens.revoke(token, by=ada, at=clock())
    assert tokens.verify(plain, at=clock()) is None
    assert [event.kind for event in events_about(Subject.TOKEN, token.id)] == [Kind.CREATED, Kind.DELETED]


@pytest.mark.parametrize(
    ("role", "scopes", "words"),
    [
        (Role.RESPONDER, ["admin"], "more than a responder may do"),
        (Role.STAKEHOLDER, ["read", "write"], "more than a stakeholder may do"),
        (Role.ADMINISTRATOR, ["everything"], "No scope is called 'everything'"),
        (Role.ADMINISTRATOR, [], "needs a scope"),
    ],
)
def test_a_scope_beyond_the_role_is_refused_in_words(
    app: APIFlask, clock: TestClock, role: Role, scopes: list[str], words: str
) -> None:
    with pytest.raises(tokens.ScopeRefused, match=words):
        tokens.create(make_user("Ada", role), name="x", scopes=scopes, at=clock())


def test_SEC17_a_demoted_persons_token_may_less_from_then_on(app: APIFlask, clock: TestClock) -> None:
    root = make_user("Root", Role.ADMINISTRATOR)
    token, plain = tokens.create(root, name="x", scopes=["admin"], at=clock())
    assert tokens.scopes_of(token) == {Scope.READ, Scope.WRITE, Scope.ADMIN}
    root.role = Role.STAKEHOLDER
    assert tokens.scopes_of(token) == {Scope.READ}
    root.is_active = False
    db.session.flush()
    assert tokens.verify(plain, at=clock()) is None


def test_a_use_is_noted_once_a_minute(app: APIFlask, clock: TestClock) -> None:
    token, _ = tokens.create(make_user("Ada"), name="x", scopes=["read"], at=clock())
    assert tokens.use_is_worth_noting(token, at=clock())
    tokens.note_use(token, at=clock())
    assert not tokens.use_is_worth_noting(token, at=clock.advance(seconds=59))
    assert tokens.use_is_worth_noting(token, at=clock.advance(seconds=1))
