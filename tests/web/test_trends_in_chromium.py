"""The pages of Trends as they are looked at: phone and desk, light and dark, of nothing, of three, of many."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.alerts.models import Alert
from app.database import db, transaction
from app.domain.words import AlertStatus, IncidentSeverity, IncidentStatus, ResolvedBy, Severity, Urgency
from app.incidents.models import Incident
from app.people.models import User
from app.trends import pages
from tests.support import chromium
from tests.support.cast import Cast, make, make_service
from tests.support.clock import TestClock
from tests.support.live_app import live, sign_in
from tests.support.many_days import fill
from tests.support.readable import complaints, faults_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

PAGES = (
    "/trends", "/trends/response?of=incidents", "/trends/alerts", "/trends/load", "/trends/recommendations",
    "/services/2/trends",
)  # fmt: skip
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
LOWEST, HIGHEST = 240, 320  # px of a figure, and
WIDEST = 360  # of one on a phone
A_LIST = {"together"}  # as high as its names need
sizes = pytest.mark.parametrize("size", SIZES)

# of each figure that is drawn: its name, its box, and whether all that is drawn lies in it
FIGURES = """() => [...document.querySelectorAll("figure-plot")].map((one) => {
  const box = one.getBoundingClientRect(), svg = one.querySelector(".main-svg")?.getBoundingClientRect();
  const words = [...one.querySelectorAll("text")].filter((text) => text.textContent.trim());
  const outside = words.filter((text) => {
    const { left, right } = text.getBoundingClientRect();
    return right && (left < box.left - 1 || right > box.right + 1);
  });
  return { name: one.getAttribute("name"), state: one.getAttribute("state"),
    width: box.width, height: box.height,
    marks: one.querySelectorAll(".trace, .hm, .annotation").length, drawn: svg?.width ?? 0,
    outside: outside.map((text) => text.textContent) };
})"""
# what shows only while a pointer rests on it
BY_POINTER = """() => [
  ...[...document.querySelectorAll("main [title]")].map((one) => one.outerHTML.slice(0, 120)),
  ...[...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText)
    .filter((text) => /^(?!.js-plotly).*:hover[^{]*\\{[^}]*(display|visibility|content)\\s*:/.test(text)),
]"""
CARDS = """() => [...document.querySelectorAll(".figure-card")].map((card) => ({
  name: card.querySelector("h2").id, sentence: card.querySelector("h2").textContent.trim(),
  isDrawn: Boolean(card.querySelector("figure-plot")),
  isLabelled: Boolean(card.querySelector("figure-plot")?.ariaLabel),
  rows: card.querySelectorAll("tbody tr").length, footer: card.querySelector("footer").textContent.trim(),
  folded: [...card.querySelectorAll("summary")].map((one) => one.textContent.trim()),
}))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    """With the service that the pages are asked for."""
    with transaction():
        cast = Cast()
        assert make_service("service 7", cast.payments).id == 2
    return cast


@pytest.fixture
def address(app: APIFlask) -> Iterator[str]:
    with live(app) as address:
        yield address


def context_of(browser: Browser, address: str, who: User, size: str) -> BrowserContext:
    width, height = SIZES[size]
    context = chromium.phone(
        browser, viewport={"width": width, "height": height}, color_scheme="light", base_url=address,
        is_mobile=size == "phone", has_touch=size == "phone", service_workers="block", reduced_motion="reduce",
    )  # fmt: skip
    sign_in(context, address, who)
    return context


def three_rows(cast: Cast, clock: TestClock) -> None:
    with transaction():
        for number in range(3):
            begins = clock() - timedelta(days=3 + number)
            over = begins + timedelta(minutes=40 + number)
            about = {"team_id": cast.payments.id, "created_at": begins, "updated_at": over, "resolved_at": over}
            make(
                Alert, **about, service_id=2, dedup_key=str(number), severity=Severity.CRITICAL,
                title="A rule whose name is so long that it must be broken: ledger-db replica lag over 40 s",
                urgency=Urgency.HIGH, status=AlertStatus.RESOLVED, resolved_by=ResolvedBy.HUMAN,
                started_at=begins, acknowledged_at=begins + timedelta(minutes=3),
                acknowledged_by_id=cast.ada.id, links=[], labels={}, annotations={},
            )  # fmt: skip
            make(
                Incident, **about, title="Payments fail", severity=IncidentSeverity.SEV1,
                status=IncidentStatus.RESOLVED, detected_at=begins, declared_at=begins,
                acknowledged_at=begins + timedelta(minutes=2),
            )  # fmt: skip


def walked(context: BrowserContext, size: str) -> tuple[list[str], int]:
    """What is wrong with the pages in light and in dark, and how many figures were seen drawn."""
    found: list[str] = []
    drawn = 0
    for path in PAGES:
        page = context.new_page()
        said = complaints(page)
        page.goto(path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            seen(page)
            wrong, n = looked_at(page, size)
            found += [f"{path}, {scheme}: {fault}" for fault in wrong]
            drawn += n
        found += [f"{path}: {line}" for line in said if "blocked by Playwright" not in line]
        page.close()
    return found, drawn


def seen(page: Page) -> None:
    """Look at every figure once: each is drawn when it comes near."""
    figures = page.locator("figure-plot")
    for number in range(figures.count()):
        figures.nth(number).evaluate("one => one.scrollIntoView({ block: 'center' })")
        expect(figures.nth(number)).to_have_attribute("state", re.compile("drawn|failed"), timeout=20_000)
    expect(page.locator("figure-plot[aria-busy]")).to_have_count(0, timeout=20_000)
    page.evaluate("scrollTo(0, 0)")


def looked_at(page: Page, size: str) -> tuple[list[Any], int]:
    """What is wrong with the page as it is now, and how many figures it has."""
    wrong: list[Any] = [*page.evaluate(BY_POINTER), *unreadable(page, size)]
    figures = page.evaluate(FIGURES)
    for figure in figures:
        is_whole = figure["state"] == "drawn" and figure["marks"] > 0 and not figure["outside"]
        fits = 0 < figure["drawn"] <= (WIDEST if size == "phone" else figure["width"])
        is_low = figure["name"] in A_LIST or LOWEST <= figure["height"] <= HIGHEST
        wrong += [] if is_whole and fits and is_low else [figure]
    for card in page.evaluate(CARDS):
        has_table = not card["isDrawn"] or (card["rows"] and card["isLabelled"] and "Table" in card["folded"])
        is_told = card["sentence"].endswith(".") and card["footer"] and "How we know" in card["folded"]
        wrong += [] if has_table and is_told else [card]
    return wrong, len(figures)


def unreadable(page: Page, size: str) -> list[Any]:
    return faults_of(page, width=SIZES[size][0], least=48 if size == "phone" else 40)


def many(cast: Cast, clock: TestClock, context: BrowserContext) -> None:
    """So many that each page first says that it is being worked out, and the engine does it."""
    fill(clock(), alerts_in_all=60_000, incidents_in_all=6_000)
    page = context.new_page()
    for path in PAGES:
        page.goto(path)
        expect(page.get_by_role("heading", name="These numbers are being worked out")).to_be_visible()
    page.close()
    pages.renew(clock())
    db.session.remove()


@pytest.mark.slow
@sizes
def test_of_nothing_each_page_says_so(
    app: APIFlask, browser: Browser, cast: Cast, address: str, size: str
) -> None:
    with context_of(browser, address, cast.mara, size) as context:
        found, drawn = walked(context, size)
        page = context.new_page()
        page.goto("/trends/response")
        expect(page.locator("main")).to_contain_text("so there is nothing to measure")
    assert not found, "\n".join(found)
    assert drawn == 0


@pytest.mark.slow
@sizes
def test_three_rows_are_shown_and_no_trend_is_made_of_them(
    app: APIFlask, browser: Browser, cast: Cast, clock: TestClock, address: str, size: str
) -> None:
    three_rows(cast, clock)
    with context_of(browser, address, cast.mara, size) as context:
        found, drawn = walked(context, size)
        page = context.new_page()
        page.goto("/trends")
        expect(page.locator("main")).to_contain_text("3 alerts: too few to tell a trend.")
        expect(page.locator("main")).not_to_contain_text("each week")
    assert not found, "\n".join(found)
    assert drawn > 20


@pytest.mark.slow
@sizes
def test_very_many_are_as_easy_to_read_and_without_figures_the_words_say_it_all(
    app: APIFlask, browser: Browser, cast: Cast, clock: TestClock, address: str, size: str
) -> None:
    with context_of(browser, address, cast.mara, size) as context:
        many(cast, clock, context)
        found, drawn = walked(context, size)
        blocked = "**/plotly*" if size == "phone" else "**/trends/figures*"
        found += [fault for path in PAGES for fault in lost_without(blocked, context, path, size)]
    assert not found, "\n".join(found)
    assert drawn > 40


def lost_without(blocked: str, context: BrowserContext, path: str, size: str) -> list[str]:
    """What the page no longer says, or says badly, where these addresses are not answered."""
    page = context.new_page()
    page.goto(path)
    whole = told(page)
    page.route(blocked, lambda route: route.abort())
    page.reload()
    seen(page)
    assert told(page) == whole
    figures = page.locator("figure-plot")
    for number in range(figures.count()):
        figure = figures.nth(number)
        expect(figure).to_have_text("The figure could not be drawn. The table says the same.")
        expect(figure.locator("xpath=following-sibling::div//table")).to_be_visible()
    found = [f"{path} without {blocked}: {fault}" for fault in unreadable(page, size)]
    page.close()
    return found


def told(page: Page) -> list[str]:
    """Sentences, tables and footers."""
    return page.locator("main :is(h2, tbody, footer)").all_text_contents()
