"""A phone without a network: notes and steps are kept, say so, and go out once with their own time."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from playwright.sync_api import BrowserContext, expect

from app import clock
from app.database import db, transaction
from app.domain.words import IncidentSeverity
from app.incidents import playbooks
from app.timeline.models import Event
from tests.support import chromium
from tests.support.live_app import live, sign_in
from tests.support.waiting import until
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

KEPT = "Kept on this device, not sent yet."
CACHED = "caches.open('playbooks').then(store => store.keys()).then(keys => keys.length)"


@pytest.fixture
def phone(app: APIFlask, world: World) -> Iterator[tuple[BrowserContext, str]]:
    """Ada leads incident 1, which has a playbook of one step."""
    world.fire()
    world.promote(world.cast.ada)
    with transaction():
        playbooks.create(
            name="Failover", body="Call the bank first.\n\n- [ ] Move the traffic", services=[], rules=[],
            severities=[IncidentSeverity.SEV1], by=db.session.merge(world.cast.ada), at=clock.now(),
        )  # fmt: skip
    with live(app) as address, chromium.chromium() as browser:
        context = chromium.phone(browser)
        sign_in(context, address, world.cast.ada)
        yield context, address


def happened(kind: str) -> list[dict[str, Any]]:
    with transaction():
        return list(db.session.scalars(sa.select(Event.data).where(Event.kind == kind).order_by(Event.id)))


def test_S29_SEC33_what_is_written_without_a_network_is_kept_and_sent_once_with_its_time(
    phone: tuple[BrowserContext, str], world: World
) -> None:
    context, address = phone
    page = context.new_page()
    page.clock.set_fixed_time(world.now - timedelta(minutes=7))
    page.goto(f"{address}/incidents/1")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # by the worker now
    until(lambda: page.evaluate(CACHED) == 1, within=20, what="the playbook is on the phone")

    context.set_offline(True)
    page.get_by_role("button", name="Note", exact=True).first.click()
    page.get_by_label("For the timeline").fill("The cage key is with Ben.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("kept-forms")).to_contain_text(KEPT)
    expect(page.locator("kept-forms")).to_contain_text("The cage key is with Ben.")
    page.goto(f"{address}/incidents/1/playbooks/1")
    expect(page.get_by_text("Call the bank first.")).to_be_visible()
    page.get_by_role("button", name="Move the traffic").click()
    expect(page.locator("kept-forms")).to_contain_text("Move the traffic")
    assert (happened("noted"), happened("ticked")) == ([], [])

    context.set_offline(False)
    expect(page.locator("kept-forms")).to_be_empty(timeout=30_000)
    (noted,), (ticked,) = happened("noted"), happened("ticked")
    assert noted["text"] == "The cage key is with Ben."
    assert noted["written_at"] == ticked["written_at"] == (world.now - timedelta(minutes=7)).isoformat()
    page.goto(f"{address}/incidents/1")
    expect(page.get_by_text("Ada noted, offline at")).to_be_visible()
    expect(page.get_by_text("Ada did a step of Failover, offline at")).to_be_visible()

    page.goto(f"{address}/me")  # SEC-33: the playbooks go with the sign-in
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page).to_have_url(re.compile("/login"))
    until(lambda: not page.evaluate("caches.has('playbooks')"), within=10, what="the playbooks are gone")


def test_what_the_server_does_not_take_stays_with_its_words_until_somebody_throws_it_away(
    phone: tuple[BrowserContext, str], world: World
) -> None:
    context, address = phone
    page = context.new_page()
    page.goto(f"{address}/incidents/1/playbooks/1")
    page.wait_for_function("customElements.get('kept-forms') !== undefined")
    context.set_offline(True)
    page.get_by_role("button", name="Move the traffic").click()
    expect(page.locator("kept-forms")).to_contain_text(KEPT)
    with transaction():
        playbook = playbooks.by_name()[0]
        playbooks.change(
            playbook, name="Failover", body="- [ ] Another step", severities=[IncidentSeverity.SEV1],
            services=[], rules=[], by=db.session.merge(world.cast.ada), at=clock.now(),
        )  # fmt: skip
    context.set_offline(False)
    expect(page.locator("kept-forms")).to_contain_text("Not taken", timeout=30_000)
    expect(page.locator("kept-forms")).to_contain_text("Move the traffic")
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator("kept-forms")).to_be_empty()
    assert happened("ticked") == []
