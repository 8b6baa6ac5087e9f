"""SEC-13: codes from an app beside the password, recovery codes, and who must have a second factor."""

import re
from datetime import timedelta

import pyotp
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.database import db, transaction
from app.domain.sign_in_policy import SignInPolicy
from app.domain.timeline import Kind
from app.domain.words import Role, SecondFactorFor
from app.people import code_app, passwords, queries, sealed, sessions
from app.people.models import Organisation, Session
from app.people.sign_in_policy import policy
from app.people.ways_in import CodeApp, RecoveryCode
from app.timeline.models import Event
from tests.support.browser_forms import post, sign_in
from tests.support.cast import Cast
from tests.support.clock import TestClock

GOOD = "brass kettle orbit plum"


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        cast = Cast()
        cast.ada.password_hash = passwords.hashed(GOOD)
        return cast


@pytest.fixture
def key(cast: Cast, client: FlaskClient) -> str:
    """Ada's app; she is signed out again."""
    sign_in(client, cast.ada)
    key, _ = set_up(client)
    client.delete_cookie("__Host-nightbell")
    return key


def set_up(client: FlaskClient, page: str = "/me/security") -> tuple[str, list[str]]:
    shown = post(client, "/me/security/code-app", {}, page=page).text
    key = re.search(r'aria-label="Key">([A-Z2-7 ]+)<', shown)
    token = re.search(r'name="token" value="([^"]+)"', shown)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert key
    assert token
    assert csrf
    plain = key[1].replace(" ", "")
    fields = {"csrf_token": csrf[1], "token": token[1], "code": code_at(plain)}
    answer = client.post("/me/security/code-app/confirmation", data=fields)
    assert answer.status_code == 200, answer.text
    return plain, re.findall(r"\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b", answer.text)


def code_at(key: str, *, later: int = 0) -> str:
    from app import clock

    return pyotp.TOTP(key).at(clock.now() + timedelta(seconds=later))


def with_password(client: FlaskClient, **more: str) -> TestResponse:
    fields = {"email": "ada@nightbell.example", "password": GOOD, **more}
    return post(client, "/login", fields, page="/login")


def with_code(client: FlaskClient, code: str, **more: str) -> TestResponse:
    return post(client, "/login/code", {"code": code, **more}, page="/login/code")


def test_SEC13_a_password_is_followed_by_a_code_and_only_then_opens_anything(
    key: str, cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    clock.advance(minutes=1)
    answer = with_password(client, next="/me/devices")
    assert (answer.status_code, answer.location) == (303, "/login/code?next=/me/devices")
    assert client.get("/me").location == "/login?next=/me"
    answer = with_code(client, code_at(key), next="/me/devices")
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    newest = db.session.scalars(db.select(Session).order_by(Session.id.desc())).first()
    assert newest is not None
    assert newest.factors == 2


def test_SEC13_a_code_is_taken_once_and_none_from_before_it(
    key: str, client: FlaskClient, clock: TestClock, app: APIFlask
) -> None:
    clock.advance(minutes=5)
    used, before = code_at(key), code_at(key, later=-30)
    with_password(client)
    assert with_code(client, used).status_code == 303
    other = app.test_client()
    with_password(other)
    for code in (used, before):
        answer = with_code(other, code)
        assert answer.status_code == 422
        assert "each is taken once" in answer.text
    clock.advance(seconds=30)
    assert with_code(other, code_at(key)).status_code == 303


@pytest.mark.parametrize(("later", "status"), [(-60, 422), (-30, 303), (0, 303), (30, 303), (60, 422)])
def test_a_phone_may_be_half_a_minute_early_or_late(
    later: int, status: int, key: str, client: FlaskClient, clock: TestClock
) -> None:
    clock.advance(minutes=5)
    with_password(client)
    assert with_code(client, code_at(key, later=later)).status_code == status


def test_SEC13_the_code_that_set_the_app_up_signs_nobody_in(key: str, client: FlaskClient) -> None:
    with_password(client)
    assert with_code(client, code_at(key)).status_code == 422


def test_SEC13_ten_recovery_codes_are_shown_once_kept_hashed_and_good_once_each(
    cast: Cast, client: FlaskClient, app: APIFlask
) -> None:
    sign_in(client, cast.ada)
    _, codes = set_up(client)
    assert len(set(codes)) == 10
    kept = db.session.scalars(db.select(RecoveryCode.code_hash)).all()
    assert not set(kept) & set(codes)
    assert "10 recovery codes left" in client.get("/me/security").text
    assert codes[0] not in client.get("/me/security").text
    other = app.test_client()
    with_password(other)
    assert with_code(other, codes[0].upper().replace("-", " ")).status_code == 303
    third = app.test_client()
    with_password(third)
    assert with_code(third, codes[0]).status_code == 422
    assert "9 recovery codes left" in client.get("/me/security").text
    renewed = post(client, "/me/security/recovery-codes", {}, page="/me/security").text
    assert codes[1] not in renewed
    assert with_code(third, codes[1]).status_code == 422


def test_SEC18_a_wrong_code_stands_in_the_record(cast: Cast, key: str, client: FlaskClient) -> None:
    failed = db.select(Event).where(Event.kind == Kind.SIGN_IN_FAILED)
    with_password(client)
    assert db.session.scalars(failed).all() == []
    with_code(client, "000000")
    assert [event.subject_id for event in db.session.scalars(failed)] == [cast.ada.id]


def test_SEC14_codes_are_guessed_no_faster_than_passwords_even_by_who_knows_the_password(
    key: str, app: APIFlask, clock: TestClock
) -> None:
    tried, asked, end = 0, 0, clock() + timedelta(hours=1)
    while clock() < end and tried < 60:
        client, asked = app.test_client(), asked + 1
        client.environ_base["REMOTE_ADDR"] = f"198.51.100.{asked % 250}"  # from everywhere at once
        answer = with_password(client)
        if answer.status_code == 303:
            answer = with_code(client, "000000")
            tried += answer.status_code == 422
        clock.advance(seconds=int(answer.headers.get("Retry-After", 1)))
    assert 5 < tried < 30  # of a million


def test_SEC13_the_step_between_belongs_to_one_browser_lasts_five_minutes_and_ends_with_a_lock(
    key: str, cast: Cast, client: FlaskClient, app: APIFlask, clock: TestClock
) -> None:
    assert client.get("/login/code").location == "/login?next=/"
    clock.advance(minutes=1)
    with_password(client)
    stranger = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.get("/login").text)
    assert token
    answer = stranger.post("/login/code", data={"csrf_token": token[1], "code": code_at(key)})
    assert answer.location == "/login?next=/"
    stranger.set_cookie("__Host-nightbell-step", "guessed")
    assert stranger.get("/login/code").location == "/login?next=/"
    page_token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login/code").text)
    assert page_token
    clock.advance(minutes=5)
    late = client.post("/login/code", data={"csrf_token": page_token[1], "code": code_at(key)})
    assert late.location == "/login?next=/"


def test_SEC13_the_secret_is_sealed_and_a_copied_row_opens_nothing(key: str, cast: Cast) -> None:
    row = db.session.scalars(db.select(CodeApp)).one()
    assert key not in row.sealed_secret
    assert sealed.unseal(row.sealed_secret, about=f"code app of user {cast.ada.id}") == key
    assert sealed.unseal(row.sealed_secret, about=f"code app of user {cast.ben.id}") is None


def test_two_codes_at_once_count_once(key: str, cast: Cast, clock: TestClock) -> None:
    clock.advance(minutes=1)
    code = code_at(key)
    with transaction():
        ada = db.session.merge(cast.ada)
        assert [code_app.takes(code, ada, at=clock()) for _ in range(2)] == [True, False]


def test_a_wrong_code_changes_nothing_and_keeps_the_picture(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.ada)
    shown = post(client, "/me/security/code-app", {}, page="/me/security").text
    csrf, token = (re.findall(rf'name="{name}" value="([^"]+)"', shown)[0] for name in ("csrf_token", "token"))
    for code in ("000000", "", "１２３４５６", "x" * 500):
        answer = client.post(
            "/me/security/code-app/confirmation", data={"csrf_token": csrf, "token": token, "code": code}
        )
        assert answer.status_code == 422
        assert "data:image/svg+xml" in answer.text
    answer = client.post(
        "/me/security/code-app/confirmation", data={"csrf_token": csrf, "token": "x", "code": "1"}
    )
    assert answer.location == "/me/security"
    assert db.session.scalars(db.select(CodeApp)).all() == []


def test_SEC10_setting_up_a_second_factor_gives_the_browser_a_new_session(
    cast: Cast, client: FlaskClient
) -> None:
    sign_in(client, cast.ada)
    before = client.get_cookie("__Host-nightbell")
    set_up(client)
    after = client.get_cookie("__Host-nightbell")
    assert before
    assert after
    assert before.value != after.value
    assert sessions.find(before.value, at=db.session.scalars(db.select(Session)).one().created_at) is None


def require(who: SecondFactorFor) -> None:
    with transaction():
        organisation = queries.organisation()
        assert organisation is not None
        organisation.second_factor_for = who


@pytest.mark.parametrize(
    ("who", "must"),
    [
        (SecondFactorFor.NOBODY, ""), (SecondFactorFor.ADMINISTRATORS, "Root"),
        (SecondFactorFor.MANAGERS, "Root Mara"), (SecondFactorFor.EVERYBODY, "Root Mara Ada Eli"),
    ],
)  # fmt: skip
def test_the_policy_says_whose_role_needs_two_kinds_of_proof(who: SecondFactorFor, must: str) -> None:
    roles = {"Root": Role.ADMINISTRATOR, "Mara": Role.MANAGER, "Ada": Role.RESPONDER, "Eli": Role.STAKEHOLDER}
    policy = SignInPolicy(second_factor_for=who)
    assert " ".join(name for name, role in roles.items() if policy.needs_two_factors(role)) == must


def test_SEC13_who_must_have_a_second_factor_and_has_none_sets_one_up_before_anything_else(
    cast: Cast, client: FlaskClient, app: APIFlask
) -> None:
    require(SecondFactorFor.EVERYBODY)
    assert with_password(client, next="/alerts").status_code == 303
    assert client.get("/alerts").location == "/login/second-factor?next=/alerts"
    assert client.get("/").location == "/login/second-factor?next=/"
    assert client.get("/api/v1/users/me").status_code == 401
    assert (
        client.post("/push-subscriptions", json={}, headers={"Sec-Fetch-Site": "same-origin"}).status_code
        == 403
    )
    page = client.get("/login/second-factor").text
    assert "everything else waits" in page
    _, codes = set_up(client, page="/login/second-factor")
    assert len(codes) == 10
    assert client.get("/alerts").status_code == 200
    assert client.get("/login/second-factor").location == "/"


def test_SEC13_an_older_session_without_the_second_proof_is_asked_for_it_once_the_policy_changes(
    key: str, cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    sign_in(client, cast.ada)
    require(SecondFactorFor.EVERYBODY)
    assert client.get("/me").location == "/login/second-factor?next=/me"
    assert "use it once" in client.get("/login/second-factor").text
    clock.advance(minutes=1)
    assert with_password(client).location == "/login/code?next=/"
    assert with_code(client, code_at(key)).status_code == 303
    assert client.get("/me").status_code == 200


def test_a_must_cannot_be_taken_away_but_a_wish_can(
    key: str, cast: Cast, client: FlaskClient, clock: TestClock
) -> None:
    clock.advance(minutes=1)
    with_password(client)
    with_code(client, code_at(key))
    require(SecondFactorFor.EVERYBODY)
    post(client, "/me/security/code-app/removal", {}, page="/me/security")
    assert "Your role needs a second factor" in client.get("/me/security").text
    require(SecondFactorFor.NOBODY)
    post(client, "/me/security/code-app/removal", {}, page="/me/security")
    assert (
        db.session.scalars(db.select(CodeApp)).all() == db.session.scalars(db.select(RecoveryCode)).all() == []
    )


POLICY = "/organisation/sign-in"


def kept() -> tuple[bool, bool, str]:
    organisation = db.session.get(Organisation, 1, populate_existing=True)
    assert organisation is not None
    return organisation.allows_passkeys, organisation.allows_passwords, organisation.second_factor_for


def test_an_administrator_says_what_is_allowed_but_never_shuts_themself_out(
    cast: Cast, client: FlaskClient
) -> None:
    with transaction():
        db.session.merge(cast.root).password_hash = passwords.hashed(GOOD)
    sign_in(client, cast.root)
    answer = post(client, POLICY, {"ways": ["passwords"], "second_factor_for": "managers"}, page=POLICY)
    assert answer.status_code == 303
    assert kept() == (False, True, "managers")
    require(SecondFactorFor.NOBODY)
    for ways in (["passkeys"], [], ["provider"]):
        answer = post(client, POLICY, {"ways": ways, "second_factor_for": "nobody"}, page=POLICY)
        assert answer.status_code == 422
        assert "You could not come in yourself any more" in answer.text
    assert kept() == (False, True, "nobody")
    post(client, POLICY, {"ways": ["passwords"], "second_factor_for": "somebody"}, page=POLICY)
    assert kept() == (False, True, "nobody")


def test_only_administrators_see_and_change_what_is_allowed(cast: Cast, client: FlaskClient) -> None:
    sign_in(client, cast.mara)
    assert client.get(POLICY).status_code == 403
    assert post(client, POLICY, {"ways": ["passwords"]}, page="/me").status_code == 403


def test_a_way_that_is_closed_opens_nothing_and_is_not_offered(cast: Cast, client: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token
    with transaction():
        organisation = queries.organisation()
        assert organisation is not None
        organisation.allows_passwords = False
    page = client.get("/login").text
    assert 'name="password"' not in page
    fields = {"email": "ada@nightbell.example", "password": GOOD, "csrf_token": token[1]}
    answer = client.post("/login", data=fields)
    assert answer.status_code == 422
    assert "takes no passwords" in answer.text
    assert client.get("/me").status_code == 303


def test_where_no_way_that_is_allowed_is_left_passwords_are_open_again(app: APIFlask, cast: Cast) -> None:
    """The operator unsets the provider that was the only way: the organisation is not shut out."""
    with transaction():
        organisation = queries.organisation()
        assert organisation is not None
        organisation.allows_passwords = organisation.allows_passkeys = False
    assert policy() == SignInPolicy(passkeys=False, passwords=True, provider=False)
