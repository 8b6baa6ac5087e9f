"""From a resolved incident to the next one like it: postmortem, review, actions, and what they changed."""

import re

import pytest
from apiflask import APIFlask
from playwright.sync_api import Page, expect

from app.database import transaction
from app.domain.response_rule import Act, Action, Condition, Field
from app.engine.learning import open_postmortems
from app.incidents import queries, response_rules, status
from tests.learning.conftest import who
from tests.support import chromium
from tests.support.clock import TestClock
from tests.support.live_app import live, sign_in
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
RULE = "Critical alerts become incidents"


def test_S02_S56_S57_S58_S59_what_one_incident_taught_is_seen_in_the_next(
    app: APIFlask, clock: TestClock
) -> None:
    world = World(clock)
    over(world)
    with live(app) as address, chromium.chromium() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        sign_in(context, address, world.cast.mara)
        page = context.new_page()
        page.set_default_timeout(15_000)
        hold_the_review(page, address)
        promise_three(page, address)
        change_the_rule(page, address)
        publish(page, address)
        clock.advance(minutes=90)
        world.fire("Checkout errors at 31 %", key="k2")
        world.promote(world.cast.ada, 2)
        page.goto(f"{address}/incidents/2")
        before = page.locator("section").filter(has_text="INC-1").filter(has_text="Rolled back")
        expect(before.first).to_contain_text("The rule is on again")
        page.goto(f"{address}/services/1")
        expect(page.locator("section", has=page.locator("#improved"))).to_contain_text("Alert on the unit")
        taught = page.locator("section", has=page.locator("#taught"))
        expect(taught).to_contain_text("Postmortem published, 1 of 3 actions carried out")
        expect(taught).to_contain_text("INC-2")


def over(world: World) -> None:
    """Incident 1 is resolved, its postmortem open; a rule that would have helped is off."""
    world.fire()
    world.tick()
    world.promote(world.cast.ada)
    with transaction():
        rule = response_rules.create(
            name=RULE, conditions=(Condition(Field.SEVERITY, ("critical",)),), needs_all=True,
            actions=(Action(Act.PROMOTE),), stops=False, by=who(world.cast.mara), at=world.now,
        )  # fmt: skip
        response_rules.switch(rule, is_on=False, by=who(world.cast.mara), at=world.now)
    world.clock.advance(minutes=58)
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        status.resolve(incident, by=who(world.cast.ada), at=world.now, resolution="Rolled back")
    open_postmortems()


def hold_the_review(page: Page, address: str) -> None:
    page.goto(f"{address}/postmortems/1/meeting")
    page.locator("button[name=start]").first.click()
    expect(page.get_by_text("Planned for ")).to_be_visible()
    page.get_by_label("Decisions").fill("- Test units")
    page.get_by_role("button", name="It was held: keep this").click()
    expect(page.locator("#meeting ~ p").filter(has_text="Held ")).to_be_visible()


def promise_three(page: Page, address: str) -> None:
    for text, kind, improves in (
        ("Switch the rule on", "Respond", "rule:"), ("Alert on the unit", "Detect", "service:"),
        ("Test units", "Prevent", ""),
    ):  # fmt: skip
        page.goto(f"{address}/incidents/1/action-items")
        page.get_by_role("textbox", name="What is to change").fill(text)
        page.get_by_role("radio", name=re.compile(f"^{kind}")).check()
        if improves:
            value = page.locator(f"#improves option[value^='{improves}']").first.get_attribute("value")
            page.locator("#improves").select_option(value)
        page.get_by_role("button", name="Promise it").click()
        page.wait_for_url(re.compile(r"/action-items/\d+$|/incidents/1"))


def change_the_rule(page: Page, address: str) -> None:
    page.goto(f"{address}/response-rules")
    page.get_by_role("button", name=f"Switch on: {RULE}").click()
    expect(page.get_by_role("button", name=f"Switch off: {RULE}")).to_be_visible()
    page.goto(f"{address}/action-items/1")
    page.get_by_label("What changed").fill("The rule is on again")
    page.get_by_role("button", name="It is done").click()
    expect(page.get_by_text("The rule is on again").first).to_be_visible()
    page.goto(f"{address}/response-rules")
    expect(page.locator("#improved ~ *, section:has(#improved)").first).to_contain_text("The rule is on again")


def publish(page: Page, address: str) -> None:
    for part in ("cause", "prevention"):
        page.goto(f"{address}/postmortems/1/parts/{part}")
        page.locator("#text").fill(f"About {part}: a unit in ms.")
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(f"{address}/postmortems/1")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("button", name="Revise")).to_be_visible()
    expect(page.get_by_text("Test units").first).to_be_visible()
