"""SEC-13 on a phone: an invitation, a passkey of Chromium's virtual authenticator, signing in with it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, Page, expect

from app.database import db, transaction
from app.people import invitations, passwords, queries
from app.people.models import Session
from app.people.ways_in import Passkey
from tests.support import axe
from tests.support.cast import Cast
from tests.support.chromium import chromium, phone
from tests.support.clock import TestClock
from tests.support.live_app import live, sign_in
from tests.support.virtual_phone import with_authenticator

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

KEEP_A_PAGE = """() => self.nightbellDevice.keepPage(
  { page: "p", kind: "page", at: Date.now(), exp: 4e9, path: "/alerts/1", url: "/alerts/1", card: {} })"""
KEPT_PAGES = "async () => (await self.nightbellDevice.recentPages()).length"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    axe.needed()
    with chromium() as running:
        yield running


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        cast = Cast()
        cast.ada.password_hash = passwords.hashed("brass kettle orbit plum")
        return cast


@pytest.fixture
def address(app: APIFlask, cast: Cast) -> Iterator[str]:
    """By its name: browsers make no passkeys for 127.0.0.1."""
    with live(app) as address:
        named = address.replace("127.0.0.1", "localhost")
        app.config["settings"] = replace(app.config["settings"], base_url=named)
        yield named


def look(page: Page) -> None:
    assert axe.problems_on(page) == []


def test_SEC13_an_invited_person_joins_and_signs_in_with_a_passkey_on_a_phone(
    browser: Browser, address: str, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        summary = invitations.invite(
            ["gus@nightbell.example"], role="responder", by=cast.mara, at=clock(), team=cast.payments
        )
    with phone(browser, timezone_id="Europe/Riga") as context:
        page, tools, authenticator = with_authenticator(context)
        page.goto(f"{address}/join/{summary.invited[0].token}")
        expect(page.get_by_label("Time zone")).to_have_value("Europe/Riga")
        look(page)
        page.get_by_label("Your name").fill("Gus Grind")
        page.get_by_role("button", name="Join with a passkey").tap()
        page.wait_for_url("**/me/devices")
        expect(page.get_by_role("button", name="Make this device ring")).to_be_visible()
        gus = queries.user_by_email("gus@nightbell.example")
        assert gus is not None
        assert (gus.time_zone, gus.password_hash) == ("Europe/Riga", None)
        page.goto(f"{address}/me/security")
        expect(page.locator("#passkeys")).to_contain_text("not used yet")
        look(page)
        page.goto(f"{address}/me")
        page.evaluate(KEEP_A_PAGE)
        assert page.evaluate(KEPT_PAGES) == 1
        page.get_by_role("button", name="Sign out").tap()
        page.wait_for_url("**/login")
        assert page.evaluate(KEPT_PAGES) == 0  # SEC-33
        look(page)
        page.get_by_role("button", name="Sign in with a passkey").tap()
        page.wait_for_url(f"{address}/")
        [kept] = tools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
        assert kept["isResidentCredential"]
        assert kept["rpId"] == "localhost"
    newest = db.session.scalars(db.select(Session).order_by(Session.id.desc())).first()
    assert newest is not None
    assert (newest.user_id, newest.factors) == (gus.id, 2)


def test_SEC13_a_device_that_does_not_verify_its_person_makes_no_passkey_and_the_page_says_so(
    browser: Browser, address: str, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        [sent] = invitations.invite(["gus@x.example"], role="responder", by=cast.mara, at=clock()).invited
    with phone(browser) as context:
        page, _, _ = with_authenticator(context, isUserVerified=False)
        page.goto(f"{address}/join/{sent.token}")
        page.get_by_label("Your name").fill("Gus Grind")
        page.get_by_role("button", name="Join with a passkey").tap()
        expect(page.get_by_role("alert")).to_contain_text("it was cancelled, or took too long")
        page.get_by_text("Use a password instead").tap()
        page.get_by_label("Password").fill("brass kettle orbit plum")
        page.get_by_role("button", name="Join with the password").tap()
        page.wait_for_url("**/me/devices")
    assert db.session.scalars(db.select(Passkey)).all() == []


def test_without_a_script_the_password_signs_in_and_the_page_says_why_there_is_no_passkey(
    browser: Browser, address: str
) -> None:
    with phone(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/login")
        expect(page.get_by_text("A passkey needs JavaScript")).to_be_visible()
        expect(page.get_by_role("button", name="Sign in with a passkey")).not_to_be_visible()
        page.get_by_label("Email").fill("ada@nightbell.example")
        page.get_by_label("Password").fill("brass kettle orbit plum")
        page.get_by_role("button", name="Sign in with the password").click()
        page.wait_for_url(f"{address}/")


def test_every_screen_at_the_doors_can_be_read_by_everybody(browser: Browser, address: str, cast: Cast) -> None:
    with transaction():
        db.session.merge(cast.root).password_hash = passwords.hashed("brass kettle orbit plum")
    with phone(browser) as context:
        page, _, _ = with_authenticator(context)
        sign_in(context, address, cast.root)
        for path in ("/invitations", "/organisation/sign-in", "/me/security", "/login?again=yes&lost=yes"):
            page.goto(address + path)
            look(page)
        page.goto(f"{address}/me/security")
        page.get_by_role("button", name="Add a passkey here").tap()
        expect(page.locator("#passkeys")).to_contain_text("not used yet")
        look(page)
        page.get_by_role("button", name="Set up an app").tap()
        page.wait_for_url("**/code-app")
        look(page)
        page.goto(f"{address}/invitations")
        page.get_by_label("Email addresses").fill("gus@x.example, hal@x.example, ada@nightbell.example")
        page.get_by_role("button", name="Invite").tap()
        expect(page.get_by_role("heading", name="2 people invited")).to_be_visible()
        look(page)
        page.goto(f"{address}/invitations")
        look(page)
        for path in ("/join/guessed", "/forgotten", "/forgotten/guessed", "/login/provider/return"):
            page.goto(address + path)
            look(page)
