"""One incident from the first option to closed without a mouse, as docs/accessibility.md says."""

import pytest
from apiflask import APIFlask
from playwright.sync_api import APIResponse, Route, expect

from tests.support import chromium
from tests.support.clock import TestClock
from tests.support.keyboard import press, write
from tests.support.live_app import live, sign_in
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def test_an_incident_is_run_by_keys_alone(app: APIFlask, clock: TestClock) -> None:
    world = World(clock)
    world.fire()
    world.promote(world.cast.ada)
    with live(app) as address, chromium.chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        sign_in(context, address, world.cast.ada)
        page = context.new_page()
        page.goto(f"{address}/incidents/1")

        press(page, "Propose an option")
        expect(page.get_by_role("dialog", name="Propose an option")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Propose an option")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="Propose an option")).to_be_visible()
        write(page, "what", "Roll back")
        write(page, "rationale", "It began then.")
        press(page, "Propose")
        expect(page.locator("#decide").get_by_role("heading", name="Roll back")).to_be_visible()
        press(page, "Approve")
        expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
        late: list[tuple[Route, APIResponse]] = []
        page.route("**/start", lambda route: late.append((route, route.fetch())))
        press(page, "Start")
        # the screen is brought up to now before the answer comes, which must not close what was opened since
        expect(page.get_by_role("button", name="How did it go?")).to_be_visible()
        press(page, "How did it go?")
        expect(page.get_by_role("dialog", name="How did it go?")).to_be_visible()
        route, response = late.pop()
        route.fulfill(response=response)
        expect(page.get_by_role("status").filter(has_text="Being done.")).to_be_attached()
        expect(page.get_by_role("dialog", name="How did it go?")).to_be_visible()
        press(page, "Record result")
        expect(page.get_by_role("heading", name="Round 2: what do we try?")).to_be_visible()

        press(page, "Write update")
        expect(page.get_by_role("button", name="Send update")).to_be_visible()
        press(page, "Send update")
        expect(page.locator("#updates")).to_contain_text("Update 1")
        press(page, "Resolve")
        expect(page.get_by_role("dialog", name="Resolve this incident")).to_be_visible()
        press(page, "Resolve")
        expect(page.locator("#dock").get_by_role("button", name="Reopen")).to_be_visible()
        page.reload()  # a press right after a swap is held back on purpose
        press(page, "Close")
        expect(page.locator("main").get_by_text("Closed", exact=True).first).to_be_visible()
