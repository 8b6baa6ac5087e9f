"""Three people at once: a commander on a phone, a scribe at a desk, a stakeholder who follows.

Two rounds, one bypass, one handover, three updates; the exported timeline is what happened, entry by entry.
"""

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, Page, expect

from app.people.models import User
from tests.support import chromium
from tests.support.clock import TestClock
from tests.support.live_app import live, sign_in
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SCREEN = "/incidents/1"
ROLLED_BACK = "Roll back the deploy had no effect: Still 14 %."
RESTARTED = "Restart the gateway worked: 14 % to 0 %."
HAPPENED = [
    ("triggered", "Alert 1: Began, told by events_v2", None),
    ("acknowledged", "Alert 1: Ada acknowledged", None),
    ("declared", "Ada declared the incident, from alert 1", None),
    ("round_begun", "Round 1 began", None),
    ("option_proposed", "Ben proposed, low risk", "Roll back the deploy"),
    ("update_sent", "Ben sent update 1 to 5 people", "Cards are refused.\nNothing tried yet."),
    ("option_approved", "Ada approved", "Roll back the deploy"),
    ("action_begun", "Ben began", "Roll back the deploy"),
    ("action_ended", "It had no effect", "Roll back the deploy\nStill 14 %"),
    ("round_ended", "Round 1 ended", None),
    ("round_begun", "Round 2 began", None),
    ("option_proposed", "Ben proposed, low risk", "Restart the gateway"),
    ("action_begun", "Ben acts without the commander's approval",
     "Restart the gateway\nThe queue fills in 2 min."),
    ("action_ended", "It worked", "Restart the gateway\n14 % to 0 %"),
    ("round_ended", "Round 2 ended", None),
    ("update_sent", "Ben sent update 2 to 5 people", f"Cards work again.\n{ROLLED_BACK}\n{RESTARTED}"),
    ("commander_changed", "Ada handed command to Ben", None),
    ("update_sent", "Ben sent update 3 to 5 people", f"Over. We write down why.\n{ROLLED_BACK}\n{RESTARTED}"),
    ("status_changed", "Ben set it to resolved", "The gateway had leaked connections."),
    ("resolved", "Alert 1: Ben resolved it", "Resolved with incident 1"),
    ("closed", "Ben closed it", None),
]  # fmt: skip
SOON = 15_000  # milliseconds in which one screen shows what another one did


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


def screen(browser: Browser, address: str, user: User, path: str, *, is_phone: bool) -> Page:
    size = {"width": 1280, "height": 800}
    context = chromium.phone(browser) if is_phone else browser.new_context(viewport=size)
    sign_in(context, address, user)
    page = context.new_page()
    page.goto(address + path)
    return page


def propose(page: Page, what: str) -> None:
    page.get_by_role("button", name="Propose an option").click()
    sheet = page.get_by_role("dialog", name="Propose an option")
    sheet.locator("[name=what]").fill(what)
    sheet.locator("[name=rationale]").fill("It began with the deploy.")
    sheet.get_by_role("button", name="Propose", exact=True).click()
    expect(page.locator("#decide").get_by_role("heading", name=what)).to_be_visible()


def end(page: Page, outcome: str, result: str) -> None:
    page.get_by_role("button", name="How did it go?").click()
    sheet = page.get_by_role("dialog", name="How did it go?")
    sheet.locator(f"[name=outcome][value={outcome}]").check()
    sheet.get_by_label("What changed").fill(result)
    sheet.get_by_role("button", name="Record result").click()
    expect(page.locator("#decide")).to_contain_text(result)


def update(page: Page, issue: str) -> None:
    page.get_by_role("link", name="Write update").click()
    words = page.get_by_label("What is wrong", exact=True)
    expect(words).to_be_visible()
    words.fill(issue)
    page.get_by_text("And stakeholders", exact=False).click()
    page.get_by_role("button", name="Send update").click()
    expect(page.locator("#updates")).to_contain_text(issue)


def test_three_people_run_one_incident_from_alert_to_closed(
    app: APIFlask, clock: TestClock, browser: Browser
) -> None:
    world = World(clock)
    world.fire()
    with live(app) as address:
        # Ada, on the phone, makes the alert an incident and leads it
        ada = screen(browser, address, world.cast.ada, "/alerts/1", is_phone=True)
        ada.get_by_role("button", name="Acknowledge").first.click()
        expect(ada.get_by_role("button", name="Promote")).to_be_visible()
        ada.get_by_role("button", name="Promote").click()
        ada.get_by_role("button", name="Declare incident").click()
        expect(ada.get_by_text("Commander since").first).to_be_visible()
        ben = screen(browser, address, world.cast.ben, SCREEN, is_phone=False)
        eli = screen(browser, address, world.cast.eli, f"{SCREEN}/live", is_phone=True)
        eli.get_by_role("button", name="Tell me when it changes").click()
        expect(eli.get_by_role("button", name="Tell me no longer")).to_be_visible()

        # round 1: Ben writes down and proposes, Ada sees it by herself and approves
        propose(ben, "Roll back the deploy")
        update(ben, "Cards are refused.")
        expect(eli.get_by_text("Cards are refused.").first).to_be_visible(timeout=SOON)
        ada.get_by_role("button", name="Approve").click(timeout=SOON)
        ben.get_by_role("button", name="Start", exact=True).click(timeout=SOON)
        expect(ben.get_by_role("button", name="How did it go?")).to_be_visible()
        end(ben, "no_effect", "Still 14 %")

        # round 2: Ben cannot wait
        propose(ben, "Restart the gateway")
        ben.get_by_role("button", name="It cannot wait").click()
        ben.get_by_label("Why it cannot wait").fill("The queue fills in 2 min.")
        ben.get_by_role("button", name="Start without approval").click()
        expect(ada.locator("#timeline-entries, main").first).to_contain_text(
            "Ben acts without the commander's approval", timeout=SOON
        )
        end(ben, "worked", "14 % to 0 %")
        update(ben, "Cards work again.")

        # Ada hands over, and it is over
        ada.get_by_role("button", name="Hand over").first.click()
        sheet = ada.get_by_role("dialog", name="Hand over command")
        sheet.get_by_label("To", exact=True).select_option(str(world.cast.ben.id))
        sheet.get_by_role("button", name="Hand over").click()
        expect(ada.get_by_text("Ben commands now.")).to_be_visible()
        expect(eli.locator("#live")).to_contain_text("Ben", timeout=SOON)
        update(ben, "Over. We write down why.")
        ben.get_by_role("button", name="Resolve", exact=True).click()
        sheet = ben.get_by_role("dialog", name="Resolve this incident")
        sheet.get_by_label("What ended it").fill("The gateway had leaked connections.")
        sheet.get_by_role("button", name="Resolve", exact=True).click()
        expect(ben.locator("#dock").get_by_role("button", name="Reopen")).to_be_visible()
        ben.goto(address + SCREEN)  # a fresh page: a tap right after a swap is held back on purpose
        ben.locator("#dock").get_by_role("button", name="Close", exact=True).click()
        expect(eli.get_by_text("Closed", exact=True)).to_be_visible(timeout=SOON)
        for told in ("Cards are refused.", "Cards work again.", "Over. We write down why."):
            expect(eli.locator("#live")).to_contain_text(told)
        exported = ben.request.get(f"{address}{SCREEN}/export?as=json").json()

    assert (exported["incident"], exported["title"]) == (1, "Checkout errors at 14 %")
    assert [(each["kind"], each["says"], each["text"]) for each in exported["entries"]] == HAPPENED
    assert {each["recorded_at"] for each in exported["entries"]} == {world.now.isoformat()}
    assert not any(each["pinned"] for each in exported["entries"])
