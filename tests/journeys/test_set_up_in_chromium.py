"""A newcomer's first night on a phone, from the printed link to a closed incident; axe reads every page."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import axe
from tests.support.chromium import chromium, phone
from tests.support.installation import ROOT, Installation, installation
from tests.support.push_service import PushService
from tests.support.stand_in import StandIn
from tests.support.virtual_phone import let_ring
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GUARD_MS = 450  # a button that has just come under the finger does not act for 400 ms


@pytest.fixture
def nightbell(tmp_path: Path) -> Iterator[Installation]:
    axe.needed()
    with installation(tmp_path) as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def report(page: Page, device: StandIn, *stages: str) -> None:
    """What sw.js says of the newest page, said by the stand-in."""
    rung = until(lambda: device.log[-1:], within=15, what="a push")[0]
    for stage in stages:
        answer = page.request.post(rung.data["receipt_url"], data={"stage": stage, "at": None})
        assert answer.status == 200


def a_night(page: Page, look: Callable[..., None], nightbell: Installation) -> None:
    """The alert pages: acknowledged on Now, promoted, worked on, resolved, closed, and read in Trends."""
    look("/")
    for newest in ("nothing is broken", "Errors at 14 %"):
        expect(page.get_by_label("Needs you")).to_contain_text(newest)
        page.wait_for_timeout(GUARD_MS)
        page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#now")).to_contain_text("You are working on")
    page.locator("#now").get_by_role("link", name=re.compile("Errors at 14 %")).first.click()
    page.wait_for_url("**/alerts/1")
    expect(page.locator("main")).to_contain_text("You have it")
    look()
    page.get_by_role("button", name="Promote").click()
    expect(page.get_by_role("dialog")).to_contain_text("You become its commander.")
    look()
    page.get_by_role("button", name="Declare incident").click()
    page.wait_for_url("**/incidents/1")
    expect(page.locator("main")).to_contain_text("Commander since")
    look()
    page.get_by_role("button", name="Note").click()
    page.get_by_label("For the timeline").fill("Rolled back the 03:06 deploy")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#incident-body")).to_contain_text("Rolled back the 03:06 deploy")
    page.locator("#dock").get_by_role("button", name="Resolve").click()
    page.get_by_label("What ended it").fill("The roll-back")
    look()
    page.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    expect(page.locator("main")).to_contain_text("The roll-back")
    page.wait_for_timeout(GUARD_MS)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("main")).to_contain_text("Closed")
    look()
    for path in ("/alerts/1", "/alerts", "/incidents", "/on-call"):
        look(path)

    # what the engine does once a minute, done now
    subprocess.run(
        [sys.executable, "-m", "app.cli", "trends"], cwd=ROOT, env=nightbell.environ, check=True, timeout=60
    )
    look("/trends?of=alerts&weeks=4")
    expect(page.locator("main")).to_contain_text("2 alerts")


def test_a_newcomer_sets_up_a_phone_and_lives_through_its_first_night(
    nightbell: Installation, browser: Browser
) -> None:
    found: list[Any] = []
    said: list[str] = []
    context = phone(browser)
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda line: said.append(f"{page.url}: {line.text}") if "Content Security" in line.text else None,
    )

    def look(path: str | None = None) -> None:
        if path:
            page.goto(nightbell.base_url + path)
        found.extend(axe.problems_on(page))

    look("/login")
    page.goto(nightbell.first_run_link)
    look()
    page.fill("#organisation", "Example")
    page.fill("#name", "Ada Okafor")
    page.fill("#email", "ada@nightbell.example")
    page.fill("#password", "short")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("alert")).to_contain_text("1 thing to put right")
    expect(page.locator("#email")).to_have_value("ada@nightbell.example")
    look()
    page.fill("#password", "brass kettle orbit plum")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/setup")
    expect(page.locator("main")).to_contain_text("Nobody would be paged")
    look()

    page.get_by_role("link", name=re.compile("^Begin")).click()
    page.wait_for_url("**/setup/device")
    expect(page.locator("push-toggle")).to_have_attribute("state", "ask")
    look()
    key = page.get_attribute("push-toggle", "data-key") or ""
    with PushService() as service:
        device = service.subscribe(key)
        let_ring(context, device, key)
        page.reload()
        page.get_by_role("button", name="Make this device ring").click()
        expect(page.locator("push-toggle")).to_have_attribute("state", "on")
        expect(page.locator("#device-verdict")).to_contain_text("Nobody knows yet")
        page.get_by_role("button", name="Send me a test page").click()
        expect(page.locator("#device-verdict")).to_contain_text("Your device should ring", timeout=15000)
        look()
        report(page, device, "received", "shown", "clicked")
        expect(page.locator("#device-verdict")).to_contain_text("Yes, it rang", timeout=15000)
        look()

        page.get_by_role("link", name="Next: A team").click()
        page.fill("#name", "Payments")
        look()
        page.get_by_role("button", name="Make the team").click()
        page.wait_for_url("**/setup/on-call")
        look()
        page.get_by_role("button", name="Take the pager").click()
        page.wait_for_url("**/setup/service")
        look()
        page.fill("#name", "Checkout")
        page.get_by_role("button", name="Make the service").click()
        page.wait_for_url("**/setup/integration")
        look()
        page.get_by_role("button", name="Create key").click()
        expect(page.locator("main")).to_contain_text("This is the only time the key is shown.")
        address, key = (page.locator(name).inner_text() for name in ("#address", "#key"))
        look()
        page.get_by_role("link", name="I have stored it").click()
        look()

        sent = page.request.post(
            address,
            headers={"Authorization": f"Bearer {key}"},
            data={"version": "4", "status": "firing", "groupKey": "g", "alerts": [{
                "status": "firing", "labels": {"alertname": "Errors at 14 %", "severity": "error"},
                "annotations": {}, "startsAt": "2026-11-12T03:10:00Z", "fingerprint": "f1"}]},
        )  # fmt: skip
        assert sent.status in (200, 202)
        page.reload()
        expect(page.locator("#first-alert")).to_contain_text("Errors at 14 %")
        # on its way before the next one comes, or both would go in one message
        expect(page.locator("#first-alert")).to_contain_text("accepted", timeout=20_000)
        page.get_by_role("button", name="Send a real alert").click()
        expect(page.locator("#first-alert")).to_contain_text("nothing is broken")
        expect(page.locator("#first-alert")).to_contain_text("Ada Okafor")
        # the alert just before it rang already: what follows within 10 s waits until they are over
        expect(page.locator("#first-alert")).to_contain_text("accepted", timeout=20_000)
        report(page, device, "received", "shown")
        expect(page.locator("#first-alert")).to_contain_text("shown", timeout=15000)
        look()
    look("/setup")
    expect(page.locator("main")).to_contain_text("Checkout would page Ada Okafor now.")
    a_night(page, look, nightbell)
    for path in (
        "/me",
        "/me/devices",
        "/me/security",
        "/services",
        "/services/1",
        "/teams",
        "/teams/1",
        "/offline",
    ):
        look(path)
    assert found == []
    assert said == []


def test_a_browser_that_blocks_notifications_is_told_how_to_allow_them(
    nightbell: Installation, browser: Browser
) -> None:
    page = phone(browser, permissions=[]).new_page()
    page.goto(nightbell.first_run_link)
    for name, value in (("organisation", "Example"), ("name", "Ada"), ("email", "a@b.example"),
                        ("password", "brass kettle orbit plum")):  # fmt: skip
        page.fill(f"#{name}", value)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/setup")
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    page.goto(f"{nightbell.base_url}/setup/device")
    expect(page.locator("push-toggle")).to_have_attribute("state", "blocked")
    expect(page.locator("push-toggle")).to_contain_text("Site settings")
    assert not page.get_by_text("In Firefox: click the sign").is_visible()
    assert axe.problems_on(page) == []
