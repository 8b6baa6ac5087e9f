"""An incident on several screens at once, and a tab that closes over half a sentence."""

import re
from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from playwright.sync_api import BrowserContext, expect

from app import clock
from app.database import db, transaction
from app.incidents import queries, status
from tests.support import chromium
from tests.support.live_app import live, sign_in
from tests.support.waiting import until
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

WRITE = "/incidents/1/updates/new"
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('nb:draft:')).length"


@pytest.fixture
def ada(app: APIFlask, world: World) -> Iterator[tuple[BrowserContext, str]]:
    """Ada commands incident 1, and is signed in on her phone."""
    world.fire()
    world.promote(world.cast.ada)
    with live(app) as address, chromium.chromium() as browser:
        context = chromium.phone(browser)
        sign_in(context, address, world.cast.ada)
        yield context, address


def test_S30_an_open_screen_shows_by_itself_what_somebody_else_changed(
    ada: tuple[BrowserContext, str], world: World
) -> None:
    context, address = ada
    page = context.new_page()
    with page.expect_response(re.compile("/live/part$")):  # it knows what it shows
        page.goto(f"{address}/incidents/1/live")
    expect(page.locator("#live").get_by_text("Open", exact=True)).to_be_visible()
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        status.mitigate(incident, by=db.session.merge(world.cast.ben), at=clock.now())
    # long before the quarter of a minute after which every screen asks anyway
    expect(page.locator("#live").get_by_text("Mitigated", exact=True)).to_be_visible(timeout=10_000)


def test_a_closed_tab_in_the_middle_of_an_update_loses_no_word(ada: tuple[BrowserContext, str]) -> None:
    context, address = ada
    page = context.new_page()
    page.goto(address + WRITE)
    steps = page.get_by_label("Steps taken and results")
    own = steps.input_value()
    steps.fill("We called the bank, and")
    page.close()
    page = context.new_page()
    page.goto(address + WRITE)
    steps = page.get_by_label("Steps taken and results")
    expect(steps).to_have_value("We called the bank, and")
    expect(page.locator("[data-draft]")).to_contain_text("is back")
    page.get_by_role("button", name="Throw it away").click()
    expect(steps).to_have_value(own)
    steps.fill("We called the bank, and they answered.")
    page.get_by_role("button", name="Send update").click()
    expect(page.locator("#updates")).to_contain_text("they answered.")
    until(lambda: page.evaluate(DRAFTS) == 0, within=10, what="the draft is let go")
    page.goto(address + WRITE)
    expect(page.get_by_label("What is wrong")).to_be_visible()
    expect(page.locator("[data-draft]")).to_be_empty()
