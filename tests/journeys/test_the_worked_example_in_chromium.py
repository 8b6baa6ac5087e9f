"""The worked example of swaps on phones: Ana asks, Bo accepts, Mara approves, Cy takes over."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from playwright.sync_api import Browser, Page, expect

from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert, Said
from app.domain.words import PageKind, Severity
from app.engine import jobs
from app.oncall.models import EscalationPolicy
from app.paging.models import Page as Sent
from app.people.models import User
from tests.support import axe, chromium
from tests.support.cast import make, make_integration, make_service
from tests.support.clock import TestClock
from tests.support.live_app import live, sign_in
from tests.support.oncall import utc
from tests.support.rota import NIGHT_START, Rota

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

PICTURES = os.environ.get("NIGHTBELL_PICTURES")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


def phone(browser: Browser, address: str, user: User) -> Page:
    context = chromium.phone(browser, viewport={"width": 390, "height": 844}, timezone_id="America/Chicago")
    sign_in(context, address, user)
    return context.new_page()


def shown(page: Page, name: str) -> None:
    """Nothing is cut off at the side, and axe finds nothing in dark or light. With NIGHTBELL_PICTURES
    the screen is kept there to look at.
    """
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")
    assert axe.problems_on(page) == []


def alert(rota: Rota) -> Sent:
    """An alert of a service whose policy asks the schedule comes in now; answers the page that it leads to."""
    with transaction():
        policy = make(
            EscalationPolicy, name="Payments critical", team_id=rota.team.id, repeat=0, created_at=rota.clock(),
            steps=[{"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(rota.schedule.id)}]}],
            updated_at=rota.clock(),
        )  # fmt: skip
        integration = make_integration(make_service("checkout-api", rota.team, policy))
        incoming = IncomingAlert(dedup_key="k", title="Errors", severity=Severity.CRITICAL, status=Said.FIRING)
        receive(incoming, integration, at=rota.clock())
    while jobs.take_due_steps():
        pass
    return db.session.scalars(sa.select(Sent).where(Sent.kind == PageKind.PAGE)).one()


def test_the_worked_example_screen_by_screen(app: APIFlask, clock: TestClock, browser: Browser) -> None:
    axe.needed()
    rota = Rota(clock, needs_approval=True)
    with live(app) as address:
        ana, bo, cy, mara = (phone(browser, address, user) for user in (rota.ana, rota.bo, rota.cy, rota.mara))
        # Ana: from Now in four taps at most, of which the last sends
        taps: list[str] = []
        ana.expose_function("tapped", lambda words: taps.append(words.strip()))
        ana.add_init_script("addEventListener('click', e => e.isTrusted && tapped(e.target.innerText), true)")
        ana.goto(address)
        ana.get_by_role("link", name="Ask for cover").click()
        expect(
            ana.get_by_text("Other hours", exact=True)
        ).to_be_visible()  # a click does not wait for the next page
        shown(ana, "ask")
        ana.get_by_text("Other hours", exact=True).click()
        ana.get_by_label("From", exact=True).fill("2026-10-31T18:00")
        ana.get_by_label("To", exact=True).fill("2026-11-01T08:00")
        ana.get_by_role("button", name="Show who could").click()
        expect(ana.get_by_role("heading", name="Sat 31 Oct, 18:00 CDT – Sun 1 Nov, 08:00 CST")).to_be_visible()
        weight = "15 h, clocks go back in these hours, counts as 30: weekend and night"
        expect(ana.get_by_text(weight)).to_be_visible()
        shown(ana, "ask-night")
        ana.get_by_role("button", name="Ask ").click()
        expect(ana.get_by_text("You stay on call until somebody accepts")).to_be_visible()
        assert taps == ["Ask for cover", "Other hours", "Show who could", "Ask Cy and Bo"]
        shown(ana, "asked")
        # Bo and Cy both have Accept before them; Bo is first
        for page in (bo, cy):
            page.goto(f"{address}/swaps/1")
            expect(page.get_by_role("button", name="Accept")).to_be_visible()
        shown(bo, "accept")
        bo.get_by_role("button", name="Accept").click()
        expect(bo.get_by_role("button", name="Undo: give it back")).to_be_visible()
        cy.get_by_role("button", name="Accept").click()
        expect(cy.get_by_text("Already taken by Bo")).to_be_visible()
        shown(cy, "taken")
        # until Mara approves at 31 Oct 12:10, Ana has it
        rota.until(utc("2026-10-31 17:10"))
        assert rota.on_call(utc("2026-11-01 01:00")) == "Ana"
        mara.goto(f"{address}/swaps")
        shown(mara, "inbox")
        mara.get_by_role("button", name="Approve").click()
        expect(mara.get_by_text("Approved. It counts from now on.")).to_be_visible()
        db.session.rollback()  # the browsers changed rows behind this session
        assert rota.on_call(utc("2026-11-01 01:00")) == "Bo"
        # Bo falls ill at 20:30, and Cy takes over from the on-call board
        rota.until(utc("2026-11-01 01:30"))
        cy.goto(f"{address}/on-call")
        cy.get_by_role("button", name="Take over now").click()
        expect(cy.get_by_text("You have the pager. Bo has been told.")).to_be_visible()
        shown(cy, "taken-over")
        # 01:30 for the second time is 07:30Z: Cy, and how that came
        cy.goto(f"{address}/on-call?at=2026-11-01T07:30:00Z")
        for says in ("Ana’s turn", "Bo covers for Ana by a swap", "Cy took over from Bo"):
            expect(cy.get_by_text(says)).to_be_visible()
        shown(cy, "why")
        cy.goto(f"{address}/schedules/1?from=2026-10-26")
        shown(cy, "schedule")
        # a page at that moment is Cy's, and its chain reads layer, swap, take-over
        rota.until(utc("2026-11-01 07:30"))
        paged = alert(rota)
        assert paged.user.name == "Cy"
        assert [words.partition(": ")[2].partition(" until")[0] for words in paged.reason[-3:]] == [
            "weekly, Ana’s turn", "Bo covers for Ana by a swap", "Cy took over from Bo",
        ]  # fmt: skip
        cy.goto(f"{address}/alerts/1")
        cy.get_by_text("Full chain").click()
        expect(cy.get_by_text("Cy took over from Bo").last).to_be_visible()
        shown(cy, "paged")
        # 3 Nov: what was served stays so, nobody can take it back, and the hours add up
        rota.until(utc("2026-11-03 18:00"))
        jobs.record_past_shifts()
        mara.goto(f"{address}/swaps/1")
        expect(mara.get_by_text("How it went")).to_be_visible()
        expect(mara.get_by_role("button", name="Cancel")).to_have_count(0)
        shown(mara, "afterwards")
        mara.goto(f"{address}/schedules/1/fairness?from=2026-10-28&to=2026-11-02")
        for name, hours in (("Ana", "−15 h"), ("Bo", "+2 h 30 min"), ("Cy", "+12 h 30 min")):
            expect(mara.get_by_role("row", name=name).first).to_contain_text(f"{hours} by covers")
        shown(mara, "fairness")
        db.session.rollback()
        assert rota.on_call(NIGHT_START) == "Bo"
