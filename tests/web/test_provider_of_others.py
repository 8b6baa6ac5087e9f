"""SEC-13: single sign-on against a provider that somebody else wrote."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import oidc_provider_mock
import pytest
import requests
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import transaction
from app.people import invitations, queries
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.provider import CLIENT_ID, CLIENT_SECRET

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's own, not ours


@pytest.fixture
def mock() -> Iterator[str]:
    claims = {"email": "gus@x.example", "email_verified": True, "name": "Gus Grind"}
    users = [oidc_provider_mock.User(sub="gus", claims=claims)]
    with oidc_provider_mock.run_server_in_thread(require_nonce=True, user_claims=users) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def setting_changes(mock: str) -> dict[str, object]:
    return {
        "base_url": "http://localhost", "oidc_issuer": mock, "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET, "private_hosts": mock.removeprefix("http://"),
    }  # fmt: skip


def test_SEC13_an_invited_person_joins_and_signs_in_again(
    app: APIFlask, client: FlaskClient, clock: TestClock
) -> None:
    clock.moment = datetime.now(UTC)  # the provider lives by the real clock
    with transaction():
        cast = Cast()
        invitations.invite(["gus@x.example"], role="responder", by=cast.ada, at=clock())
    assert trip(client) == "/me/devices"
    gus = queries.user_by_email("gus@x.example")
    assert gus is not None
    assert gus.name == "Gus Grind"
    client.delete_cookie("__Host-nightbell")
    assert trip(client) == "/"
    assert "Gus Grind" in client.get("/me").text


def test_somebody_it_knows_and_we_do_not_gets_a_clear_page(
    app: APIFlask, client: FlaskClient, clock: TestClock
) -> None:
    clock.moment = datetime.now(UTC)
    with transaction():
        Cast()
    assert trip(client) is None
    assert queries.user_by_email("gus@x.example") is None


def trip(client: FlaskClient) -> str | None:
    approved = requests.post(
        str(client.get("/login/provider").location), data={"sub": "gus"}, allow_redirects=False, timeout=5
    )
    back = urlsplit(approved.headers["Location"])
    return client.get(f"{back.path}?{back.query}").location
