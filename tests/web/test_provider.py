"""SEC-13: single sign-on, against a small real provider and against one that lies."""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from joserfc.jwk import OctKey, RSAKey
from werkzeug.test import TestResponse

from app.config import ConfigurationError
from app.database import db, transaction
from app.domain.words import Role, SecondFactorFor
from app.people import change_user, invitations, provider_accounts, queries
from app.people.models import Organisation, Session, User
from app.people.oidc import provider as provider_of
from app.people.ways_in import Begun, CodeApp, ProviderAccount
from app.timeline.models import Event
from tests.support.browser_forms import post, sign_in
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.databases import settings_for
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, Provider, provider

RETURN = "/login/provider/return"


@pytest.fixture
def idp() -> Iterator[Provider]:
    with provider() as idp:
        yield idp


@pytest.fixture
def setting_changes(idp: Provider) -> dict[str, object]:
    return {
        "base_url": "http://localhost",
        "oidc_issuer": idp.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_name": "Example ID",
        "private_hosts": idp.issuer.removeprefix("http://"),
    }


@pytest.fixture
def cast(app: APIFlask, idp: Provider, clock: TestClock) -> Iterator[Cast]:
    idp.now = int(clock().timestamp())
    with transaction():
        cast = Cast()
        # Dan has linked his account
        provider_accounts.link(
            cast.dan, issuer=idp.issuer, subject="dan-there", email="d@x.example", at=clock()
        )
    yield cast
    provider_of.cache_clear()


def go(client: FlaskClient, path: str = "/login/provider") -> str:
    """Set off; answers where to."""
    answer = client.get(path)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def state_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


def come_back(client: FlaskClient, idp: Provider, *, path: str = "/login/provider") -> TestResponse:
    """The whole trip, as a person who says yes makes it."""
    address = go(client, path)
    return client.get(RETURN, query_string={"code": idp.approve(address), "state": state_of(address)})


def everything() -> list[Any]:
    """What must be as before after a trip that failed."""
    db.session.rollback()
    return [
        [tuple(row) for row in db.session.execute(db.select(model.__table__))]
        for model in (User, Session, ProviderAccount, Event)
    ]


def test_SEC13_somebody_whose_account_is_linked_signs_in(
    cast: Cast, idp: Provider, client: FlaskClient
) -> None:
    assert "Sign in with Example ID" in client.get("/login").text
    idp.subject = "dan-there"
    address = go(client, "/login/provider?next=/me/devices")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{idp.issuer}/authorize?")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://localhost{RETURN}"
    assert len(asked["state"]) == len(asked["nonce"]) == len(asked["code_challenge"]) == 43
    answer = client.get(RETURN, query_string={"code": idp.approve(address), "state": asked["state"]})
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    assert "Dan" in client.get("/me").text
    [sent] = [sent for path, sent in idp.asked if path == "/token"]
    secret = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode().replace(" ", "")
    assert sent["authorization"].startswith("Basic ")
    assert sent["authorization"].removeprefix("Basic ") == secret
    assert CLIENT_SECRET not in address


def test_SEC13_an_open_invitation_and_a_verified_address_let_somebody_join(
    cast: Cast, idp: Provider, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        invitations.invite(["gus@x.example"], role="responder", by=cast.ada, at=clock())
    answer = come_back(client, idp)
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    gus = queries.user_by_email("gus@x.example")
    assert gus is not None
    assert (gus.name, gus.role, gus.password_hash) == ("Gus Grind", Role.RESPONDER, None)
    client.delete_cookie("__Host-nightbell")
    assert come_back(client, idp).location == "/"


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_SEC13_an_address_that_is_not_verified_joins_nobody(
    verified: object, cast: Cast, idp: Provider, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        invitations.invite(["gus@x.example"], role="responder", by=cast.ada, at=clock())
    idp.verified = verified
    before = everything()
    answer = come_back(client, idp)
    assert answer.status_code == 403
    assert "Nightbell does not yet" in answer.text
    assert everything() == before


@pytest.mark.parametrize("verified", [True, False])
def test_SEC13_an_address_alone_never_opens_somebodys_door(
    verified: bool, cast: Cast, idp: Provider, client: FlaskClient
) -> None:
    idp.email, idp.verified = "root@nightbell.example", verified
    before = everything()
    answer = come_back(client, idp)
    assert answer.status_code == 403
    assert "Root" not in answer.text
    assert everything() == before


def test_somebody_signed_in_links_their_account_and_unlinks_it(
    cast: Cast, idp: Provider, client: FlaskClient, app: APIFlask
) -> None:
    sign_in(client, cast.ada)
    page = post(client, "/me/security/provider", {}, page="/me").text
    address = re.search(r'href="(http://127[^"]+)"', page)
    assert address
    there = address[1].replace("&amp;", "&")
    answer = client.get(RETURN, query_string={"code": idp.approve(there), "state": state_of(there)})
    assert answer.location == "/me/security"
    assert "gus@x.example" in client.get("/me/security").text
    assert come_back(app.test_client(), idp).location == "/"
    post(client, "/me/security/provider/2/removal", {}, page="/me")
    assert "This is your only way in" in client.get("/me/security").text
    with transaction():
        db.session.merge(cast.ada).password_hash = "a hash"
    post(client, "/me/security/provider/2/removal", {}, page="/me")
    assert come_back(app.test_client(), idp).status_code == 403


def test_SEC13_somebody_elses_account_is_not_linked(cast: Cast, idp: Provider, client: FlaskClient) -> None:
    idp.subject = "dan-there"
    sign_in(client, cast.ada)
    page = post(client, "/me/security/provider", {}, page="/me").text
    there = re.findall(r'href="(http://127[^"]+)"', page)[0].replace("&amp;", "&")
    answer = client.get(RETURN, query_string={"code": idp.approve(there), "state": state_of(there)})
    assert answer.status_code == 403
    assert "belongs to somebody here already" in answer.text
    assert db.session.scalars(db.select(ProviderAccount)).one().user_id == cast.dan.id


def test_SEC13_a_trip_to_link_ends_nowhere_for_another_person(
    cast: Cast, idp: Provider, client: FlaskClient
) -> None:
    sign_in(client, cast.ada)
    page = post(client, "/me/security/provider", {}, page="/me").text
    there = re.findall(r'href="(http://127[^"]+)"', page)[0].replace("&amp;", "&")
    sign_in(client, cast.ben)
    answer = client.get(RETURN, query_string={"code": idp.approve(there), "state": state_of(there)})
    assert answer.status_code == 403
    assert len(db.session.scalars(db.select(ProviderAccount)).all()) == 1


def _says(**claims: object) -> Callable[[Provider], None]:
    def lie(idp: Provider) -> None:
        idp.change = lambda told: told.update(claims)

    return lie


def _without(name: str) -> Callable[[Provider], None]:
    def lie(idp: Provider) -> None:
        idp.change = lambda told: told.pop(name, None)

    return lie


def _from_long_ago(idp: Provider) -> None:
    idp.now -= 3600


def _from_tomorrow(idp: Provider) -> None:
    idp.now += 86400


def _unsigned(idp: Provider) -> None:
    idp.algorithm = "none"


def _signed_by_another(idp: Provider) -> None:
    idp.signs_with = RSAKey.generate_key(2048, {"kid": "one"})


def _signed_with_the_public_key(idp: Provider) -> None:
    """The old trick: the public key taken for a shared secret."""
    idp.algorithm, idp.signs_with = "HS256", OctKey.import_key(CLIENT_SECRET * 2)


def _calls_itself_otherwise(idp: Provider) -> None:
    idp.calls_itself = "https://evil.example"


LIES = {
    "nonce of another trip": _says(nonce="x" * 43),
    "no nonce": _without("nonce"),
    "wrong issuer": _says(iss="https://evil.example"),
    "no issuer": _without("iss"),
    "for another": _says(aud="another"),
    "for several, by another": _says(aud=[CLIENT_ID, "another"], azp="another"),
    "for several, by nobody": _says(aud=[CLIENT_ID, "another"]),
    "by another": _says(azp="another"),
    "for nobody": _without("aud"),
    "about nobody": _says(sub=""),
    "without subject": _without("sub"),
    "subject is a number": _says(sub=5),
    "expired": _from_long_ago,
    "without end": _without("exp"),
    "from tomorrow": _from_tomorrow,
    "alg none": _unsigned,
    "signed by another": _signed_by_another,
    "shared key": _signed_with_the_public_key,
    "provider of another name": _calls_itself_otherwise,
}


@pytest.mark.parametrize("lie", LIES)
def test_SEC13_an_answer_that_does_not_fit_changes_nothing(
    lie: str, cast: Cast, idp: Provider, client: FlaskClient, clock: TestClock
) -> None:
    idp.subject = "dan-there"
    address = go(client)
    before = everything()
    LIES[lie](idp)
    answer = client.get(RETURN, query_string={"code": idp.approve(address), "state": state_of(address)})
    assert answer.status_code == 403
    assert "Single sign-on did not work, and nothing was changed" in answer.text
    assert client.get("/me").status_code == 303
    assert everything() == before
    assert db.session.scalars(db.select(Begun)).all() == []


@pytest.mark.parametrize(
    "query",
    [
        {}, {"code": "code-0"}, {"code": "code-0", "state": ""}, {"code": "code-0", "state": "x" * 43},
        {"state": "the right one"}, {"state": "the right one", "error": "access_denied"},
        {"state": "the right one", "code": "another"},
    ],
)  # fmt: skip
def test_SEC13_a_wrong_or_missing_state_or_code_changes_nothing(
    query: dict[str, str], cast: Cast, idp: Provider, client: FlaskClient
) -> None:
    idp.subject = "dan-there"
    address = go(client)
    idp.approve(address)
    before = everything()
    if query.get("state") == "the right one":
        query = query | {"state": state_of(address)}
    assert client.get(RETURN, query_string=query).status_code == 403
    assert everything() == before


def test_SEC13_state_and_code_are_good_once_for_five_minutes_in_the_browser_that_set_off(
    cast: Cast, idp: Provider, client: FlaskClient, app: APIFlask, clock: TestClock
) -> None:
    idp.subject = "dan-there"
    address = go(client)
    query = {"code": idp.approve(address), "state": state_of(address)}
    assert app.test_client().get(RETURN, query_string=query).status_code == 403  # somebody else's browser
    assert client.get(RETURN, query_string=query).status_code == 403  # and with that the trip is over
    address = go(client)
    query = {"code": idp.approve(address), "state": state_of(address)}
    assert client.get(RETURN, query_string=query).status_code == 303
    before = everything()
    assert client.get(RETURN, query_string=query).status_code == 403
    other = go(client)
    assert client.get(RETURN, query_string=query | {"state": state_of(other)}).status_code == 403
    client.delete_cookie("__Host-nightbell")
    late = go(client)
    code = idp.approve(late)
    clock.advance(minutes=5)
    assert client.get(RETURN, query_string={"code": code, "state": state_of(late)}).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("what", ["left", "locked"])
def test_the_account_of_somebody_who_left_or_is_locked_out_opens_nothing(
    what: str, cast: Cast, idp: Provider, client: FlaskClient, clock: TestClock
) -> None:
    idp.subject = "dan-there"
    with transaction():
        act = change_user.let_go if what == "left" else change_user.lock_out
        act(db.session.merge(cast.dan), by=cast.root, at=clock())
    assert come_back(client, idp).status_code == 403


def test_SEC13_a_provider_that_asked_for_two_proofs_is_enough_and_one_that_did_not_is_followed_by_a_code(
    cast: Cast, idp: Provider, client: FlaskClient, clock: TestClock
) -> None:
    idp.subject = "dan-there"
    with transaction():
        db.session.get_one(Organisation, 1).second_factor_for = SecondFactorFor.EVERYBODY
    assert come_back(client, idp).location == "/"
    assert client.get("/me").location == "/login/second-factor?next=/me"
    idp.change = lambda told: told.update(amr=["pwd", "mfa"])
    come_back(client, idp)
    assert client.get("/me").status_code == 200
    with transaction():
        db.session.add(CodeApp(user_id=cast.dan.id, sealed_secret="", last_step=0, created_at=clock()))
    idp.change = lambda _: None
    assert come_back(client, idp).location == "/login/code?next=/"


def test_a_provider_that_does_not_answer_is_told_of_in_words(
    cast: Cast, idp: Provider, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    idp.answer = lambda *_: None  # type: ignore[method-assign]
    answer = client.get("/login/provider")
    assert answer.status_code == 403
    assert "come in another way" in answer.text


def test_where_the_organisation_closed_it_there_is_no_way_through_the_provider(
    cast: Cast, idp: Provider, client: FlaskClient
) -> None:
    address = go(client)
    with transaction():
        db.session.get_one(Organisation, 1).allows_provider = False
    assert "Example ID" not in client.get("/login").text
    assert client.get("/login/provider").status_code == 404
    query = {"code": idp.approve(address), "state": state_of(address)}
    assert client.get(RETURN, query_string=query).status_code == 404
    assert client.get("/me").status_code == 303


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"oidc_issuer": "https://id.example"}, ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"]),
        ({"oidc_client_secret": "x"}, ["OIDC_ISSUER", "OIDC_CLIENT_ID"]),
        ({"oidc_issuer": "id.example", "oidc_client_id": "x", "oidc_client_secret": "x"}, ["OIDC_ISSUER"]),
        ({"private_hosts": "http://x"}, ["PRIVATE_HOSTS"]),
        ({"trusted_proxies": "many"}, ["TRUSTED_PROXIES"]),
        ({"trusted_proxies": "-1"}, ["TRUSTED_PROXIES"]),
        ({"shown_within": "9"}, ["SHOWN_WITHIN"]),
        ({"shown_within": "45s"}, ["SHOWN_WITHIN"]),
    ],
)
def test_a_half_configured_provider_refuses_to_start_and_names_what_is_missing(
    changes: dict[str, object], named: list[str], tmp_path: Any
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        settings_for(tmp_path, "sqlite:///x", **changes)
    assert [problem.partition(":")[0].removeprefix("NIGHTBELL_") for problem in refused.value.problems] == named
