"""From the page on Now to a closed incident with Tab, Enter, Space and the arrow keys, and nothing else."""

import pytest
from apiflask import APIFlask
from playwright.sync_api import Page, expect

from tests.support import chromium
from tests.support.clock import TestClock
from tests.support.keyboard import focus_is_kept, press, write
from tests.support.live_app import live, sign_in
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SIZES = {"desk": (1280, 800), "phone": (390, 844)}


@pytest.mark.parametrize("size", SIZES)
def test_an_alert_becomes_an_incident_and_is_closed_by_keys(app: APIFlask, clock: TestClock, size: str) -> None:
    world = World(clock)
    world.fire()
    world.tick()
    width, height = SIZES[size]
    with live(app) as address, chromium.chromium() as browser:
        context = browser.new_context(viewport={"width": width, "height": height})
        sign_in(context, address, world.cast.ada)
        page = context.new_page()
        page.goto(address)
        _take_it(page)
        _decide(page)
        _tell(page)
        _end(page)


def _take_it(page: Page) -> None:
    """From Now to an incident that Ada commands."""
    press(page, "Checkout errors at 14 %")
    page.wait_for_url("**/alerts/1")
    press(page, "Acknowledge", "Space")
    expect(page.get_by_role("button", name="Promote")).to_be_visible()
    focus_is_kept(page)
    press(page, "Promote")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Declare incident")
    page.wait_for_url("**/incidents/1")
    expect(page.get_by_text("Commander since").first).to_be_visible()


def _decide(page: Page) -> None:
    press(page, "Propose an option", "Space")
    sheet = page.get_by_role("dialog", name="Propose an option")
    expect(sheet).to_be_visible()
    write(page, "what", "Roll back")
    write(page, "rationale", "It began then.")
    press(page, "Propose")
    expect(page.locator("#decide").get_by_role("heading", name="Roll back")).to_be_visible()
    focus_is_kept(page)
    press(page, "Approve", "Space")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    focus_is_kept(page)
    press(page, "Start")
    expect(page.get_by_role("button", name="How did it go?")).to_be_visible()
    focus_is_kept(page)
    press(page, "How did it go?")
    sheet = page.get_by_role("dialog", name="How did it go?")
    expect(sheet).to_be_visible()
    outcomes = sheet.locator("[name=outcome]")
    first = outcomes.first.get_attribute("value")
    _to(page, "outcome")
    page.keyboard.press("ArrowDown")
    expect(sheet.locator(f"[name=outcome][value={first}]")).not_to_be_checked()
    press(page, "Record result")
    expect(page.get_by_role("heading", name="Round 2: what do we try?")).to_be_visible()
    focus_is_kept(page)


def _tell(page: Page) -> None:
    press(page, "Write update")
    expect(page.get_by_role("button", name="Send update")).to_be_visible()
    press(page, "Send update")
    expect(page.locator("#updates")).to_contain_text("Update 1")


def _end(page: Page) -> None:
    press(page, "Resolve", "Space")
    expect(page.get_by_role("dialog", name="Resolve this incident")).to_be_visible()
    press(page, "Resolve")
    expect(page.locator("#dock").get_by_role("button", name="Reopen")).to_be_visible()
    focus_is_kept(page)
    page.reload()  # a press right after a swap is held back on purpose
    press(page, "Close", "Space")
    expect(page.locator("main").get_by_text("Closed", exact=True).first).to_be_visible()
    focus_is_kept(page)


def _to(page: Page, field: str) -> None:
    """Tab to a field."""
    write(page, field, "")
