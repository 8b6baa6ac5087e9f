"""SEC-13: passkeys at the doors, made and used by an authenticator in software, and by some that lie."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.database import db, transaction
from app.domain.site import Site, site_of
from app.domain.timeline import Kind
from app.people import change_user, invitations, queries
from app.people.models import Session
from app.people.ways_in import Begun, Passkey
from app.timeline.models import Event
from tests.support.authenticator import PRESENT, Authenticator
from tests.support.browser_forms import post, sign_in
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.databases import settings_for
from tests.support.passkeys import OURS, ask, use


@pytest.fixture
def setting_changes() -> dict[str, object]:
    return {"base_url": "http://localhost"}


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


@pytest.fixture
def phone(cast: Cast, client: FlaskClient) -> Authenticator:
    """Ada's phone, with a passkey; she is signed out again."""
    sign_in(client, cast.ada)
    phone = Authenticator()
    answer = add(client, phone)
    assert answer.status_code == 303
    assert db.session.scalars(db.select(Passkey)).one().user_id == cast.ada.id
    client.delete_cookie("__Host-nightbell")
    return phone


def add(client: FlaskClient, phone: Authenticator) -> TestResponse:
    made = phone.make(ask(client, "/me/security/passkeys/options"))
    return post(client, "/me/security/passkeys", {"credential": made}, page="/me/security")


def test_SEC13_a_passkey_signs_in_without_an_address_and_counts_as_two_factors(
    phone: Authenticator, cast: Cast, client: FlaskClient
) -> None:
    answer = use(client, phone, next="/me/devices")
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    session = db.session.scalars(db.select(Session).order_by(Session.id.desc())).first()
    assert session is not None
    assert (session.user_id, session.factors) == (cast.ada.id, 2)
    assert client.get("/me").status_code == 200


def test_SEC13_an_invited_person_joins_with_a_passkey_and_needs_no_password(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        [sent] = invitations.invite(["gus@x.example"], role="responder", by=cast.ada, at=clock()).invited
    link, phone = f"/join/{sent.token}", Authenticator()
    options = ask(client, f"{link}/passkey/options", {"name": "Gus"})
    assert options["rp"] == {"id": "localhost", "name": "Nightbell"}
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    fields = {"name": "Gus", "time_zone": "Europe/Riga", "credential": phone.make(options)}
    answer = post(client, f"{link}/passkey", fields, page=link)
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    gus = queries.user_by_email("gus@x.example")
    assert gus is not None
    assert gus.password_hash is None
    client.delete_cookie("__Host-nightbell")
    assert use(client, phone).status_code == 303


def test_a_form_without_a_script_joins_by_the_password_it_carries(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        [sent] = invitations.invite(["gus@x.example"], role="responder", by=cast.ada, at=clock()).invited
    link = f"/join/{sent.token}"
    page = client.get(link).text
    assert "A passkey needs JavaScript" in page
    fields = {"name": "Gus", "time_zone": "UTC", "password": "brass kettle orbit plum"}
    assert post(client, f"{link}/passkey", fields, page=link).status_code == 303


def test_SEC13_a_passkey_asked_for_one_invitation_opens_no_other(
    cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        two = invitations.invite(["gus@x.example", "hal@x.example"], role="responder", by=cast.ada, at=clock())
    gus, hal = (f"/join/{sent.token}" for sent in two.invited)
    made = Authenticator().make(ask(client, f"{gus}/passkey/options"))
    fields = {"name": "Hal", "time_zone": "UTC", "credential": made}
    assert post(client, f"{hal}/passkey", fields, page=hal).status_code == 422
    assert queries.user_by_email("hal@x.example") is None
    assert client.get(hal).status_code == 200  # nothing was used up but the challenge


def _other_origin(phone: Authenticator) -> None:
    phone.origin = "https://evil.example"


def _other_site(phone: Authenticator) -> None:
    phone.rp_id = "evil.example"


def _not_verified(phone: Authenticator) -> None:
    phone.flags = PRESENT


def _not_present(phone: Authenticator) -> None:
    phone.flags = 0


def _other_key(phone: Authenticator) -> None:
    phone.key = Authenticator().key


def _unknown_key(phone: Authenticator) -> None:
    phone.id = Authenticator().id


def _counts_backwards(phone: Authenticator) -> None:
    phone.step = -1


def _counts_nothing(phone: Authenticator) -> None:
    phone.step = 0


def _somebody_elses_handle(phone: Authenticator) -> None:
    phone.handle = "AAAA"


LIES = [
    _other_origin, _other_site, _not_verified, _not_present, _other_key, _unknown_key, _counts_backwards,
    _counts_nothing, _somebody_elses_handle,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_SEC13_an_answer_that_does_not_fit_lets_nobody_in(
    lie: Callable[[Authenticator], None], phone: Authenticator, client: FlaskClient
) -> None:
    phone.count = 5
    assert use(client, phone).status_code == 303
    client.post("/logout", headers=OURS, json={})
    before = db.session.scalars(db.select(Passkey.sign_count)).one()
    lie(phone)
    answer = use(client, phone)
    assert answer.status_code == 422
    assert "This passkey did not work here" in answer.text
    db.session.rollback()
    assert db.session.scalars(db.select(Passkey.sign_count)).one() == before
    assert client.get("/me").location == "/login?next=/me"


def failures() -> list[tuple[int, dict[str, Any]]]:
    db.session.rollback()
    failed = db.select(Event).where(Event.kind == Kind.SIGN_IN_FAILED).order_by(Event.id)
    return [(event.subject_id, event.data) for event in db.session.scalars(failed)]


def test_SEC18_a_wrong_answer_stands_in_the_record_and_tells_its_sender_nothing(
    phone: Authenticator, cast: Cast, client: FlaskClient
) -> None:
    """Wrong origin, bad signature, unknown key; a wrong code is recorded the same way."""
    assert use(client, phone).status_code == 303
    client.delete_cookie("__Host-nightbell")
    assert failures() == []
    words = []
    good = (phone.origin, phone.key, phone.id)
    for lie in (_other_origin, _other_key, _unknown_key):
        phone.origin, phone.key, phone.id = good
        lie(phone)
        words.append(re.sub(r'value="[^"]*"', "", use(client, phone).text))
    assert failures() == [(user_id, {"way": "passkey"}) for user_id in (cast.ada.id, cast.ada.id, 0)]
    assert len(set(words)) == 1
    post(client, "/login/passkey", {"credential": "{}"}, page="/login")  # answers no question of ours
    assert len(failures()) == 3


@pytest.mark.parametrize("lie", [_other_origin, _other_site, _not_verified, _not_present])
def test_SEC13_a_passkey_that_does_not_fit_is_not_kept(
    lie: Callable[[Authenticator], None], cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.ada)
    phone = Authenticator()
    lie(phone)
    add(client, phone)
    assert "This passkey did not work here" in client.get("/me/security").text
    assert db.session.scalars(db.select(Passkey)).all() == []


@pytest.mark.parametrize(
    "answer",
    [
        "", "{", "[]", "null", '{"response": 5}', '{"response": {}}',
        '{"id": 5, "response": {"clientDataJSON": 5}}',
        '{"response": {"clientDataJSON": "!!!!"}}', '{"response": {"clientDataJSON": "bnVsbA"}}', "[" * 20_000,
        '{"response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAiw7_DvyJ9"}}', "x" * 20_000,
    ],
)  # fmt: skip
def test_SEC13_an_answer_that_is_none_is_refused_in_words(cast: Cast, client: FlaskClient, answer: str) -> None:
    assert post(client, "/login/passkey", {"credential": answer}, page="/login").status_code == 422
    sign_in(client, cast.ada)
    assert post(client, "/me/security/passkeys", {"credential": answer}, page="/me").status_code == 303


def test_SEC13_a_challenge_is_answered_once_within_five_minutes_and_for_what_it_was_asked(
    phone: Authenticator, cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    options = ask(client, "/login/passkey/options")
    answer = phone.use(options)
    assert post(client, "/login/passkey", {"credential": answer}, page="/login").status_code == 303
    client.delete_cookie("__Host-nightbell")
    assert post(client, "/login/passkey", {"credential": answer}, page="/login").status_code == 422
    again = phone.use(options)
    assert post(client, "/login/passkey", {"credential": again}, page="/login").status_code == 422
    options = ask(client, "/login/passkey/options")
    clock.advance(minutes=5)
    late = phone.use(options)
    assert post(client, "/login/passkey", {"credential": late}, page="/login").status_code == 422
    sign_in(client, cast.ben)
    other = Authenticator().make(ask(client, "/login/passkey/options") | {"user": {"id": "AAAA"}})
    post(client, "/me/security/passkeys", {"credential": other}, page="/me")
    assert len(db.session.scalars(db.select(Passkey)).all()) == 1


def test_SEC13_even_a_wrong_answer_uses_its_challenge_up(phone: Authenticator, client: FlaskClient) -> None:
    options = ask(client, "/login/passkey/options")
    good = phone.use(options)
    phone.origin = "https://evil.example"
    post(client, "/login/passkey", {"credential": phone.use(options)}, page="/login")
    assert post(client, "/login/passkey", {"credential": good}, page="/login").status_code == 422
    assert db.session.scalars(db.select(Begun)).all() == []


def test_SEC14_an_address_that_tries_many_keys_waits_and_the_owners_browser_does_not(
    phone: Authenticator, cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    """The owner sits behind the same address: their browser is known, and counted by itself."""
    assert use(client, phone).status_code == 303
    client.delete_cookie("__Host-nightbell")
    stranger, lies = app_client(client), Authenticator()
    answers = [use(stranger, lies) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert "Too many tries. Try again in 2 s." in answers[-1].text
    assert answers[-1].headers["Retry-After"] == "2"
    new_place = app_client(client)
    assert use(new_place, phone).status_code == 429  # nobody knows yet that it is Ada
    assert use(client, phone).status_code == 303
    clock.advance(seconds=2)
    assert use(new_place, phone).status_code == 303
    assert use(stranger, lies).status_code == 422
    assert use(stranger, lies).status_code == 429  # Ada's key bought no further guesses


@pytest.mark.parametrize("what", ["left", "locked"])
def test_SEC13_the_key_of_somebody_who_left_or_is_locked_out_opens_nothing(
    what: str, phone: Authenticator, cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    with transaction():
        act = change_user.let_go if what == "left" else change_user.lock_out
        act(db.session.merge(cast.ada), by=cast.root, at=clock())
    assert use(client, phone).status_code == 422


def test_SEC15_the_question_is_the_same_for_everybody(phone: Authenticator, client: FlaskClient) -> None:
    asked = [
        ask(client, "/login/passkey/options", {"email": email}) | {"challenge": ""}
        for email in ("ada@nightbell.example", "nobody@nightbell.example")
    ]
    assert asked[0] == asked[1]
    assert asked[0]["allowCredentials"] == []


def test_a_person_has_several_passkeys_with_names_and_removes_one(
    phone: Authenticator, cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.ada)
    options = ask(client, "/me/security/passkeys/options")
    assert len(options["excludeCredentials"]) == 1
    assert options["user"]["id"] == phone.handle  # the same person, to the authenticator too
    add(client, Authenticator())
    assert post(client, "/me/security/passkeys/2/name", {"name": "  Blue  key "}, page="/me").status_code == 303
    assert "Blue key" in client.get("/me/security").text
    post(client, "/me/security/passkeys/2/name", {"name": " "}, page="/me")
    assert "Blue key" in client.get("/me/security").text
    post(client, "/me/security/passkeys/1/removal", {}, page="/me")
    assert use(app_client(client), phone).status_code == 422


def app_client(client: FlaskClient) -> FlaskClient:
    fresh: FlaskClient = client.application.test_client()
    return fresh


def test_the_last_way_in_is_never_removed(phone: Authenticator, cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ada)
    post(client, "/me/security/passkeys/1/removal", {}, page="/me")
    assert "This is your only way in" in client.get("/me/security").text
    with transaction():
        db.session.merge(cast.ada).password_hash = "a hash"
    post(client, "/me/security/passkeys/1/removal", {}, page="/me")
    assert db.session.scalars(db.select(Passkey)).all() == []


def test_SEC16_somebody_elses_passkey_is_not_there(
    phone: Authenticator, cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.ben)
    for act in ("name", "removal"):
        assert post(client, f"/me/security/passkeys/1/{act}", {"name": "x"}, page="/me").status_code == 404
    assert "Used" not in client.get("/me/security").text


def test_the_same_key_is_not_kept_twice(phone: Authenticator, cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ben)
    add(client, phone)
    assert "registered already" in client.get("/me/security").text
    assert db.session.scalars(db.select(Passkey)).one().user_id == cast.ada.id


@pytest.mark.parametrize(
    ("base_url", "site"),
    [
        ("https://pager.example.org", Site("pager.example.org", "https://pager.example.org")),
        ("https://Pager.example.org:8443", Site("pager.example.org", "https://pager.example.org:8443")),
        ("https://pager.example.org:443", Site("pager.example.org", "https://pager.example.org")),
        ("http://localhost:8000", Site("localhost", "http://localhost:8000")),
        ("http://127.0.0.1:8000", None), ("https://192.0.2.1", None), ("https://[::1]", None),
        ("http://pager.example.org", None),
    ],
)  # fmt: skip
def test_a_passkey_is_bound_to_a_name_that_browsers_trust(base_url: str, site: Site | None) -> None:
    assert site_of(base_url) == site


def test_where_browsers_make_no_passkeys_none_is_offered_and_the_password_stays(
    database_url: str, tmp_path: Any, cast: Cast
) -> None:
    app = create_app(settings_for(tmp_path, database_url, base_url="http://127.0.0.1:8000"))
    with app.app_context():
        client = app.test_client()
        page = client.get("/login").text
        assert "passkey" not in page
        assert 'name="password"' in page
        assert client.post("/login/passkey/options", json={}, headers=OURS).status_code == 404
        db.session.remove()
        db.engine.dispose()


def test_the_first_administrators_link_is_over_where_one_has_only_a_passkey(
    phone: Authenticator, cast: Cast
) -> None:
    with transaction():
        db.session.scalars(db.select(Passkey)).one().user_id = cast.root.id
    assert queries.has_an_administrator_who_can_sign_in()


def test_SEC9_no_other_site_asks_for_options(client: FlaskClient) -> None:
    answer = client.post("/login/passkey/options", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert client.post("/login/passkey/options", json={}).status_code == 400


def test_a_stranger_makes_no_passkey(client: FlaskClient, cast: Cast) -> None:
    assert client.post("/me/security/passkeys/options", json={}, headers=OURS).status_code == 401
    assert client.post("/join/guessed/passkey/options", json={}, headers=OURS).status_code == 404
